/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies.h"
#include "front/front.h"
#include "front/shadows.h"

static struct vss_front_list how;
static struct vss_front_wish wish;

static const struct vss_opt opts[] = {
	VSS_ARG(0, "for", "VOLUME", &wish.volume, "only shadow copies of this volume"),
	VSS_ARG(0, "shadow", "ID", &wish.shadow, "only this shadow copy"),
	VSS_ARG(0, "set", "ID", &wish.set, "only those of this set"),
	VSS_FRONT_LIST_OPTIONS(how),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "list-shadows",
	.synopsis = synopsis,
	.purpose = "List shadow copies, set by set, the oldest first.",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set_list sets = { 0 };
	struct vss_front_found found = { 0 };
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	if (vss_copies_list(&sets, &err) == 0 && vss_front_find(&sets, &wish, &found, &err) == 0)
		(void)vss_front_shadows(&found, &how, &err);
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	vss_args_free(&args);
	return vss_finish(&err);
}
