/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_revert_internal.h"

#include "base/mem.h"
#include "tree/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_copy(int topfd, const struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_store_copy_path(&s->id);
	int fd = vss_btrfs_open_at(topfd, path, err);

	return fd < 0 ? vss_wrap(err, "the shadow copy") : fd;
}

static bool
is_empty(int fd)
{
	VSS_AUTOCLOSE int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	size_t n = 0;

	if (!d)
		return false;
	vss_take_fd(&again);
	while (n <= 2 && readdir(d))
		n++;
	closedir(d);
	return n <= 2;
}

/* In the copy an empty directory stands for a subvolume that was there then; one that came later needs a free name. */
static int
check_place(int copy, const char *path, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = vss_open_beneath(copy, path, O_PATH | O_NOFOLLOW, 0, &why);
	struct stat st;

	if (fd < 0 && why.code == VSS_ABSENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_EXISTS, 0,
			"subvolume %s lies in it, and cannot have that place in the copy: %s", path,
			fd < 0 ? why.text : strerror(errno));
	if (S_ISDIR(st.st_mode) && is_empty(fd))
		return 0;
	return vss_fail(
		err, VSS_EXISTS, 0, "subvolume %s lies in it, and the copy has something else at its place", path);
}

int
vss_btrfs_check_swap(int topfd, const struct vss_shadow *s, const struct vss_revert_record *r, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv nested = VSS_STRV_INIT;
	VSS_AUTOCLOSE int copy = open_copy(topfd, s, err);
	VSS_AUTOCLOSE int old = copy < 0 ? -1 : vss_btrfs_open_at(topfd, r->path, err);
	bool read_only;

	if (old < 0 || vss_btrfs_is_read_only(old, &read_only, err) < 0 || vss_btrfs_nested_in(old, &nested, err) < 0)
		return -1;
	if (read_only)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "the subvolume %s is read-only: make it writable before", r->path);
	for (size_t i = 0; i < nested.n; i++)
		if (check_place(copy, nested.v[i], err) < 0)
			return -1;
	return 0;
}

int
vss_btrfs_make_other(int topfd, const struct vss_shadow *s, const struct vss_revert_record *r, struct vss_err *err)
{
	const char *base;
	VSS_AUTOCLOSE int copy = open_copy(topfd, s, err);
	VSS_AUTOCLOSE int dir = copy < 0 ? -1 : vss_btrfs_open_dir_of(topfd, r->other, &base, err);
	struct btrfs_ioctl_vol_args_v2 a = { .fd = copy };

	if (dir < 0)
		return -1;
	snprintf(a.name, sizeof a.name, "%s", base);
	if (ioctl(dir, BTRFS_IOC_SNAP_CREATE_V2, &a) < 0) {
		bool full = errno == ENOSPC || errno == EDQUOT;
		return vss_fail(err, full ? VSS_E_INSUFFICIENT_STORAGE : VSS_SYSTEM, errno,
			"take a writable snapshot of the copy");
	}
	return vss_btrfs_settle(dir, err);
}

int
vss_btrfs_swap(int topfd, const struct vss_revert_record *r, struct vss_err *err)
{
	const char *base, *other_base;
	VSS_AUTOCLOSE int dir = vss_btrfs_open_dir_of(topfd, r->path, &base, err);
	VSS_AUTOCLOSE int other = dir < 0 ? -1 : vss_btrfs_open_dir_of(topfd, r->other, &other_base, err);

	if (other < 0)
		return -1;
	if (renameat2(dir, base, other, other_base, RENAME_EXCHANGE) < 0)
		return vss_fail(
			err, VSS_SYSTEM, errno, "let the subvolumes %s and %s change places", r->path, r->other);
	return vss_btrfs_settle(dir, err);
}

/* A subvolume that is read-only has to be writable while it moves: its way up changes. */
static int
move_nested(int from, int to, const char *path, struct vss_err *err)
{
	const char *base;
	bool read_only = false;
	VSS_AUTOCLOSE int source = vss_open_parent(from, path, false, &base, err);
	VSS_AUTOCLOSE int target = source < 0 ? -1 : vss_open_parent(to, path, true, &base, err);
	VSS_AUTOCLOSE int moved = target < 0 ? -1 : vss_open_beneath(source, base, O_RDONLY | O_DIRECTORY, 0, err);

	if (moved < 0 || vss_btrfs_is_read_only(moved, &read_only, err) < 0)
		return -1;
	if (unlinkat(target, base, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "make room for the subvolume");
	if (read_only && vss_btrfs_set_read_only(moved, false, err) < 0)
		return -1;
	int rc = renameat2(source, base, target, base, RENAME_NOREPLACE);
	if (rc < 0)
		vss_fail(err, VSS_SYSTEM, errno, "move the subvolume");
	if (read_only && vss_btrfs_set_read_only(moved, true, err) < 0)
		return -1;
	return rc;
}

static int
follow_default(int topfd, const struct vss_revert_record *r, struct vss_err *err)
{
	uint64_t id;

	if (vss_btrfs_default(topfd, &id, err) < 0)
		return -1;
	return id == r->old ? vss_btrfs_set_default(topfd, vss_btrfs_id_at(topfd, r->path), err) : 0;
}

int
vss_btrfs_move_over(int topfd, const struct vss_revert_record *r, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv nested = VSS_STRV_INIT;
	VSS_AUTOCLOSE int from = vss_btrfs_open_at(topfd, r->other, err);
	VSS_AUTOCLOSE int to = from < 0 ? -1 : vss_btrfs_open_at(topfd, r->path, err);

	if (to < 0 || vss_btrfs_nested_in(from, &nested, err) < 0)
		return -1;
	for (size_t i = 0; i < nested.n; i++)
		if (move_nested(from, to, nested.v[i], err) < 0)
			return vss_wrap(err, "subvolume %s", nested.v[i]);
	return follow_default(topfd, r, err);
}

int
vss_btrfs_drop_other(int topfd, const struct vss_revert_record *r, struct vss_err *err)
{
	const char *base;
	VSS_AUTOCLOSE int dir = vss_btrfs_open_dir_of(topfd, r->other, &base, err);

	if (dir < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	if (vss_btrfs_destroy(dir, base, err) < 0)
		return -1;
	return vss_btrfs_settle(dir, err);
}
