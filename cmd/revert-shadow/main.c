/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/front.h"
#include "front/revert.h"

static struct vss_front_revert r;
static bool list;

static const struct vss_opt opts[] = {
	VSS_FLAG_X(0, "force", &r.force, 1, "although processes use the volume"),
	VSS_FLAG_X(0, "at-boot", &r.at_boot, 1, "when the machine starts next"),
	VSS_FLAG_X(0, "list", &list, 1, "list what is not over: it runs, or waits for the next start"),
	VSS_FLAG('n', "dry-run", &r.dry_run, "say what would be done"),
	VSS_FLAG(0, "json", &r.json, "print what was done, or the list, as JSON"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... ID", "--list [--json]", NULL };
static const struct vss_tool tool = {
	.name = "revert-shadow",
	.synopsis = synopsis,
	.purpose = "Put a volume back to a shadow copy of it.",
	.opts = opts,
	.max_operands = 1,
	.changes = true,
};

static int
run(const struct vss_args *args, struct vss_err *err)
{
	if (args->operands.n != !list)
		return vss_fail(err, VSS_USAGE, 0, "say the ID of a shadow copy, or --list");
	if (list)
		return vss_front_open_reverts(NULL, r.json, err);
	r.id = args->operands.v[0];
	r.quiet = args->quiet;
	return vss_front_revert_shadow(&r, err);
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)run(&args, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
