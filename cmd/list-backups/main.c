/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backups.h"
#include "front/front.h"

static struct vss_front_list how;
static bool members;
static uint64_t max_age_s = UINT64_MAX;

static const struct vss_opt opts[] = {
	VSS_FLAG(0, "members", &members, "list the files in one archive"),
	VSS_SPAN(0, "max-age", "SPAN", &max_age_s, "status 1 unless a good one is younger (26h, 7d)"),
	VSS_FRONT_LIST_OPTIONS(how),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]... FILE|DIR", NULL };
static const struct vss_tool tool = {
	.name = "list-backups",
	.synopsis = synopsis,
	.purpose = "List the archives in a directory, or what is in one, the oldest first.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
};

static int
list(const char *path, struct vss_err *err)
{
	struct vss_backup_infos infos = { 0 };
	if (members && (how.columns || max_age_s != UINT64_MAX))
		return vss_fail(err, VSS_USAGE, 0, "--members goes with --json only");
	if (members)
		return vss_front_members(path, how.json, err);
	int rc = vss_list_backups(path, &infos, err);
	if (rc == 0)
		rc = vss_front_backups(&infos, path, &how, err);
	if (rc == 0 && max_age_s != UINT64_MAX)
		rc = vss_front_backups_max_age(&infos, path, max_age_s, err);
	vss_backup_infos_free(&infos);
	return rc;
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)list(args.operands.v[0], &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
