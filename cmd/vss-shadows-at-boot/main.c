/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies.h"
#include "front/front.h"

static const struct vss_opt opts[] = { VSS_END };
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "vss-shadows-at-boot",
	.synopsis = synopsis,
	.purpose = "Make the paths of shadow copies again that the start of the machine has taken away.",
	.opts = opts,
	.changes = true,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	size_t failed;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	if (vss_copies_at_boot(&failed, &err) == 0 && failed)
		vss_fail(&err, VSS_PARTIAL, 0, "%zu shadow cop%s could not be shown again", failed,
			failed == 1 ? "y" : "ies");
	vss_args_free(&args);
	return vss_finish(&err);
}
