/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/stack_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/durable.h"
#include "os/volume_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* --- numbers of superblocks --- */

static const struct vss_mount *
mount_of(const struct vss_mount_list *mounts, const struct statx *sx)
{
	for (size_t i = 0; (sx->stx_mask & STATX_MNT_ID) && i < mounts->n; i++)
		if ((uint64_t)mounts->v[i].id == sx->stx_mnt_id)
			return &mounts->v[i];
	return NULL;
}

/* The root of mount `m` itself, not of one that hides it. */
static bool
is_seen(const struct vss_mount *m, struct statx *sx)
{
	return statx(AT_FDCWD, m->target, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_MNT_ID, sx) == 0 &&
	       (sx->stx_mask & STATX_MNT_ID) && sx->stx_mnt_id == (uint64_t)m->id;
}

dev_t
vss_stack_of_dev(const struct vss_mount_list *mounts, dev_t st_dev)
{
	struct statx sx;
	for (size_t i = 0; i < mounts->n; i++)
		if (mounts->v[i].dev == st_dev)
			return st_dev;
	for (size_t i = 0; i < mounts->n; i++) {
		const struct vss_mount *m = &mounts->v[i];
		if (strcmp(m->fstype, "btrfs") == 0 && is_seen(m, &sx) &&
			makedev(sx.stx_dev_major, sx.stx_dev_minor) == st_dev)
			return m->dev;
	}
	return st_dev;
}

dev_t
vss_stack_of_path(const struct vss_mount_list *mounts, const char *path)
{
	struct statx sx;
	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_MNT_ID, &sx) < 0)
		return 0;
	const struct vss_mount *m = mount_of(mounts, &sx);
	return m ? m->dev : vss_stack_of_dev(mounts, makedev(sx.stx_dev_major, sx.stx_dev_minor));
}

/* A directory of this btrfs, by one of its mounts that can be seen; or -1. */
static int
open_btrfs(const struct vss_mount *m)
{
	struct statx sx;
	struct statfs fs;
	if (strcmp(m->fstype, "btrfs") != 0 || !is_seen(m, &sx))
		return -1;
	int fd = open(m->target, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A private mount of a btrfs is not in the table: the same file system is, by its UUID. */
static dev_t
of_btrfs(const struct vss_mount_list *mounts, int fd)
{
	struct btrfs_ioctl_fs_info_args mine = { 0 };
	if (ioctl(fd, BTRFS_IOC_FS_INFO, &mine) < 0)
		return 0;
	for (size_t i = 0; i < mounts->n; i++) {
		struct btrfs_ioctl_fs_info_args other = { 0 };
		VSS_AUTOCLOSE int at = open_btrfs(&mounts->v[i]);
		if (at >= 0 && ioctl(at, BTRFS_IOC_FS_INFO, &other) == 0 &&
			memcmp(mine.fsid, other.fsid, sizeof mine.fsid) == 0)
			return mounts->v[i].dev;
	}
	return 0;
}

dev_t
vss_stack_of_fd(const struct vss_mount_list *mounts, int fd)
{
	struct statx sx;
	struct statfs fs;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &sx) < 0)
		return 0;
	const struct vss_mount *m = mount_of(mounts, &sx);
	if (m)
		return m->dev;
	dev_t dev = fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC ? of_btrfs(mounts, fd) : 0;
	return dev ? dev : vss_stack_of_dev(mounts, makedev(sx.stx_dev_major, sx.stx_dev_minor));
}

/* --- block devices --- */

/* An attribute of block device `dev` in sysfs, its line end cut off; "" where there is none. */
static char *
attribute(dev_t dev, const char *name)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/%s", major(dev), minor(dev), name);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	if (vss_read_file(path, 64 << 10, &text, &ignored) < 0)
		vss_buf_reset(&text);
	while (text.len > 0 && text.data[text.len - 1] == '\n')
		text.len--;
	vss_buf_ch(&text, '\0');
	return vss_buf_take(&text);
}

/* "8:1" as a number; 0: it is none. */
static dev_t
parse_dev(const char *text)
{
	char *end, *last;
	unsigned long ma = strtoul(text, &end, 10);
	unsigned long mi = *end == ':' ? strtoul(end + 1, &last, 10) : 0;
	return *end == ':' && *last == '\0' ? makedev((unsigned)ma, (unsigned)mi) : 0;
}

static void
add_slaves(dev_t dev, struct vss_devs *out)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/slaves", major(dev), minor(dev));
	DIR *d = opendir(path);
	if (!d)
		return;
	for (const struct dirent *e; (e = readdir(d));) {
		VSS_AUTOFREE char *name = e->d_name[0] == '.' ? NULL : vss_strf("slaves/%s/dev", e->d_name);
		VSS_AUTOFREE char *number = name ? attribute(dev, name) : NULL;
		if (number)
			vss_devs_add(out, parse_dev(number));
	}
	closedir(d);
}

