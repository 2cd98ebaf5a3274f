/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backup.h"
#include "front/front.h"

static struct vss_front_restore r;

static const struct vss_opt opts[] = {
	VSS_ARG_X(0, "target", "DIR", &r.request.target, 1, "restore below this directory"),
	VSS_FLAG_X(0, "in-place", &r.request.in_place, 1, "restore to where it came from"),
	VSS_ARGS('w', "writer", "WRITER[:/COMPONENT]", &r.writers, "restore what this writer owns; may be repeated"),
	VSS_ARGS(0, "exclude-writer", "WRITER[:/COMPONENT]", &r.exclude_writers, "leave that out; may be repeated"),
	VSS_ARGS(0, "to", "OLD=NEW", &r.moves, "what came from below OLD goes below NEW; may be repeated"),
	VSS_CHOICE(0, "existing", "WHAT", &r.existing, vss_existing_by_word,
		"files that are there: refuse, skip, replace, keep-both"),
	VSS_ARG(0, "document", "FILE|DIR", &r.request.document, "use these documents for those of the archive"),
	VSS_FLAG(0, "trusted", &r.request.trusted,
		"take set-id bits, devices and what writers said from another machine"),
	VSS_ARG(0, "spool", "DIR", &r.request.spool, "keep an archive from a pipe there meanwhile"),
	VSS_ARGS(0, "restore-options", "WRITER[:/COMPONENT]=TEXT", &r.options, "tell the writer this"),
	VSS_ARGS(0, "authoritative", "WRITER[:/COMPONENT]", &r.authoritative, "it wins over other copies of it"),
	VSS_ARGS(0, "roll-forward", "WRITER[:/COMPONENT]=HOW", &r.roll_forward, "none, all, or up to a point"),
	VSS_ARGS(0, "restore-name", "WRITER[:/COMPONENT]=NAME", &r.restore_names, "restore it under another name"),
	VSS_FLAG('n', "dry-run", &r.request.dry_run, "say what would become of each file"),
	VSS_FLAG(0, "simulate", &r.request.dry_run, "the same"),
	VSS_FLAG(0, "json", &r.json, "print the report as JSON"),
	VSS_FRONT_PROGRESS_OPTION(r.progress),
	VSS_END,
};
static const char *const synopsis[] = {
	"[OPTION]... --target DIR ARCHIVE... [PATH|GLOB]...",
	"[OPTION]... --in-place [-w WRITER]... ARCHIVE... [PATH|GLOB]...",
	NULL,
};
static const struct vss_tool tool = {
	.name = "restore",
	.synopsis = synopsis,
	.purpose = "Restore an archive, with those that it builds on, or some of what is in it.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = UINT_MAX,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)vss_front_restore(&r, &args, &err);
	vss_front_restore_free(&r);
	vss_args_free(&args);
	return vss_finish(&err);
}
