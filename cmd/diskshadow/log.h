/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_LOG_H
#define DISKSHADOW_LOG_H

#include "base/err.h"

/**
 * /l LOG: what the shell shows from now on, and what is typed to it, in UTF-16LE with a mark.  It takes its name when
 * it is closed, whole and durable, in place of a file that is there.
 */
struct shell_log;
struct shell_log *shell_log_open(const char *path, struct vss_err *err);
/** What the terminal shows without us: what was typed, its prompt before it and an end of line behind it. */
void shell_log_typed(struct shell_log *l, const char *prompt, const char *line); /* NULL is fine */
/** Ends and frees it.  -1: not all of it was written, and the file that was there stays.  NULL is fine. */
int shell_log_close(struct shell_log *l, struct vss_err *err);

#endif
