/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "tree/walk.h"

#include <errno.h>
#include <linux/btrfs.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define WAY_OUT "(create-shadow --with-nested takes all but read-only snapshots)"
#define NAMED 5 /* a machine full of containers has hundreds */

static bool
is_in_set(const struct vss_provider_set *ps, uint64_t subvol_id)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].volume->subvol_id == subvol_id)
			return true;
	return false;
}

/*
 * The path of the subvolume `id`, whose entry stands in directory `dirid` of the tree of `fd`; of
 * its own, NULL when it is gone.
 */
static char *
nested_path(int fd, uint64_t id, uint64_t dirid)
{
	struct btrfs_ioctl_ino_lookup_user_args a = { .treeid = id, .dirid = dirid };

	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP_USER, &a) < 0)
		return NULL;
	return vss_strf("%s%s", a.path, a.name); /* the path ends with a slash, or is empty */
}

/* What is to be said: some paths, and how many there are. */
struct found {
	struct vss_buf names;
	size_t n;
};

static void
note(struct found *f, const char *path)
{
	if (f->n++ >= NAMED)
		return;
	VSS_AUTOFREE char *shown = vss_escaped(path);
	vss_buf_fmt(&f->names, "%s%s", f->n > 1 ? ", " : "", shown);
}

static void
say(const struct vss_volume *v, const struct found *f)
{
	if (f->n > NAMED)
		vss_warn("%s: subvolumes within it are empty directories in the copy: %s and %zu more " WAY_OUT, v->mount,
			f->names.data, f->n - NAMED);
	else if (f->n)
		vss_warn("%s: subvolumes within it are empty directories in the copy: %s " WAY_OUT, v->mount, f->names.data);
}

int
vss_btrfs_name_nested(const struct vss_provider_set *ps, const struct vss_volume *v, int source, struct vss_err *err)
{
	struct btrfs_ioctl_get_subvol_rootref_args a = { 0 };
	struct found f = { 0 };
	int r;

	do {
		r = ioctl(source, BTRFS_IOC_GET_SUBVOL_ROOTREF, &a);
		if (r < 0 && errno != EOVERFLOW) /* that is: there are more */
			break;
		for (unsigned i = 0; i < a.num_items; i++) {
			VSS_AUTOFREE char *path =
				is_in_set(ps, a.rootref[i].treeid)
					? NULL
					: nested_path(source, a.rootref[i].treeid, a.rootref[i].dirid);
			if (path && !vss_path_is_below(path, VSS_SHADOW_STORAGE))
				note(&f, path);
		}
	} while (r < 0);
	if (r < 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s: list its nested subvolumes", v->mount);
	else
		say(v, &f);
	vss_buf_free(&f.names);
	return r < 0 ? -1 : 0;
}
