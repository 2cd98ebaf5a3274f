/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/front.h"
#include "front/volumes.h"
#include "os/volume.h"

static struct vss_front_list how;

static const struct vss_opt opts[] = {
	VSS_FRONT_LIST_OPTIONS(how),
	VSS_END,
};
static const char *const synopsis[] = { "[OPTION]...", NULL };
static const struct vss_tool tool = {
	.name = "list-volumes",
	.synopsis = synopsis,
	.purpose = "List the volumes that shadow copies can be made of.",
	.opts = opts,
};

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume_list volumes = { 0 };
	struct vss_args args;
	int status;

	if (vss_front_parse(&tool, argc, argv, &args, &status))
		return status;
	if (vss_volumes(false, &volumes, &err) == 0)
		(void)vss_front_volumes(&volumes, &how, &err);
	vss_volume_list_free(&volumes);
	vss_args_free(&args);
	return vss_finish(&err);
}
