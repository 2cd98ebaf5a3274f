/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

bool
vss_session_can_hold(const struct vss_volume *v, struct vss_err *why)
{
	vss_fail(why, VSS_UNSUPPORTED, 0, "%s: there is no freezer", v->mount);
	return false;
}
