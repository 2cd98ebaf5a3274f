/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"
#include "front/front.h"
#include "requester/at_boot.h"

#include <stdio.h>

static const struct vss_opt opts[] = {
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "vss-restore-at-boot",
	.synopsis = synopsis,
	.purpose = "Move what was restored for the next start of the machine to its places.",
	.opts = opts,
	.changes = true,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	size_t moved, failed;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	if (vss_at_boot_commit(&moved, &failed, &err) == 0 && failed)
		vss_fail(&err, VSS_PARTIAL, 0, "%zu moved, %zu could not be", moved, failed);
	else if (err.code == VSS_OK && moved && !args.quiet)
		vss_out("%zu moved to their places\n", moved);
	vss_args_free(&args);
	return vss_finish(&err);
}
