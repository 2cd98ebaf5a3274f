/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backup.h"
#include "front/front.h"

static struct vss_front_backup b = { .writers.wait_s = VSS_FRONT_WAIT_DEFAULT };

static const struct vss_opt opts[] = {
	VSS_ARG('o', "output", "FILE|DIR|-", &b.request.output, "write the archive there; -: standard output"),
	VSS_CHOICE(0, "type", "TYPE", &b.type, vss_front_backup_type_by_word, "full (default), copy, log, incremental or differential"),
	VSS_ARG(0, "base", "ARCHIVE|DIR", &b.request.base, "what an increment builds on (default: newest in DIR of -o)"),
	VSS_ARG(0, "document", "FILE|DIR", &b.request.document, "keep the documents there too"),
	VSS_FLAG(0, "replace", &b.request.replace, "let it take the place of an archive that is there"),
	VSS_FRONT_WRITER_OPTIONS(b.writers, b.request),
	VSS_ARGS(0, "exclude", "GLOB", &b.excludes, "leave out what it matches; may be repeated"),
	VSS_FLAG(0, "exclude-caches", &b.request.exclude_caches, "leave out what is in directories with a CACHEDIR.TAG"),
	VSS_FLAG(0, "exclude-nodump", &b.request.exclude_nodump, "leave out what chattr +d marks"),
	VSS_ARGS(0, "exclude-from", "FILE", &b.exclude_from, "the same for each line of a file"),
	VSS_ARGS(0, "files-from", "FILE", &b.files_from,
		"each line, or part that ends in NUL, is a PATH; -: standard input"),
	VSS_ARG(0, "from-shadow", "SET", &b.request.from_shadow, "archive a shadow copy set that is there; no writer is asked"),
	VSS_FLAG('x', "one-file-system", &b.request.one_file_system, "leave out what is mounted below a PATH"),
	VSS_FRONT_PROVIDER_OPTIONS(b.writers, b.request),
	VSS_ARG(0, "scratch", "DIR", &b.request.scratch, "where writers put dumps and logs on their way to the archive"),
	VSS_NUM(0, "level", "N", &b.level, "level of compression, 1 to 22 (default 3)"),
	VSS_NUM(0, "threads", "N", &b.threads, "threads that compress (default: one per processor)"),
	VSS_FLAG('n', "dry-run", &b.request.dry_run, "say what would be done"),
	VSS_FLAG(0, "json", &b.json, "print the report as JSON"),
	VSS_FRONT_PROGRESS_OPTION(b.progress),
	VSS_END,
};
static const char *const synopsis[] = {
	"[OPTION]... -o FILE|DIR|- [-w WRITER]... [PATH]...",
	"[OPTION]... [-w WRITER]... [PATH]... -- COMMAND [ARG]...",
	NULL,
};
static const struct vss_tool tool = {
	.name = "backup",
	.synopsis = synopsis,
	.purpose = "Back up paths and the data of writers, as they are at one instant, to one archive.",
	.opts = opts,
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
	(void)vss_front_backup(&b, &args, &err);
	vss_front_backup_free(&b);
	vss_args_free(&args);
	return vss_finish(&err);
}
