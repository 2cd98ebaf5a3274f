/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"

#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "front/front.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char *
absolute(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *cwd = getcwd(NULL, 0);
	if (!cwd) {
		vss_fail(err, VSS_SYSTEM, errno, "current directory");
		return NULL;
	}
	return vss_path_clean(path, cwd);
}

static void
tell(const struct vss_front_expose *e, const char *what, const char *name)
{
	VSS_AUTOFREE char *shown = vss_out_name(name);
	if (e->dry_run)
		vss_out("Would %s %s.\n", what, shown);
	else if (!e->quiet)
		vss_out("The shadow copy was successfully %s %s.\n", what, shown);
}

static int
unexpose(const struct vss_front_expose *e, struct vss_err *err)
{
	VSS_AUTOFREE char *path = absolute(e->remove, err);
	if (!path || (!e->dry_run && vss_copies_unexpose(path, err)))
		return -1;
	tell(e, e->dry_run ? "take away the shadow copy at" : "taken away from", path);
	return 0;
}

static int
unshare(const struct vss_front_expose *e, struct vss_err *err)
{
	if (!e->dry_run && vss_copies_unshare(e->unshare, err))
		return -1;
	tell(e, e->dry_run ? "end the share" : "taken away from the share", e->unshare);
	return 0;
}

static int
show(const struct vss_front_expose *e, struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOFREE char *path = e->share ? NULL : absolute(e->path, err);
	if (!e->share && !path)
		return -1;
	if (!e->dry_run && (e->share ? vss_copies_share(s, e->share, e->within, err) : vss_copies_expose(s, path, err)))
		return -1;
	if (e->share)
		tell(e, e->dry_run ? "share the shadow copy as" : "shared as", e->share);
	else
		tell(e, e->dry_run ? "expose the shadow copy as" : "exposed as", path);
	return 0;
}

static int
expose(const struct vss_front_expose *e, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };
	struct vss_set *set;
	size_t index;
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = vss_copies_find_shadow(&sets, e->id, &set, &index, err);
	if (rc == 0)
		rc = show(e, &set->shadows[index], err);
	vss_set_list_free(&sets);
	return rc;
}

int
vss_front_expose_shadow(const struct vss_front_expose *e, struct vss_err *err)
{
	if (!e->dry_run)
		vss_copies_reap();
	if (e->unshare)
		return unshare(e, err);
	return e->remove ? unexpose(e, err) : expose(e, err);
}
