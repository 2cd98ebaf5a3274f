/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

/*
 * What copies that are trees of files take: the blocks of their files, less those that are shared with
 * other files.  A list must end in a moment: beyond so many entries what was counted is told as an estimate.
 */

#define ENTRIES_MAX 1000000
#define EXTENTS 64 /* asked for at a time */
#define BLOCK 512  /* the unit of st_blocks, whatever the file system's */

struct counting {
	uint64_t bytes;
	size_t entries;
	bool may_share; /* files of this file system can have blocks in common */
};

/* Only these keep blocks in common; asking the others would open every file for nothing. */
static bool
can_share(int fd)
{
	struct statfs fs;
	return fstatfs(fd, &fs) == 0 && (fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC);
}

struct extent_map {
	struct fiemap head;
	struct fiemap_extent v[EXTENTS];
};

/* Bytes of the file that lie in blocks of others too; none where that cannot be found out. */
static uint64_t
shared_bytes(int fd)
{
	struct extent_map map;
	uint64_t at = 0, shared = 0;
	bool last = false;

	while (!last) {
		memset(&map.head, 0, sizeof map.head);
		map.head.fm_start = at;
		map.head.fm_length = FIEMAP_MAX_OFFSET - at;
		map.head.fm_extent_count = EXTENTS;
		if (ioctl(fd, FS_IOC_FIEMAP, &map) < 0 || map.head.fm_mapped_extents == 0)
			break;
		for (unsigned i = 0; i < map.head.fm_mapped_extents; i++) {
			const struct fiemap_extent *e = &map.v[i];
			if (e->fe_flags & FIEMAP_EXTENT_SHARED)
				shared += e->fe_length;
			last = e->fe_flags & FIEMAP_EXTENT_LAST;
			at = e->fe_logical + e->fe_length;
		}
	}
	return shared;
}

static uint64_t
shared_of(const struct vss_walk_entry *e)
{
	VSS_AUTOCLOSE int fd = openat(e->dirfd, e->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? 0 : shared_bytes(fd);
}

static enum vss_walk_verdict
count(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct counting *c = ctx;
	uint64_t bytes = (uint64_t)e->st->st_blocks * BLOCK;

	if (c->entries++ >= ENTRIES_MAX) {
		vss_fail(err, VSS_BUSY, 0, "too many files to be counted");
		return VSS_WALK_STOP;
	}
	if (c->may_share && bytes && S_ISREG(e->st->st_mode)) {
		uint64_t shared = shared_of(e);
		bytes -= shared < bytes ? shared : bytes;
	}
	/* All names of a file in a copy are in it, so each has its part. */
	c->bytes += S_ISDIR(e->st->st_mode) ? bytes : bytes / (uint64_t)e->st->st_nlink;
	return VSS_WALK_ON;
}

/* What cannot be looked at is not counted: its size is not known, the rest is. */
static enum vss_walk_verdict
go_on(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	(void)e;
	(void)err;
	return VSS_WALK_ON;
}

static int
count_copy(int storefd, const struct vss_uuid *shadow, struct counting *c, struct vss_err *err)
{
	static const struct vss_walk_ops ops = { .visit = count, .trouble = go_on, .one_file_system = true };
	VSS_AUTOFREE char *path = vss_store_copy_path(shadow);
	VSS_AUTOCLOSE int fd = openat(
		storefd, vss_path_below(path, VSS_SHADOW_STORAGE), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) /* one that is missing takes nothing */
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return vss_walk(fd, &ops, c, err);
}

void
vss_store_capacity(int fd, struct vss_provider_use *out)
{
	struct statfs fs;

	out->capacity = UINT64_MAX;
	if (fstatfs(fd, &fs) == 0)
		out->size = (uint64_t)fs.f_blocks * (uint64_t)fs.f_frsize;
}

int
vss_store_use(const struct vss_shadow *const *copies, size_t n, const struct vss_store_kind *kind,
	struct vss_provider_use *out, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(copies[0]->place, err);
	VSS_AUTOCLOSE int fd = root < 0 ? -1 : vss_store_find(root, kind->provider, err);
	struct counting c = { 0 };

	if (fd < 0)
		return -1;
	*out = (struct vss_provider_use){ 0 };
	vss_store_capacity(fd, out);
	c.may_share = can_share(fd);
	for (size_t i = 0; i < n && !out->estimated; i++) {
		if (count_copy(fd, &copies[i]->id, &c, err) == 0)
			continue;
		if (c.entries <= ENTRIES_MAX)
			return vss_wrap(err, "%s", copies[0]->place);
		out->estimated = true;
		vss_forgive(err);
	}
	out->used = out->allocated = c.bytes;
	return 0;
}
