/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/break.h"
#include "front/front.h"

static struct vss_front_break b;

static const struct vss_opt opts[] = {
	VSS_ARG(0, "name", "NAME", &b.name, "what the volume is called, beside the original one"),
	VSS_FLAG(0, "writable", &b.writable, "it can be written to"),
	VSS_FLAG('n', "dry-run", &b.dry_run, "say what would be done"),
	VSS_FLAG(0, "json", &b.json, "print what was done as JSON"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... ID", NULL };
static const struct vss_tool tool = {
	.name = "break-shadow",
	.synopsis = synopsis,
	.purpose = "Make shadow copies volumes of their own.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.changes = true,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	b.id = args.operands.v[0];
	b.quiet = args.quiet;
	(void)vss_front_break_shadow(&b, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
