/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/opt.h"
#include "freeze/freeze.h"

#include <unistd.h>

static bool dry_run;

static const struct vss_opt opts[] = {
	VSS_FLAG('n', "dry-run", &dry_run, "say what would be thawed"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "thaw-volumes",
	.synopsis = synopsis,
	.purpose = "Let go of whatever a killed run left held.",
	.opts = opts,
	.changes = true,
};

static int
thaw(struct vss_err *err)
{
	unsigned n;
	/* Looking, too: the records are root's alone. */
	if (geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "only root may do this");
	return dry_run ? vss_freeze_left(&n, err) : vss_freeze_repair(&n, err);
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)thaw(&err);
	vss_args_free(&args);
	return vss_finish(&err);
}
