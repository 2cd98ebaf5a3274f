/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/create.h"
#include "front/front.h"

static struct vss_front_create c = { .writers.wait_s = VSS_FRONT_WAIT_DEFAULT };

static const struct vss_opt opts[] = {
	VSS_ARG(0, "context", "WORD", &c.context, "app-rollback, nas-rollback, client-accessible ..."),
	VSS_ARG(0, "attributes", "A,B,...", &c.attributes, "no-autorecovery, rollback-recovery, differential ..."),
	VSS_FRONT_PROVIDER_OPTIONS(c.writers, c.request),
	VSS_FRONT_WRITER_OPTIONS(c.writers, c.request),
	VSS_ARG(0, "note", "TEXT", &c.request.note, "keep this text with the set"),
	VSS_ARG(0, "tag", "NAME", &c.request.tag, "keep this name with the set"),
	VSS_FLAG(0, "with-nested", &c.request.with_nested, "the btrfs subvolumes within the volumes, too"),
	VSS_FLAG(0, "hold", &c.request.hold, "never let it expire"),
	VSS_FLAG(0, "persistent", &c.persistent, "keep the copy when the command behind -- has ended"),
	VSS_ARG(0, "write-env", "FILE", &c.write_env, "write the IDs and paths there, for a shell"),
	VSS_FLAG(0, "transportable", &c.transportable, "for another machine, see import-shadow(8)"),
	VSS_ARG(0, "document", "FILE", &c.document, "what that needs: the set, with a stream each beside it"),
	VSS_FLAG('n', "dry-run", &c.request.dry_run, "say what would be made"),
	VSS_FLAG(0, "json", &c.json, "print the set as JSON"),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... VOLUME...", "[OPTION]... VOLUME... -- COMMAND [ARG]...", NULL };
static const struct vss_tool tool = {
	.name = "create-shadow",
	.synopsis = synopsis,
	.purpose = "Make shadow copies of volumes, all at one instant where that is possible.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = UINT_MAX,
	.command_after = true,
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
	(void)vss_front_create_shadow(&c, &args, &err);
	vss_front_writers_free(&c.writers);
	vss_args_free(&args);
	return vss_finish(&err);
}
