/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/front.h"

#include "os/interrupt.h"

#include <stdlib.h>
#include <unistd.h>

int
vss_front_need_root(struct vss_err *err)
{
	const char *fake = secure_getenv("VSS_FAKE_VOLUMES");
	if (geteuid() != 0 && !(fake && *fake))
		return vss_fail(err, VSS_DENIED, 0, "only root may do this");
	return 0;
}

int
vss_front_parse(const struct vss_tool *tool, int argc, char **argv, struct vss_args *out, int *status)
{
	struct vss_err err = VSS_ERR_INIT;
	if (vss_parse(tool, argc, argv, out, status))
		return 1;
	if (!tool->changes || (vss_front_need_root(&err) == 0 && vss_interrupt_catch(&err) == 0))
		return 0;
	*status = vss_finish(&err);
	vss_args_free(out);
	return 1;
}

static bool was_none;

void
vss_front_none(void)
{
	vss_out("No items found that satisfy the query.\n");
	was_none = true;
}

bool
vss_front_was_none(void)
{
	return was_none;
}
