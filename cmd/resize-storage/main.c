/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/storage.h"

static struct vss_front_resize r;

static const struct vss_opt opts[] = {
	VSS_ARG(0, "for", "VOLUME", &r.which.volume, "whose shadow copies"),
	VSS_ARG(0, "on", "STORAGE", &r.which.on, "only those that lie there"),
	VSS_ARG(0, "max-size", "SIZE", &r.max_size, "40G, 20%, UNBOUNDED; 0: take the limit back"),
	VSS_NUM(0, "max-copies", "N", &r.max_copies, "so many are kept"),
	VSS_FLAG('n', "dry-run", &r.dry_run, "say what would be deleted"),
	VSS_FLAG(0, "json", &r.json, "print what was deleted as JSON"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... --for VOLUME", NULL };
static const struct vss_tool tool = {
	.name = "resize-storage",
	.synopsis = synopsis,
	.purpose = "Limit what the shadow copies of a volume may take; the oldest go.",
	.opts = opts,
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
	r.quiet = args.quiet;
	(void)vss_front_storage_resize(&r, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
