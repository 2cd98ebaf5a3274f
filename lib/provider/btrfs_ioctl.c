/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define SPACES_MAX 64 /* there are a few kinds of space; more is no file system of this kind */

static int
fail(struct vss_err *err, const char *what, const char *name)
{
	int e = errno;

	if (e == EDQUOT)
		return vss_fail(err, VSS_E_INSUFFICIENT_STORAGE, 0,
			"%s %s: the limit of a quota group is reached (EDQUOT): raise it (btrfs qgroup limit), or "
			"delete shadow copies",
			what, name);
	return vss_fail(err, e == ENOSPC ? VSS_E_INSUFFICIENT_STORAGE : VSS_SYSTEM, e, "%s %s", what, name);
}

int
vss_btrfs_snapshot(int srcfd, int dirfd, const char *name, bool writable, struct vss_err *err)
{
	struct btrfs_ioctl_vol_args_v2 a = { .fd = srcfd, .flags = writable ? 0 : BTRFS_SUBVOL_RDONLY };

	snprintf(a.name, sizeof a.name, "%s", name);
	return ioctl(dirfd, BTRFS_IOC_SNAP_CREATE_V2, &a) < 0 ? fail(err, "take a btrfs snapshot:", name) : 0;
}

int
vss_btrfs_create(int dirfd, const char *name, struct vss_err *err)
{
	struct btrfs_ioctl_vol_args a = { 0 };

	snprintf(a.name, sizeof a.name, "%s", name);
	return ioctl(dirfd, BTRFS_IOC_SUBVOL_CREATE, &a) < 0 ? fail(err, "make the btrfs subvolume", name) : 0;
}

int
vss_btrfs_destroy(int dirfd, const char *name, struct vss_err *err)
{
	struct btrfs_ioctl_vol_args a = { 0 };

	snprintf(a.name, sizeof a.name, "%s", name);
	if (ioctl(dirfd, BTRFS_IOC_SNAP_DESTROY, &a) < 0 && errno != ENOENT)
		return fail(err, "delete the btrfs snapshot", name);
	return 0;
}

int
vss_btrfs_settle(int fd, struct vss_err *err)
{
	uint64_t transid;

	if (ioctl(fd, BTRFS_IOC_START_SYNC, &transid) < 0 || ioctl(fd, BTRFS_IOC_WAIT_SYNC, &transid) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "commit the btrfs transaction");
	return 0;
}

int
vss_btrfs_identify(int fd, uint64_t *id, uint64_t *otransid, struct vss_err *err)
{
	struct btrfs_ioctl_get_subvol_info_args info = { 0 };
	struct stat st;

	if (fstat(fd, &st))
		return vss_fail(err, VSS_SYSTEM, errno, "btrfs subvolume");
	if (st.st_ino != BTRFS_FIRST_FREE_OBJECTID)
		return vss_fail(err, VSS_INVALID, 0, "it is not the root of a btrfs subvolume");
	/* Some kernels return a positive value on success. */
	if (ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, &info) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "ask about the btrfs subvolume");
	*id = info.treeid;
	*otransid = info.otransid;
	return 0;
}

/* The caller frees it. */
static struct btrfs_ioctl_space_args *
read_spaces(int fd, struct vss_err *err)
{
	struct btrfs_ioctl_space_args count = { 0 };

	if (ioctl(fd, BTRFS_IOC_SPACE_INFO, &count) < 0 || count.total_spaces > SPACES_MAX) {
		vss_fail(err, VSS_SYSTEM, errno, "ask btrfs about its space");
		return NULL;
	}
	struct btrfs_ioctl_space_args *a = vss_alloc(sizeof *a + SPACES_MAX * sizeof *a->spaces);
	a->space_slots = SPACES_MAX;
	if (ioctl(fd, BTRFS_IOC_SPACE_INFO, a) < 0 || a->total_spaces > SPACES_MAX) {
		free(a);
		vss_fail(err, VSS_SYSTEM, errno, "ask btrfs about its space");
		return NULL;
	}
	return a;
}

/* How many copies of each byte a profile keeps. */
static unsigned
copies_of(uint64_t flags)
{
	if (flags & BTRFS_BLOCK_GROUP_RAID1C4)
		return 4;
	if (flags & BTRFS_BLOCK_GROUP_RAID1C3)
		return 3;
	return flags & (BTRFS_BLOCK_GROUP_DUP | BTRFS_BLOCK_GROUP_RAID1 | BTRFS_BLOCK_GROUP_RAID10) ? 2 : 1;
}

static uint64_t
unallocated(int fd, uint64_t max_id)
{
	uint64_t sum = 0;

	for (uint64_t id = 0; id <= max_id; id++) {
		struct btrfs_ioctl_dev_info_args d = { .devid = id };
		if (ioctl(fd, BTRFS_IOC_DEV_INFO, &d) == 0)
			sum += d.total_bytes - d.bytes_used;
	}
	return sum;
}

int
vss_btrfs_metadata(int fd, uint64_t *free_bytes, uint32_t *nodesize, struct vss_err *err)
{
	struct btrfs_ioctl_fs_info_args fs = { 0 };
	uint64_t left = 0, reserve = 0;
	unsigned copies = 1;

	if (ioctl(fd, BTRFS_IOC_FS_INFO, &fs) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "ask btrfs about itself");
	VSS_AUTOFREE struct btrfs_ioctl_space_args *a = read_spaces(fd, err);
	if (!a)
		return -1;
	for (size_t i = 0; i < a->total_spaces; i++) {
		const struct btrfs_ioctl_space_info *s = &a->spaces[i];
		if (s->flags & BTRFS_SPACE_INFO_GLOBAL_RSV) {
			reserve += s->total_bytes - s->used_bytes;
		} else if (s->flags & BTRFS_BLOCK_GROUP_METADATA) {
			left += s->total_bytes - s->used_bytes;
			copies = copies_of(s->flags);
		}
	}
	left += unallocated(fd, fs.max_id) / copies;
	*free_bytes = left > reserve ? left - reserve : 0;
	*nodesize = fs.nodesize;
	return 0;
}
