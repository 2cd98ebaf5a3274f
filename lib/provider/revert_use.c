/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/revert_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/users.h"

#include <poll.h>
#include <string.h>

static int
refuse_self(const char *mount, bool is_root, struct vss_err *err)
{
	return vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
		is_root ? "%s: it is the root of the running system: have it put back when the machine starts next, "
			  "with "
			  "--at-boot"
			: "%s: this program itself, or a library of it, lies there: have it put back when the machine "
			  "starts "
			  "next, with --at-boot",
		mount);
}

/* Who only looks at all volumes, as our own tools do, is gone in a moment. */
static int
find_users(
	const struct vss_provider_revert *how, dev_t dev, const char *below, struct vss_users *out, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + VSS_REVERT_PATIENCE_MS * VSS_MS;

	for (;;) {
		if (vss_users_of(dev, below, out, err) < 0)
			return -1;
		if (!out->n || how->force || out->self_runs || vss_now_mono() >= deadline)
			return 0;
		vss_users_free(out);
		poll(NULL, 0, VSS_REVERT_TURN_MS);
	}
}

int
vss_revert_check_use(const struct vss_provider_revert *how, dev_t dev, const char *below, struct vss_err *err)
{
	struct vss_users users;
	int rc = 0;

	if (!how->mount || how->at_boot)
		return 0;
	if (strcmp(how->mount, "/") == 0)
		return refuse_self(how->mount, true, err);
	if (find_users(how, dev, below, &users, err) < 0)
		return -1;
	VSS_AUTOFREE char *names = vss_users_text(&users);
	if (users.self_runs)
		rc = refuse_self(how->mount, false, err);
	else if (users.n && !how->force)
		rc = vss_fail(err, VSS_E_VOLUME_IN_USE, 0, "%s: it is in use by %s", how->mount, names);
	vss_users_free(&users);
	return rc;
}
