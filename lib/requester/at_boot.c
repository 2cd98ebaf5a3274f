/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/at_boot.h"

struct vss_at_boot *
vss_at_boot_new(const char *what, struct vss_err *err)
{
	vss_fail(err, VSS_UNSUPPORTED, 0, "%s: nothing moves files at the next boot here", what);
	return 0;
}

char *
vss_at_boot_place(struct vss_at_boot *b, const char *target, struct vss_err *err)
{
	(void)b;
	vss_fail(err, VSS_UNSUPPORTED, 0, "%s: nothing moves files at the next boot here", target);
	return 0;
}

int
vss_at_boot_seal(struct vss_at_boot *b, struct vss_err *err)
{
	(void)b;
	return vss_fail(err, VSS_UNSUPPORTED, 0, "nothing moves files at the next boot here");
}

void
vss_at_boot_free(struct vss_at_boot *b)
{
	(void)b;
}
