/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies.h"
#include "front/copies.h"
#include "front/front.h"
#include "front/shadows.h"

static struct vss_front_expose e;
static bool list, json;

static const struct vss_opt opts[] = {
	VSS_ARG_X(0, "share", "NAME", &e.share, 1, "share it through Samba by this name, instead of a path"),
	VSS_ARG(0, "within", "DIR", &e.within, "with --share: only this directory of it"),
	VSS_ARG_X(0, "unshare", "NAME", &e.unshare, 1, "end this share"),
	VSS_ARG_X(0, "remove", "PATH", &e.remove, 1, "take away the shadow copy that is exposed there"),
	VSS_FLAG_X(0, "list", &list, 1, "list the shadow copies that are exposed"),
	VSS_FLAG(0, "json", &json, "with --list: print JSON"),
	VSS_FLAG('n', "dry-run", &e.dry_run, "say what would be done"),
	VSS_END,
};
static const char *const synopsis[] = {
	"[OPTION]... ID PATH",
	"[OPTION]... --share NAME [--within DIR] ID",
	"[OPTION]... --remove PATH | --unshare NAME",
	"--list [--json]",
	NULL,
};
static const struct vss_tool tool = {
	.name = "expose-shadow",
	.synopsis = synopsis,
	.purpose = "Show a shadow copy read-only at a path, or as a share.",
	.opts = opts,
	.max_operands = 2,
	.changes = true,
};

static int
list_exposed(struct vss_err *err)
{
	const struct vss_front_wish all = { 0 };
	struct vss_set_list sets = { 0 };
	struct vss_front_found found = { 0 };
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = vss_front_find(&sets, &all, &found, err);
	if (rc == 0)
		vss_front_exposed(&found, json);
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	return rc;
}

static int
run(const struct vss_args *args, struct vss_err *err)
{
	const struct vss_strv *words = &args->operands;
	size_t wanted = e.remove || e.unshare || list ? 0 : e.share ? 1 : 2;
	if (words->n != wanted)
		return vss_fail(err, VSS_USAGE, 0,
			"say ID and PATH, or --share NAME and ID, or --remove PATH, or --unshare NAME, or --list");
	if (json && !list)
		return vss_fail(err, VSS_USAGE, 0, "--json needs --list");
	if (e.within && !e.share)
		return vss_fail(err, VSS_USAGE, 0, "--within needs --share");
	if (list)
		return list_exposed(err);
	e.quiet = args->quiet;
	e.id = words->n ? words->v[0] : NULL;
	e.path = words->n == 2 ? words->v[1] : NULL;
	return vss_front_expose_shadow(&e, err);
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)run(&args, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
