/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "model/vocabulary.h"
#include "tree/beneath.h"
#include "tree/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copying {
	const struct vss_provider_set *ps;
	struct vss_provider_volume *v;
	int to;
};

static int
stop_when_cancelled(void *ctx, struct vss_err *err)
{
	const struct copying *c = ctx;
	return atomic_load(&c->ps->cancelled) ? vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up") : 0;
}

/*
 * A copy that lacks a file would pass for the volume: it may only where whoever reads it is told.  What
 * stands in for the file lets him come by its name.
 */
static int
lose(void *ctx, const char *path, mode_t type, struct vss_err *err)
{
	const struct copying *c = ctx;
	struct vss_provider_volume *v = c->v;

	if (!c->ps->accept_lost)
		return -1;
	if (v->nlost == VSS_PROVIDER_LOST_MAX)
		return vss_wrap(err, "cannot be read, nor can %d others, too many to go on without them",
			VSS_PROVIDER_LOST_MAX);
	VSS_PUSH(v->lost, v->nlost, v->clost) =
		(struct vss_provider_lost){ .path = vss_strdup(path), .type = type, .why = vss_strdup(err->text) };
	return *path ? vss_store_stand_in(c->to, path, err) : 0;
}

/*
 * Where the mounted directory stands in the copy: a bind mount shows a part of its volume, and
 * copies have the volume's layout.
 */
static int
open_target(int shadow_dirfd, const struct vss_volume *v, struct vss_err *err)
{
	const char *base;

	if (mkdirat(shadow_dirfd, VSS_STORE_COPY, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make the copy");
	VSS_AUTOCLOSE int copy = openat(shadow_dirfd, VSS_STORE_COPY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (copy < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open the copy");
	if (!v->subpath || !*v->subpath)
		return vss_take_fd(&copy);
	VSS_AUTOCLOSE int parent = vss_open_parent(copy, v->subpath, true, &base, err);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, base, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make %s in the copy", v->subpath);
	return vss_open_beneath(parent, base, O_RDONLY | O_DIRECTORY, 0, err);
}

/* Change times of other machines and of user space mean what these want. */
static bool
has_honest_times(const struct vss_volume *v)
{
	return !v->network && !vss_str_starts(v->fstype, "fuse");
}

int
vss_clone_copy(const struct vss_provider_set *ps, struct vss_provider_volume *v, int shadow_dirfd, struct vss_err *err)
{
	struct copying c = { .ps = ps, .v = v };
	const struct vss_copy_options o = {
		.only = v->only,
		.nonly = v->nonly,
		.check = true,
		.owner_if_can = geteuid() != 0,
		.poll = stop_when_cancelled,
		.trouble = lose,
		.ctx = &c,
	};
	struct vss_copy_report report = { 0 };
	struct vss_clone_moment start;

	VSS_AUTOCLOSE int from = open(v->volume->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open it");
	VSS_AUTOCLOSE int to = open_target(shadow_dirfd, v->volume, err);
	c.to = to;
	vss_clone_now(&start);
	if (to < 0 || vss_copy_tree(from, to, &o, &report, err))
		return -1;
	bool still = report.changed == 0 && has_honest_times(v->volume);
	if (still && vss_clone_still(from, v, &start, &still, err))
		return -1;
	v->fuzzy = true;
	v->still = still;
	v->attributes = VSS_ATTR_PLEX;
	v->committed_ns = vss_now_mono();
	return 0;
}
