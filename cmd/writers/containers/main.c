/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer.h"

#include "cli/opt.h"

#include <stdlib.h>

static const char *config_path;

static const struct vss_opt opts[] = {
	VSS_ARG('c', "config", "FILE", &config_path, "read this configuration"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "vss-writer-containers",
	.synopsis = synopsis,
	.purpose = "The writer of the volumes of containers; it is started by the tools and speaks vss-writer(7).",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct containers_writer s = { .undo = VSS_UNDO_NONE };
	struct vss_args args;
	int status;

	config_path = secure_getenv("VSS_WRITER_CONTAINERS_CONF");
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	s.config_path = config_path ? config_path : VSS_SYSCONFDIR "/writer-containers.conf";
	status = vss_sdk_run(&containers_writer_ops, &s);
	containers_writer_clear(&s);
	vss_args_free(&args);
	return status;
}
