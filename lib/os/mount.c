/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/mount.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* The first error message that the kernel left in the context, without its "e " in front. */
static char *
kernel_says(int context)
{
	char text[512];
	ssize_t n;
	while ((n = read(context, text, sizeof text - 1)) > 0) {
		text[n] = '\0';
		if (strncmp(text, "e ", 2) == 0)
			return vss_strndup(text + 2, strcspn(text + 2, "\n"));
	}
	return NULL;
}

/*
 * The superblock of a mounted btrfs as a context: with `subvol` chosen by its ID.  Returns a descriptor or -1.
 * It is asked for read-only: asking for a writable one would make a superblock that is read-only writable, under
 * everybody who relies on it, while one that is writable stays so whatever is asked.
 */
static int
btrfs_context(const char *source, uint64_t subvol, struct vss_err *err)
{
	char id[24];
	snprintf(id, sizeof id, "%llu", (unsigned long long)subvol);
	VSS_AUTOCLOSE int fs = fsopen("btrfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: prepare a mount", source);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) == 0 &&
		fsconfig(fs, FSCONFIG_SET_STRING, "subvolid", id, 0) == 0 &&
		fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) == 0 &&
		fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		return vss_take_fd(&fs);
	int e = errno;
	VSS_AUTOFREE char *why = kernel_says(fs);
	if (why)
		return vss_fail(err, VSS_SYSTEM, e, "%s: mount subvolume %s: %s", source, id, why);
	return vss_fail(err, VSS_SYSTEM, e, "%s: mount subvolume %s", source, id);
}

static int
detached_btrfs(const char *source, uint64_t subvol, unsigned attributes, struct vss_err *err)
{
	VSS_AUTOCLOSE int fs = btrfs_context(source, subvol, err);
	if (fs < 0)
		return -1;
	int fd = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s: mount", source) : fd;
}

/* What is done in the top level needs writing: said here in words that tell why it cannot be. */
static int
refuse_read_only(const char *source, struct vss_err *err)
{
	struct vss_mount_list mounts;
	struct stat st;
	int r = 0;
	if (stat(source, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", source);
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	for (size_t i = 0; i < mounts.n && r == 0; i++) {
		const struct vss_mount *m = &mounts.v[i];
		struct stat other;
		if (!m->read_only || strcmp(m->fstype, "btrfs") != 0)
			continue;
		if (strcmp(m->source, source) == 0 ||
			(stat(m->source, &other) == 0 && S_ISBLK(other.st_mode) && other.st_rdev == st.st_rdev))
			r = vss_fail(
				err, VSS_UNSUPPORTED, 0, "%s: the file system is read-only (%s)", source, m->target);
	}
	vss_mount_list_free(&mounts);
	return r;
}

int
vss_mount_btrfs_top(const char *source, struct vss_err *err)
{
	if (refuse_read_only(source, err) < 0)
		return -1;
	return detached_btrfs(source, BTRFS_FS_TREE_OBJECTID, SAFE, err);
}

/* A device of the btrfs that `fd` lies on: any will do. */
static int
btrfs_device(int fd, char out[BTRFS_DEVICE_PATH_NAME_MAX], struct vss_err *err)
{
	struct btrfs_ioctl_fs_info_args fs = { 0 };
	struct btrfs_ioctl_dev_info_args dev;
	if (ioctl(fd, BTRFS_IOC_FS_INFO, &fs) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "btrfs information");
	for (uint64_t id = 1; id <= fs.max_id; id++) {
		memset(&dev, 0, sizeof dev);
		dev.devid = id;
		if (ioctl(fd, BTRFS_IOC_DEV_INFO, &dev) < 0 || !dev.path[0])
			continue; /* a number that is not in use, or a missing device */
		memcpy(out, dev.path, BTRFS_DEVICE_PATH_NAME_MAX);
		out[BTRFS_DEVICE_PATH_NAME_MAX - 1] = '\0';
		return 0;
	}
	return vss_fail(err, VSS_ABSENT, 0, "btrfs has no device");
}

/* The subvolume whose root `fd` is, as a detached mount. */
static int
detached_subvolume(int fd, unsigned attributes, struct vss_err *err)
{
	char source[BTRFS_DEVICE_PATH_NAME_MAX];
	struct btrfs_ioctl_ino_lookup_args tree = { .objectid = BTRFS_FIRST_FREE_OBJECTID };
	if (btrfs_device(fd, source, err) < 0)
		return -1;
	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP, &tree) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "ID of subvolume");
	return detached_btrfs(source, tree.treeid, attributes, err);
}

