/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

/* Each of these goes when its file is there. */
#define UNWRITTEN(name)                                                                                                \
	int name(struct shell *sh, const struct vss_strv *args, struct vss_err *err)                                   \
	{                                                                                                              \
		(void)sh, (void)args;                                                                                  \
		return vss_fail(err, VSS_UNSUPPORTED, 0, #name);                                                       \
	}

int
shell_interact(struct shell *sh, struct vss_err *err)
{
	(void)sh;
	return vss_fail(err, VSS_UNSUPPORTED, 0, "shell_interact");
}
