/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Subvolumes that are only a directory of the one around them.  They are volumes like those that are mounted: a
 * copy of the outer one has an empty directory in their place.
 */

/* The subvolume at `path` below the mount of `outer`, whose root is `fd`; of its own; NULL: it says nothing of itself. */
static struct vss_volume *
nested_volume(const struct vss_volume *outer, const char *path, int fd, const struct stat *st)
{
	struct vss_volume *v = vss_volume_copy(outer);

	free(v->id);
	free(v->subpath);
	v->id = v->subpath = NULL;
	free(v->mount);
	v->mount = vss_strdup(path);
	free(v->fs_root);
	v->fs_root = vss_path_join(outer->fs_root, vss_path_below(path, outer->mount));
	v->nested = true;
	v->shadow = v->shadow || strstr(v->fs_root, "/.vss-shadows/");
	vss_volume_identify_btrfs(v, fd, st);
	if (v->id)
		return v;
	vss_volume_free(v);
	return NULL;
}

/* The root of the subvolume that the open file `fd` lies in, by the path it was opened by; of its own, or NULL. */
static char *
subvolume_root(int fd, dev_t dev)
{
	VSS_AUTOFREE char *link = vss_strf("/proc/self/fd/%d", fd);
	char real[PATH_MAX];
	struct stat st;
	ssize_t n = readlink(link, real, sizeof real - 1);

	if (n <= 0)
		return NULL;
	real[n] = '\0';
	if (stat(real, &st) < 0 || st.st_dev != dev)
		return NULL;
	char *at = vss_strdup(real);
	while (strcmp(at, "/") != 0) {
		VSS_AUTOFREE char *up = vss_path_dir(at);
		if (stat(up, &st) < 0 || st.st_dev != dev)
			break;
		free(at);
		at = vss_take(&up);
	}
	return at;
}

struct vss_volume *
vss_volume_around(const struct vss_volume *outer, int fd)
{
	struct stat st;

	if (strcmp(outer->fstype, "btrfs") != 0 || fstat(fd, &st) < 0 || st.st_dev == outer->dev)
		return NULL;
	VSS_AUTOFREE char *path = subvolume_root(fd, st.st_dev);
	if (!path || !vss_path_is_below(path, outer->mount) || strcmp(path, outer->mount) == 0)
		return NULL;
	VSS_AUTOCLOSE int root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0 || fstat(root, &st) < 0 || st.st_ino != BTRFS_FIRST_FREE_OBJECTID)
		return NULL;
	return nested_volume(outer, path, root, &st);
}

/* --- all of them --- */

/* The directory in which the subvolume `id` is an entry, and its name there; relative to `fd`; NULL: not below it. */
static char *
path_below(int fd, uint64_t id, uint64_t dirid)
{
	struct btrfs_ioctl_ino_lookup_user_args a = { .treeid = id, .dirid = dirid };

	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP_USER, &a) < 0)
		return NULL;
	return vss_strf("%s%s", a.path, a.name); /* the path ends with a slash, or is empty */
}

static int add_below(int fd, const struct vss_volume *outer, struct vss_volume_list *out, struct vss_err *err);

/* Something else may be mounted over it, or over the way to it: then it cannot be seen, and is not taken. */
static int
add_nested(int fd, const struct vss_volume *outer, const char *rest, uint64_t id, struct vss_volume_list *out,
	struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(outer->mount, rest);
	VSS_AUTOCLOSE int root = openat(fd, rest, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct btrfs_ioctl_get_subvol_info_args info = { 0 };
	struct stat st;

	if (root < 0 || fstat(root, &st) < 0 || st.st_ino != BTRFS_FIRST_FREE_OBJECTID ||
		ioctl(root, BTRFS_IOC_GET_SUBVOL_INFO, &info) < 0 || info.treeid != id)
		return 0;
	struct vss_volume *v = nested_volume(outer, path, root, &st);
	if (!v)
		return 0;
	VSS_PUSH(out->v, out->n, out->cap) = v;
	return add_below(root, v, out, err);
}

static int
add_below(int fd, const struct vss_volume *outer, struct vss_volume_list *out, struct vss_err *err)
{
	struct btrfs_ioctl_get_subvol_rootref_args a = { 0 };
	int r;

	do {
		r = ioctl(fd, BTRFS_IOC_GET_SUBVOL_ROOTREF, &a);
		if (r < 0 && errno != EOVERFLOW) /* that is: there are more */
			return vss_fail(err, VSS_SYSTEM, errno, "%s: list its nested subvolumes", outer->mount);
		for (unsigned i = 0; i < a.num_items; i++) {
			VSS_AUTOFREE char *rest = path_below(fd, a.rootref[i].treeid, a.rootref[i].dirid);
			if (rest && !vss_path_is_below(rest, ".vss-shadows") &&
				add_nested(fd, outer, rest, a.rootref[i].treeid, out, err) < 0)
				return -1;
		}
	} while (r < 0);
	return 0;
}

int
vss_volume_nested(const struct vss_volume *v, struct vss_volume_list *out, struct vss_err *err)
{
	if (strcmp(v->fstype, "btrfs") != 0)
		return 0;
	VSS_AUTOCLOSE int fd = open(v->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", v->mount);
	if (st.st_dev != v->dev) /* it has been unmounted since */
		return vss_fail(err, VSS_ABSENT, 0, "%s: is not mounted any more", v->mount);
	return add_below(fd, v, out, err);
}
