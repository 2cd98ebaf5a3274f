/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_ENVIRONMENT_H
#define VSS_WRITER_OPENLDAP_ENVIRONMENT_H

#include "base/err.h"

/**
 * An LMDB environment from outside, without opening it: whoever has it open keeps a lock on the first
 * byte of lock.mdb. 1 in use, *pid says by whom (0: by somebody in another PID namespace); 0 not in
 * use, or not there; -1 with *err.
 */
int environment_in_use(const char *directory, long *pid, struct vss_err *err);

/**
 * The program that holds one environment for its parent: as the owner of its data file, open it, begin
 * a write transaction, say on standard output `held KEY=VALUE...`, or `failed REASON`, and keep it
 * until standard input ends or `ms` have passed.  Nothing is written.  The status to exit with.
 *
 * The lock is a robust mutex in lock.mdb: when this process is killed, the next one that wants to write
 * gets it.
 */
int environment_hold(const char *directory, long ms);

#endif
