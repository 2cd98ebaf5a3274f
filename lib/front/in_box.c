/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/in_box.h"

#include "cli/opt.h"

#include <stdlib.h>

int
vss_front_in_box(const struct vss_in_box *b, int argc, char **argv)
{
	static const char *const synopsis[] = { "[OPTION]...", NULL };
	static const char *path;
	static const struct vss_opt opts[] = {
		VSS_ARG('c', "config", "FILE", &path, "read this configuration"),
		VSS_END,
	};
	const struct vss_tool tool = { .name = b->name, .synopsis = synopsis, .purpose = b->purpose, .opts = opts };
	struct vss_args args;
	int status;

	path = secure_getenv(b->variable);
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	*b->config_path = path ? path : b->config;
	status = vss_sdk_run(b->ops, b->self);
	vss_args_free(&args);
	return status;
}
