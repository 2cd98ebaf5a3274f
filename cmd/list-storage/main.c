/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/storage.h"

static struct vss_front_storage which;
static struct vss_front_list how;

static const struct vss_opt opts[] = {
	VSS_ARG(0, "for", "VOLUME", &which.volume, "only storage of this volume's shadow copies"),
	VSS_ARG(0, "on", "STORAGE", &which.on, "only what lies there"),
	VSS_FRONT_LIST_OPTIONS(how),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "list-storage",
	.synopsis = synopsis,
	.purpose = "List what shadow copies take, volume by volume, and what they may take.",
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
	(void)vss_front_storage_list(&which, &how, &err);
	vss_args_free(&args);
	return vss_finish(&err);
}
