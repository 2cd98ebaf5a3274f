/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli_internal.h"

#include "cli/out.h"

#include <stdio.h>
#include <string.h>

/* The letters are what take_common() in opt.c goes by. */
const struct vss_opt vss_common_opts[] = {
	{ VSS_OPT_FLAG, 'q', "quiet", NULL, NULL, "say nothing but errors", 0, NULL },
	{ VSS_OPT_COUNT, 'v', "verbose", NULL, NULL, "say more; twice: everything", 0, NULL },
	{ VSS_OPT_FLAG, 'h', "help", NULL, NULL, "show this help and leave", 0, NULL },
	{ VSS_OPT_FLAG, 'V', "version", NULL, NULL, "show the version and leave", 0, NULL },
	VSS_END,
};

enum { WIDEST = 30 }; /* an option that is wider has its help on the next line */

static bool
is_end(const struct vss_opt *o)
{
	return o->kind == VSS_OPT_HEAD && !o->help;
}

static int
width_of(const struct vss_opt *o)
{
	return (int)(6 + 2 + strlen(o->name) + (o->arg ? 1 + strlen(o->arg) : 0));
}

static int
widest(const struct vss_opt *o, int most)
{
	for (; !is_end(o); o++)
		if (o->kind != VSS_OPT_HEAD && width_of(o) > most && width_of(o) <= WIDEST)
			most = width_of(o);
	return most;
}

static void
print_options(const struct vss_opt *o, int width)
{
	for (; !is_end(o); o++) {
		if (o->kind == VSS_OPT_HEAD) {
			vss_out("\n%s:\n", o->help);
			continue;
		}
		if (o->letter)
			vss_out("  -%c, ", o->letter);
		else
			vss_out("      ");
		vss_out("--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		int used = width_of(o);
		if (used > width) {
			vss_out("\n");
			used = 0;
		}
		vss_out("%*s%s\n", width - used + 2, "", o->help);
	}
}

void
vss_help_print(const struct vss_tool *tool)
{
	const char *const *line = tool->synopsis;
	vss_out("Usage: %s%s%s\n", tool->name, **line ? " " : "", *line);
	while (*++line)
		vss_out("       %s %s\n", tool->name, *line);
	vss_out("%s\n\nOptions:\n", tool->purpose);
	int width = widest(vss_common_opts, widest(tool->opts, 0));
	print_options(tool->opts, width);
	print_options(vss_common_opts, width);
	vss_out("\nSee %s(8); the tour is vss(7).\n", tool->name);
}

void
vss_version_print(const struct vss_tool *tool)
{
	vss_out("%s (vss-tools) %s\n", tool->name, VSS_VERSION);
}
