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
	.name = "vss-writer-postgresql",
	.synopsis = synopsis,
	.purpose = "The writer of PostgreSQL clusters; it is started by the tools and speaks vss-writer(7).",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct postgresql_writer s = { 0 };
	struct vss_args args;
	int status;

	config_path = secure_getenv("VSS_WRITER_POSTGRESQL_CONF");
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	s.config_path = config_path ? config_path : VSS_SYSCONFDIR "/writer-postgresql.conf";
	status = vss_sdk_run(&postgresql_writer_ops, &s);
	postgresql_writer_clear(&s);
	vss_args_free(&args);
	return status;
}
