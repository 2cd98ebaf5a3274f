/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_STOP_H
#define VSS_BASE_STOP_H

/**
 * Named stop points: places where tests kill or hold a program to prove what it leaves behind.
 *
 * VSS_STOP_AT=NAME[:ACTION][,NAME[:ACTION]...] in the environment (ignored when set-uid) makes the process, on reaching
 * `NAME`, first write "NAME PID\n" to the file named by VSS_STOP_LOG if that is set, then do ACTION: `kill` (SIGKILL to itself, the
 * default), `stop` (SIGSTOP: wait for whoever watches), `exit` (leave with status 1 at once), `term` or `int` (the signal, to itself), `note` (write the log line only).
 * Without the variable this costs one comparison.  The names in use are listed in lib/base/STOPS, which a test checks.
 */
void vss_stop_point(const char *name);

#endif
