/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "copies/revert.h"
#include "front/front.h"
#include "requester/at_boot.h"

static bool list;

static const struct vss_opt opts[] = {
	VSS_FLAG(0, "list", &list, "only say what waits"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "vss-restore-at-boot",
	.synopsis = synopsis,
	.purpose = "Do what was left for the next start of the machine: move restored files, put volumes back.",
	.opts = opts,
	.changes = true,
};

static int
print_stage(void *ctx, const char *id, const char *what, size_t files, struct vss_err *err)
{
	VSS_AUTOFREE char *shown = vss_out_name(what);

	(void)ctx;
	(void)err;
	vss_out("%s  %s: %zu to be moved\n", id, shown, files);
	return 0;
}

static void
commit(bool quiet, struct vss_err *err)
{
	size_t moved, failed, reverted, not_reverted;

	/* What was restored on top of a volume's old state waits until the volume has that state. */
	vss_copies_finish_reverts(true, &reverted, &not_reverted);
	if (reverted && !quiet)
		vss_out("%zu put back to their shadow copies\n", reverted);
	if (vss_at_boot_commit(&moved, &failed, err) < 0)
		return;
	if (not_reverted)
		vss_fail(err, VSS_PARTIAL, 0, "%zu volumes could not be put back to their shadow copies", not_reverted);
	else if (failed)
		vss_fail(err, VSS_PARTIAL, 0, "%zu moved, %zu could not be", moved, failed);
	else if (moved && !quiet)
		vss_out("%zu moved to their places\n", moved);
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	if (list)
		(void)vss_at_boot_pending(print_stage, NULL, &err);
	else
		commit(args.quiet, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