/* The file system of the backing file as the loop driver knows it: the file may be deleted, or named in another namespace. */
static dev_t
backing_dev(dev_t dev)
{
	struct loop_info64 info = { 0 };
	VSS_AUTOFREE char *text = attribute(dev, "uevent");
	const char *name = strstr(text, "DEVNAME=");
	if (!name)
		return 0;
	name += strlen("DEVNAME=");
	VSS_AUTOFREE char *node = vss_strf("/dev/%.*s", (int)strcspn(name, "\n"), name);
	VSS_AUTOCLOSE int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_rdev != dev || ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
		return 0;
	/* The kernel's encoding of 32 bits, which makedev() reads as well. */
	return (dev_t)info.lo_device;
}

static void
add_backing(const struct vss_mount_list *mounts, dev_t dev, struct vss_devs *out)
{
	VSS_AUTOFREE char *file = attribute(dev, "loop/backing_file");
	if (!*file)
		return;
	dev_t known = backing_dev(dev);
	dev_t named = vss_stack_of_path(mounts, file);
	if (known)
		vss_devs_add(out, vss_stack_of_dev(mounts, known));
	/* Of a btrfs the driver knows the subvolume, perhaps one that is not mounted: the path leads to the file system. */
	if (named && (!known || major(known) == 0))
		vss_devs_add(out, named);
}

static void
below_block(const struct vss_mount_list *mounts, dev_t dev, struct vss_devs *out)
{
	VSS_AUTOFREE char *partition = attribute(dev, "partition");
	VSS_AUTOFREE char *whole = *partition ? attribute(dev, "../dev") : NULL;
	if (whole)
		vss_devs_add(out, parse_dev(whole));
	add_slaves(dev, out);
	add_backing(mounts, dev, out);
}

/* --- file systems with a number of their own --- */

static void
below_btrfs(const struct vss_mount *m, struct vss_devs *out)
{
	struct btrfs_ioctl_fs_info_args fs = { 0 };
	VSS_AUTOCLOSE int fd = open_btrfs(m);
	if (fd < 0 || ioctl(fd, BTRFS_IOC_FS_INFO, &fs) < 0)
		return;
	for (uint64_t id = 1; id <= fs.max_id; id++) {
		struct btrfs_ioctl_dev_info_args dev = { .devid = id };
		struct stat st;
		if (ioctl(fd, BTRFS_IOC_DEV_INFO, &dev) == 0 && stat((const char *)dev.path, &st) == 0 &&
			S_ISBLK(st.st_mode))
			vss_devs_add(out, st.st_rdev);
	}
}

/* One name of a list that ends at a colon, or at the comma behind the option; a backslash takes the next byte as it is. */
static const char *
next_layer(const char *p, struct vss_buf *name)
{
	vss_buf_reset(name);
	for (; *p && *p != ':' && *p != ','; p++) {
		if (*p == '\\' && p[1])
			p++;
		vss_buf_ch(name, *p);
	}
	return *p == ':' ? p + 1 : p;
}

void
vss_overlay_layers(const char *options, void (*each)(void *ctx, const char *path), void *ctx)
{
	static const char *const names[] = { "lowerdir=", "lowerdir+=", "datadir+=", "upperdir=", "workdir=" };
	VSS_AUTOBUF struct vss_buf name = VSS_BUF_INIT;
	for (const char *p = options; *p; p += *p == ',') {
		size_t which = 0;
		while (which < sizeof names / sizeof *names && !vss_str_starts(p, names[which]))
			which++;
		if (which == sizeof names / sizeof *names) {
			p += strcspn(p, ",");
			continue;
		}
		for (p += strlen(names[which]); *p && *p != ',';) {
			p = next_layer(p, &name);
			if (name.len > 0)
				each(ctx, name.data);
		}
	}
}

struct layers {
	const struct vss_mount_list *mounts;
	struct vss_devs *out;
};

static void
add_layer(void *ctx, const char *path)
{
	const struct layers *l = ctx;
	vss_devs_add(l->out, vss_stack_of_path(l->mounts, path));
}

/* What a source names: block devices (bcachefs: several, with colons between) or a directory (ecryptfs). */
static void
below_source(const struct vss_mount_list *mounts, const struct vss_mount *m, struct vss_devs *out)
{
	VSS_AUTOBUF struct vss_buf name = VSS_BUF_INIT;
	struct stat st;
	if (*m->source != '/')
		return;
	for (const char *p = m->source; *p;) {
		p = next_layer(p, &name);
		p += *p == ',';
		if (name.len == 0 || stat(name.data, &st) < 0)
			continue;
		vss_devs_add(out, S_ISBLK(st.st_mode) ? st.st_rdev : vss_stack_of_path(mounts, name.data));
	}
}

static void
below_mount(const struct vss_mount_list *mounts, const struct vss_mount *m, struct vss_devs *out)
{
	struct layers l = { mounts, out };
	if (strcmp(m->fstype, "btrfs") == 0)
		below_btrfs(m, out);
	if (strcmp(m->fstype, "overlay") == 0)
		vss_overlay_layers(m->options, add_layer, &l);
	else if (!vss_fs_is_network(m->fstype) && !vss_fs_is_pseudo(m->fstype))
		below_source(mounts, m, out);
}

void
vss_stack_below(const struct vss_mount_list *mounts, dev_t dev, struct vss_devs *out)
{
	if (major(dev) != 0) {
		below_block(mounts, dev, out);
		return;
	}
	for (size_t i = 0; i < mounts->n; i++)
		if (mounts->v[i].dev == dev)
			below_mount(mounts, &mounts->v[i], out);
}
