/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_FIND_H
#define VSS_WRITER_REDIS_FIND_H

#include "config.h"

#include <sys/types.h>

/**
 * Add the servers whose configurations (NAME.conf) lie in `dir`: those that no line names yet, and for
 * others the path. Configurations of Sentinel, and ones to be ignored, are passed over.  No such
 * directory is fine.
 */
int find_instances(struct config *c, const char *dir, struct vss_err *err);

/**
 * A Redis process that works in the directory `dir`, as every server does in the one that its files
 * are in: its number; 0, there is none that we may look at.
 */
pid_t find_process(const char *dir);
/** Does the process `pid` work in `dir`, as we see it?  1 yes, 0 no, -1 it may not be looked at. */
int process_works_in(pid_t pid, const char *dir);
/** Is there a process whose number stands in this file? */
bool pidfile_lives(const char *path);

#endif
