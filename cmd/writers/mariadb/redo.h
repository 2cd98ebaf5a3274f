/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_REDO_H
#define VSS_WRITER_MARIADB_REDO_H

#include "server.h"

#include <stdint.h>

/**
 * Wait until all that was acknowledged is in InnoDB's log file.  A server with innodb_flush_log_at_trx_commit=0 writes it
 * once a second: until then it is in the memory of the process, where no shadow copy finds it, and nothing makes the
 * server hurry.  Commits are stopped.  VSS_BUSY when the monotonic `deadline` passes.
 */
int redo_wait(struct server *s, int64_t deadline, struct vss_err *err);

#endif
