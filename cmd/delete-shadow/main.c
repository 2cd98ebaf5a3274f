/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"
#include "front/front.h"

static struct vss_front_delete d = { .keep = VSS_FRONT_KEEP_NONE };

static const struct vss_opt opts[] = {
	VSS_ARG_X(0, "shadow", "ID", &d.wish.shadow, 1, "delete this shadow copy"),
	VSS_ARG_X(0, "set", "ID", &d.wish.set, 1, "delete all of this set"),
	VSS_ARG_X(0, "for", "VOLUME", &d.wish.volume, 1, "delete all of this volume"),
	VSS_FLAG(0, "oldest", &d.oldest, "with --for: only the oldest one"),
	VSS_FLAG_X(0, "all", &d.all, 1, "delete all"),
	VSS_FRONT_KEEP_OPTIONS(d.keep),
	VSS_ARG(0, "tag", "NAME", &d.tag, "with rules: only copies with this tag, else only those without one"),
	VSS_FLAG('n', "dry-run", &d.dry_run, "say what would be deleted"),
	VSS_FLAG(0, "json", &d.json, "print what was deleted as JSON"),
	VSS_END,
};
static const char *const synopsis[] = {
	"[OPTION]... ID...",
	"[OPTION]... --for VOLUME [--oldest]",
	"[OPTION]... --for VOLUME | --all --keep-last N ...",
	"[OPTION]... --all",
	NULL,
};
static const struct vss_tool tool = {
	.name = "delete-shadow",
	.synopsis = synopsis,
	.purpose = "Delete shadow copies, by their IDs or the ID of their set.",
	.opts = opts,
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
	d.ids = &args.operands;
	d.quiet = args.quiet;
	(void)vss_front_delete_shadows(&d, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
