/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/front.h"
#include "front/import.h"

static struct vss_front_import i;

static const struct vss_opt opts[] = {
	VSS_ARG(0, "to", "DIR", &i.to, "where the copies are to be kept"),
	VSS_FLAG('n', "dry-run", &i.dry_run, "check all, and say what would be imported"),
	VSS_FLAG(0, "json", &i.json, "print what was imported as JSON"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... --to DIR DOCUMENT...", NULL };
static const struct vss_tool tool = {
	.name = "import-shadow",
	.synopsis = synopsis,
	.purpose = "Make the transportable shadow copies of another machine shadow copies of this one.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = UINT_MAX,
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
	i.documents = &args.operands;
	i.quiet = args.quiet;
	(void)vss_front_import_shadow(&i, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
