/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/uuid.h"
#include "os/durable.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Newer than the headers of Debian 12: linux/fs.h of 6.9. */
struct fs_uuid_args {
	unsigned char len;
	unsigned char uuid[16];
};
#define GET_FS_UUID _IOR(0x15, 0, struct fs_uuid_args)

static char *
text_of_uuid(const void *bytes)
{
	struct vss_uuid u;
	char text[VSS_UUID_TEXT];
	memcpy(u.b, bytes, sizeof u.b);
	if (vss_uuid_is_nil(&u))
		return NULL;
	vss_uuid_text(&u, text);
	return vss_strdup(text);
}

static char *
made_id(const struct vss_buf *of)
{
	struct vss_uuid u;
	char text[VSS_UUID_TEXT];
	vss_uuid_of_bytes(&u, of->data, of->len);
	vss_uuid_text(&u, text);
	return vss_strdup(text);
}

/* The root of mount `m` and nothing else that may lie above it by now, or -1. */
static int
open_root(const struct vss_mount *m)
{
	int fd = open(m->target, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct statx sx;
	if (fd < 0)
		return -1;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &sx) == 0 && (sx.stx_mask & STATX_MNT_ID) &&
		sx.stx_mnt_id == (uint64_t)m->id)
		return fd;
	close(fd);
	return -1;
}

/* Path of directory `ino` within its subvolume (root only); NULL when the kernel does not say. */
static char *
path_in_subvolume(int fd, uint64_t ino)
{
	struct btrfs_ioctl_ino_lookup_args args = { .objectid = ino };
	if (ino == BTRFS_FIRST_FREE_OBJECTID)
		return vss_strdup("");
	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP, &args) < 0)
		return NULL;
	size_t n = strnlen(args.name, sizeof args.name);
	while (n > 0 && args.name[n - 1] == '/')
		n--;
	return vss_strndup(args.name, n);
}

/* Old top levels have no UUID of their own; the file system's alone would be that of all its subvolumes. */
static char *
btrfs_made_id(const struct vss_volume *v)
{
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	if (!v->fs_uuid || !v->subvol_id)
		return NULL;
	vss_buf_fmt(&b, "btrfs %s %llu", v->fs_uuid, (unsigned long long)v->subvol_id);
	return made_id(&b);
}

/* A read-only one that was made of another: what it holds does not change any more. */
static bool
is_snapshot(const struct btrfs_ioctl_get_subvol_info_args *sub)
{
	VSS_AUTOFREE char *parent = text_of_uuid(sub->parent_uuid);
	return parent && (sub->flags & BTRFS_ROOT_SUBVOL_RDONLY);
}

void
vss_volume_identify_btrfs(struct vss_volume *v, int fd, const struct stat *st)
{
	struct btrfs_ioctl_fs_info_args fs = { 0 };
	struct btrfs_ioctl_get_subvol_info_args sub = { 0 };
	if (!v->fs_uuid && ioctl(fd, BTRFS_IOC_FS_INFO, &fs) == 0)
		v->fs_uuid = text_of_uuid(fs.fsid);
	v->dev = st->st_dev;
	v->subpath = path_in_subvolume(fd, st->st_ino);
	if (ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, &sub) < 0)
		return;
	v->subvol_id = sub.treeid;
	v->id = text_of_uuid(sub.uuid);
	if (!v->id)
		v->id = btrfs_made_id(v);
	v->snapshot = is_snapshot(&sub);
}

char *
vss_lv_uuid_of(const char *dm_uuid)
{
	static const int groups[] = { 6, 4, 4, 4, 4, 4, 6 };
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	if (strlen(dm_uuid) < 68 || strncmp(dm_uuid, "LVM-", 4) != 0)
		return NULL;
	const char *p = dm_uuid + 36;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; p += groups[i++])
		vss_buf_fmt(&out, "%s%.*s", i ? "-" : "", groups[i], p);
	return vss_buf_take(&out);
}

static char *
lv_uuid(dev_t dev)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/dm/uuid", major(dev), minor(dev));
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	if (vss_read_file(path, 256, &text, &ignored) < 0)
		return NULL;
	return vss_lv_uuid_of(text.data);
}

/* Behind "GROUP-": "vss--" and a UUID, with every dash doubled (provider lvm). */
bool
vss_lv_is_copy(const char *dm_name)
{
	enum { DOUBLED = VSS_UUID_TEXT - 1 + 4 };
	static const char prefix[] = "-vss--";
	size_t n = strcspn(dm_name, "\n"), fixed = strlen(prefix) + DOUBLED;
	char text[VSS_UUID_TEXT];
	struct vss_uuid id;
	size_t len = 0;
	if (n <= fixed || strncmp(dm_name + n - fixed, prefix, strlen(prefix)) != 0)
		return false;
	for (const char *p = dm_name + n - DOUBLED; p < dm_name + n && len < VSS_UUID_TEXT - 1; p += *p == '-' ? 2 : 1)
		text[len++] = *p;
	text[len] = '\0';
	return vss_uuid_parse(text, &id) == 0;
}

bool
vss_device_is_copy(dev_t dev)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/dev/block/%u:%u/dm/name", major(dev), minor(dev));
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err ignored = VSS_ERR_INIT;
	return major(dev) != 0 && vss_read_file(path, 256, &text, &ignored) == 0 && text.len && vss_lv_is_copy(text.data);
}

static char *
kernel_fs_uuid(int fd)
{
	struct fs_uuid_args args = { 0 };
	if (fd < 0 || ioctl(fd, GET_FS_UUID, &args) < 0 || args.len != sizeof args.uuid)
		return NULL;
	return text_of_uuid(args.uuid);
}

/* The same for all mounts of one file system: made from the first that shows its root. */
static char *
source_made_id(const struct vss_mount *m, const struct vss_mount_list *list)
{
	const struct vss_mount *first = m;
	for (size_t i = list->n; i-- > 0;)
		if (list->v[i].dev == m->dev && strcmp(list->v[i].root, "/") == 0)
			first = &list->v[i];
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_fmt(&b, "%s%c%s%c%s", first->source, 0, first->fstype, 0, first->target);
	return made_id(&b);
}

void
vss_volume_identify(struct vss_volume *v, const struct vss_mount *m, const struct vss_mount_list *list)
{
	bool is_btrfs = strcmp(m->fstype, "btrfs") == 0;
	/* Nothing that may wait for a server. */
	VSS_AUTOCLOSE int fd = v->network ? -1 : open_root(m);
	struct stat st;
	v->dev = m->dev;
	if (is_btrfs && fd >= 0 && fstat(fd, &st) == 0)
		vss_volume_identify_btrfs(v, fd, &st);
	else if (!is_btrfs)
		v->subpath = vss_strdup(m->root + strspn(m->root, "/"));

	/* Without a device (tmpfs) the kernel's UUID is a new one after each mount. */
	if (!v->fs_uuid && major(m->dev) != 0)
		v->fs_uuid = kernel_fs_uuid(fd);
	if (!v->fs_uuid && major(m->dev) != 0)
		v->fs_uuid = vss_blkid_uuid(m->dev, m->source);
	if (is_btrfs && !v->id)
		v->id = btrfs_made_id(v);
	if (!is_btrfs)
		v->id = lv_uuid(m->dev);
	if (!is_btrfs && !v->id)
		v->id = vss_strdup(v->fs_uuid);
	if (!v->id)
		v->id = source_made_id(m, list);
}
