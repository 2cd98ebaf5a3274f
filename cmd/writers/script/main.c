/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "cli/opt.h"

#include <stdlib.h>

static const char *config_path;

static const struct vss_opt opts[] = {
	VSS_ARG('c', "config", "FILE", &config_path, "read this configuration"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "vss-writer-script",
	.synopsis = synopsis,
	.purpose = "The writer that runs scripts which others have brought; it is started by the tools and speaks "
		   "vss-writer(7).",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct script_writer s = { .undo = VSS_UNDO_NONE };
	struct vss_args args;
	int status;

	config_path = secure_getenv("VSS_WRITER_SCRIPT_CONF");
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	s.config_path = config_path ? config_path : VSS_SYSCONFDIR "/writer-script.conf";
	status = vss_sdk_run(&script_writer_ops, &s);
	pairs_clear(&s.pairs);
	vss_args_free(&args);
	return status;
}