/* A clone of any other directory. */
static int
detached_clone(int fd, struct vss_err *err)
{
	VSS_AUTOCLOSE int tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "clone the mount");
	struct mount_attr attr = { .attr_set = SAFE | MOUNT_ATTR_RDONLY };
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "make the mount read-only");
	return vss_take_fd(&tree);
}

static bool
is_subvolume(int fd)
{
	struct stat st;
	struct statfs fs;
	return fstat(fd, &st) == 0 && fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC &&
	       st.st_ino == BTRFS_FIRST_FREE_OBJECTID;
}

int
vss_mount_read_only(int treefd, const char *sub, struct vss_err *err)
{
	VSS_AUTOCLOSE int dir = openat(treefd, *sub ? sub : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", *sub ? sub : "root of a tree");
	return is_subvolume(dir) ? detached_subvolume(dir, SAFE | MOUNT_ATTR_RDONLY, err) : detached_clone(dir, err);
}

int
vss_mount_read_only_at(int treefd, const char *sub, const char *target, struct vss_err *err)
{
	VSS_AUTOCLOSE int mount = vss_mount_read_only(treefd, sub, err);
	if (mount < 0)
		return vss_wrap(err, "%s", target);
	if (move_mount(mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: mount", target);
	return 0;
}

static int
attach(int mount, const char *target, struct vss_err *err)
{
	if (move_mount(mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: mount", target);
	return 0;
}

int
vss_mount_btrfs_at(const char *source, uint64_t subvol, unsigned attributes, const char *target, struct vss_err *err)
{
	VSS_AUTOCLOSE int mount = detached_btrfs(source, subvol, attributes, err);
	return mount < 0 ? -1 : attach(mount, target, err);
}

int
vss_mount_part_at(const char *whole, const char *sub, unsigned attributes, const char *target, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(whole, sub);
	VSS_AUTOCLOSE int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct mount_attr attr = { .attr_set = attributes, .attr_clr = MOUNT_ATTR_RDONLY | SAFE | MOUNT_ATTR__ATIME };
	if (tree < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: options of the mount", target);
	return attach(tree, target, err);
}

int
vss_mount_attributes(const char *target, unsigned *out, struct vss_err *err)
{
	static const struct {
		unsigned long flag;
		unsigned attribute;
	} map[] = {
		{ ST_RDONLY, MOUNT_ATTR_RDONLY },
		{ ST_NOSUID, MOUNT_ATTR_NOSUID },
		{ ST_NODEV, MOUNT_ATTR_NODEV },
		{ ST_NOEXEC, MOUNT_ATTR_NOEXEC },
		{ ST_NODIRATIME, MOUNT_ATTR_NODIRATIME },
	};
	struct statvfs fs;
	if (statvfs(target, &fs) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", target);
	*out = fs.f_flag & ST_NOATIME	 ? MOUNT_ATTR_NOATIME
	       : fs.f_flag & ST_RELATIME ? MOUNT_ATTR_RELATIME
					 : MOUNT_ATTR_STRICTATIME;
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (fs.f_flag & map[i].flag)
			*out |= map[i].attribute;
	return 0;
}

int
vss_unmount_lazily(const char *target, struct vss_err *err)
{
	if (umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH) == 0)
		return 0;
	if (errno == EINVAL)
		return vss_fail(err, VSS_ABSENT, 0, "%s: not mounted", target);
	return vss_fail(err, VSS_SYSTEM, errno, "%s: unmount", target);
}

int
vss_mount_subvolume(int fd, struct vss_err *err)
{
	return detached_subvolume(fd, SAFE, err);
}

int
vss_mount_seal(const char *target, struct vss_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mount_setattr(AT_FDCWD, target, AT_SYMLINK_NOFOLLOW, &attr, sizeof attr) == 0)
		return 0;
	if (errno == EBUSY)
		return vss_fail(err, VSS_BUSY, errno, "%s: make the mount read-only", target);
	if (errno == EINVAL)
		return vss_fail(err, VSS_ABSENT, 0, "%s: not mounted", target);
	return vss_fail(err, VSS_SYSTEM, errno, "%s: make the mount read-only", target);
}

int
vss_unmount(const char *target, struct vss_err *err)
{
	if (umount2(target, UMOUNT_NOFOLLOW) == 0)
		return 0;
	if (errno == EBUSY)
		return vss_fail(err, VSS_BUSY, errno, "%s: unmount", target);
	if (errno == EINVAL)
		return vss_fail(err, VSS_ABSENT, 0, "%s: not mounted", target);
	return vss_fail(err, VSS_SYSTEM, errno, "%s: unmount", target);
}
