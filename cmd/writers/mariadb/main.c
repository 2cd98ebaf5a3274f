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
	.name = "vss-writer-mariadb",
	.synopsis = synopsis,
	.purpose = "The writer of MariaDB and MySQL; it is started by the tools and speaks vss-writer(7).",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct mariadb_writer m = { .config = CONFIG_INIT };
	struct vss_args args;
	int status;

	config_path = secure_getenv("VSS_WRITER_MARIADB_CONF");
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	m.config_path = config_path ? config_path : VSS_SYSCONFDIR "/writer-mariadb.conf";
	status = vss_sdk_run(&mariadb_writer_ops, &m);
	mariadb_writer_clear(&m);
	vss_args_free(&args);
	return status;
}
