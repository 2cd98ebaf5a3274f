/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backup.h"
#include "front/backups.h"
#include "front/front.h"

static struct vss_front_verify how;

static const struct vss_opt opts[] = {
	VSS_FLAG(0, "chain", &how.chain, "all that it builds on, too"),
	VSS_FLAG(0, "json", &how.json, "print the report as JSON"),
	VSS_FRONT_PROGRESS_OPTION(how.progress),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... ARCHIVE", NULL };
static const struct vss_tool tool = {
	.name = "verify-backup",
	.synopsis = synopsis,
	.purpose = "Read all of an archive and check every byte of it.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)vss_front_verify(args.operands.v[0], &how, &args, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
