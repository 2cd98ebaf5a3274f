/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/front.h"
#include "front/volumes.h"

static struct vss_front_list how;

static const struct vss_opt opts[] = {
	VSS_FRONT_LIST_OPTIONS(how),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "list-providers",
	.synopsis = synopsis,
	.purpose = "List the providers, which make shadow copies.",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	(void)vss_front_providers(&how, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
