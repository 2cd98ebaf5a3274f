/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_INTERRUPT_H
#define VSS_OS_INTERRUPT_H

#include "base/err.h"

#include <stdbool.h>

/**
 * SIGINT, SIGTERM and SIGHUP as a flag and a descriptor, for programs that have something to undo.  SIGPIPE is ignored.
 * SIGINT and SIGHUP that were ignored before (nohup, a shell's `&`) stay ignored.  Blocking calls end with EINTR (no SA_RESTART); threads
 * that are not to see that block the signals before they start.
 */
int vss_interrupt_catch(struct vss_err *err); /* install, once per process */
bool vss_interrupted(void);
int vss_interrupt_signal(void); /* which: SIGTERM or SIGHUP, once there was one, else SIGINT; 0: none */
/** The last signal was a key of the terminal's: then all that run in its foreground have it, too. */
bool vss_interrupt_by_terminal(void);
int vss_interrupt_fd(void); /* readable once interrupted (never drained); -1 when not installed */
/** 0, or -1 with VSS_INTERRUPTED: for loops that do long work. */
int vss_check_interrupt(struct vss_err *err);
/** Forget an interruption that was dealt with (the shell). */
void vss_interrupt_clear(void);

#endif
