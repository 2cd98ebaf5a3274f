/* SPDX-License-Identifier: BSD-2-Clause */
#include "shell.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static const struct vss_opt opts[] = { VSS_END };
static const char *const synopsis[] = { "[/s SCRIPT [PARAMETER]...] [/l LOG]", NULL };
static const struct vss_tool tool = {
	.name = "diskshadow",
	.synopsis = synopsis,
	.purpose = "Make and manage shadow copies by commands, typed or from a script.",
	.opts = opts,
	.changes = true,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct shell sh = { 0 };
	struct vss_args args;
	int status;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	while (!sh.leaving && (n = getline(&line, &cap, stdin)) > 0) {
		line[n - 1] = 0;
		if (shell_line(&sh, line, false, &err) < 0)
			break;
	}
	free(line);
	shell_reset(&sh);
	vss_args_free(&args);
	return vss_finish(&err);
}
