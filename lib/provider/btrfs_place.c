/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_revert_internal.h"

#include "base/mem.h"
#include "tree/beneath.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEPTH_MAX 64 /* subvolumes in subvolumes */

/* The first item of this key in the tree of roots, out of its packing: header and up to `size` bytes.  1, 0, -1. */
static int
first_item(int fd, uint64_t objectid, uint32_t type, struct btrfs_ioctl_search_header *h, void *item, size_t size)
{
	struct btrfs_ioctl_search_args a = {
		.key = {
			.tree_id = BTRFS_ROOT_TREE_OBJECTID,
			.min_objectid = objectid,
			.max_objectid = objectid,
			.min_type = type,
			.max_type = type,
			.max_offset = UINT64_MAX,
			.max_transid = UINT64_MAX,
			.nr_items = 1,
		},
	};

	if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &a) < 0)
		return -1;
	if (a.key.nr_items == 0)
		return 0;
	memcpy(h, a.buf, sizeof *h);
	memset(item, 0, size);
	memcpy(item, a.buf + sizeof *h, h->len < size ? h->len : size);
	return 1;
}

/* What stands in front of a name: a directory of the tree, as a path that ends with a slash or is empty. */
static char *
directory_path(int fd, uint64_t tree, uint64_t dirid)
{
	struct btrfs_ioctl_ino_lookup_args a = { .treeid = tree, .objectid = dirid };

	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP, &a) < 0)
		return NULL;
	return vss_strndup(a.name, strnlen(a.name, sizeof a.name));
}

/* One step up: the name of the subvolume in its parent tree; *parent.  NULL: it has none. */
static char *
path_in_parent(int fd, uint64_t id, uint64_t *parent)
{
	struct {
		struct btrfs_root_ref ref;
		char name[NAME_MAX + 1];
	} __attribute__((packed)) item;
	struct btrfs_ioctl_search_header h;

	if (first_item(fd, id, BTRFS_ROOT_BACKREF_KEY, &h, &item, sizeof item) <= 0)
		return NULL;
	*parent = h.offset;
	size_t n = le16toh(item.ref.name_len);
	VSS_AUTOFREE char *dir = directory_path(fd, h.offset, le64toh(item.ref.dirid));
	if (!dir || n > NAME_MAX)
		return NULL;
	return vss_strf("%s%.*s", dir, (int)n, item.name);
}

char *
vss_btrfs_path_of(int topfd, uint64_t id, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strdup("");

	for (int depth = 0; id != BTRFS_FS_TREE_OBJECTID && depth < DEPTH_MAX; depth++) {
		VSS_AUTOFREE char *part = path_in_parent(topfd, id, &id);
		if (!part) {
			vss_fail(err, VSS_ABSENT, 0, "the subvolume has no place in the file system any more");
			return NULL;
		}
		char *longer = *path ? vss_strf("%s/%s", part, path) : vss_strdup(part);
		free(path);
		path = longer;
	}
	return vss_take(&path);
}

int
vss_btrfs_open_at(int topfd, const char *path, struct vss_err *err)
{
	return vss_open_beneath(topfd, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0, err);
}

uint64_t
vss_btrfs_id_at(int topfd, const char *path)
{
	struct vss_err none = VSS_ERR_INIT;
	uint64_t id, otransid;
	VSS_AUTOCLOSE int fd = vss_btrfs_open_at(topfd, path, &none);

	return fd >= 0 && vss_btrfs_identify(fd, &id, &otransid, &none) == 0 ? id : 0;
}

char *
vss_btrfs_uuid_at(int topfd, const char *path, struct vss_err *err)
{
	struct btrfs_ioctl_get_subvol_info_args info = { 0 };
	VSS_AUTOCLOSE int fd = vss_btrfs_open_at(topfd, path, err);
	char text[VSS_UUID_TEXT];
	struct vss_uuid id;

	if (fd < 0)
		return NULL;
	if (ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, &info) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "ask about the btrfs subvolume %s", path);
		return NULL;
	}
	memcpy(id.b, info.uuid, sizeof id.b);
	vss_uuid_text(&id, text);
	return vss_strdup(text);
}

int
vss_btrfs_open_dir_of(int topfd, const char *path, const char **base, struct vss_err *err)
{
	const char *slash = strrchr(path, '/');
	VSS_AUTOFREE char *dir = slash ? vss_strndup(path, (size_t)(slash - path)) : vss_strdup(".");

	*base = slash ? slash + 1 : path;
	return vss_open_beneath(topfd, dir, O_RDONLY | O_DIRECTORY, 0, err);
}

int
vss_btrfs_nested_in(int fd, struct vss_strv *paths, struct vss_err *err)
{
	struct btrfs_ioctl_get_subvol_rootref_args a = { 0 };
	int r;

	do {
		r = ioctl(fd, BTRFS_IOC_GET_SUBVOL_ROOTREF, &a);
		if (r < 0 && errno != EOVERFLOW) /* that is: there are more */
			return vss_fail(err, VSS_SYSTEM, errno, "list nested subvolumes");
		for (unsigned i = 0; i < a.num_items; i++) {
			struct btrfs_ioctl_ino_lookup_user_args in = { .treeid = a.rootref[i].treeid,
				.dirid = a.rootref[i].dirid };
			if (ioctl(fd, BTRFS_IOC_INO_LOOKUP_USER, &in) < 0 && errno != ENOENT)
				return vss_fail(err, VSS_SYSTEM, errno, "find a nested subvolume");
			if (*in.name)
				vss_strv_take(paths, vss_strf("%s%s", in.path, in.name));
		}
	} while (r < 0);
	return 0;
}

int
vss_btrfs_is_read_only(int fd, bool *out, struct vss_err *err)
{
	uint64_t flags;

	if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "flags of the subvolume");
	*out = flags & BTRFS_SUBVOL_RDONLY;
	return 0;
}

int
vss_btrfs_set_read_only(int fd, bool read_only, struct vss_err *err)
{
	uint64_t flags;

	if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "flags of the subvolume");
	flags = read_only ? flags | BTRFS_SUBVOL_RDONLY : flags & ~(uint64_t)BTRFS_SUBVOL_RDONLY;
	if (ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &flags) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "set the flags of the subvolume");
	return 0;
}

int
vss_btrfs_default(int topfd, uint64_t *id, struct vss_err *err)
{
	struct btrfs_ioctl_search_header h;
	struct btrfs_dir_item item;
	int r = first_item(topfd, BTRFS_ROOT_TREE_DIR_OBJECTID, BTRFS_DIR_ITEM_KEY, &h, &item, sizeof item);

	if (r < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "find the default subvolume");
	*id = r ? le64toh(item.location.objectid) : BTRFS_FS_TREE_OBJECTID;
	return 0;
}

int
vss_btrfs_set_default(int topfd, uint64_t id, struct vss_err *err)
{
	if (ioctl(topfd, BTRFS_IOC_DEFAULT_SUBVOL, &id) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "set the default subvolume");
	return 0;
}
