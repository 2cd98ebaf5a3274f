/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISKSHADOW_COMMAND_LINE_H
#define DISKSHADOW_COMMAND_LINE_H

#include "front/front.h"

/** `diskshadow [/s SCRIPT [PARAMETER]...] [/l LOG]`, in each of its spellings. */
struct command_line {
	const char *script, *log; /* NULL: not given */
	struct vss_args args;	  /* its operands are the script's parameters */
	struct vss_strv words;	  /* what the others point into */
};
/** As vss_front_parse(): 0, or 1 with the status to leave with. */
int command_line_read(struct command_line *c, int argc, char **argv, int *status);
void command_line_free(struct command_line *c);

#endif
