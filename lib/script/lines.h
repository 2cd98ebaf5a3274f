/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SCRIPT_LINES_H
#define VSS_SCRIPT_LINES_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

/**
 * The lines of a script, from a descriptor: bytes or UTF-8 with or without a mark, or UTF-16LE with a mark; LF or CRLF, the
 * last line with or without its end.  Lines are handed out as they come, so that a pipe can be a conversation.
 */
#define VSS_SCRIPT_LINE_MAX 65536u   /* bytes of a line, as UTF-8 */
#define VSS_SCRIPT_LINES_MAX 100000u /* lines of a script that is read whole */

struct vss_lines;
/** Reads from `fd`, which stays the caller's.  `stop_fd`: what makes the reading end with VSS_INTERRUPTED when it is
 * readable; or -1. */
struct vss_lines *vss_lines_new(int fd, int stop_fd);
void vss_lines_free(struct vss_lines *l);
/**
 * 1: *line is the next line without its end (UTF-8 or, of a script in bytes, those); 0: there is no other; -1: VSS_INVALID
 * for a NUL byte, a longer line, or broken UTF-16; VSS_SYSTEM, VSS_INTERRUPTED.
 */
int vss_lines_next(struct vss_lines *l, struct vss_buf *line, struct vss_err *err);
/** The number of the line that was handed out last, or could not be; from 1. */
size_t vss_lines_number(const struct vss_lines *l);

#endif
