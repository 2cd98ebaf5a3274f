/* SPDX-License-Identifier: BSD-2-Clause */
#include "environment.h"
#include "writer.h"

#include "cli/opt.h"

#include <limits.h>
#include <stdlib.h>

static const char *config_path, *hold;
static uint64_t hold_ms = 60000;

static const struct vss_opt opts[] = {
	VSS_ARG('c', "config", "FILE", &config_path, "read this configuration"),
	VSS_ARG(0, "hold", "DIR", &hold, "keep the database in DIR from being written to until standard input ends"),
	VSS_NUM(0, "hold-ms", "MS", &hold_ms, "with --hold: or until so many milliseconds have passed"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "vss-writer-openldap",
	.synopsis = synopsis,
	.purpose = "The writer of OpenLDAP servers; it is started by the tools and speaks vss-writer(7).",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct openldap_writer o = { .config = CONFIG_INIT };
	struct vss_args args;
	int status;

	config_path = secure_getenv("VSS_WRITER_OPENLDAP_CONF");
	if (vss_parse(&tool, argc, argv, &args, &status) != 0)
		return status;
	vss_args_free(&args);
	if (hold)
		return environment_hold(hold, hold_ms < INT_MAX ? (long)hold_ms : INT_MAX);
	o.config_path = config_path ? config_path : VSS_SYSCONFDIR "/writer-openldap.conf";
	status = vss_sdk_run(&openldap_writer_ops, &o);
	openldap_writer_clear(&o);
	return status;
}
