/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/attr_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void
vss_attr_clear(struct vss_attr *a)
{
	for (size_t i = 0; i < a->nxattrs; i++) {
		free(a->xattrs[i].name);
		free(a->xattrs[i].value);
	}
	free(a->xattrs);
	free(a->link);
	*a = (struct vss_attr){ 0 };
}

static void
take_stat(struct vss_attr *a, const struct statx *sx)
{
	a->mode = sx->stx_mode;
	a->uid = sx->stx_uid;
	a->gid = sx->stx_gid;
	a->rdev = makedev(sx->stx_rdev_major, sx->stx_rdev_minor);
	a->dev = makedev(sx->stx_dev_major, sx->stx_dev_minor);
	a->ino = sx->stx_ino;
	a->nlink = sx->stx_nlink;
	a->size = sx->stx_size;
	a->blocks = sx->stx_blocks;
	a->atime_s = sx->stx_atime.tv_sec;
	a->atime_ns = sx->stx_atime.tv_nsec;
	a->mtime_s = sx->stx_mtime.tv_sec;
	a->mtime_ns = sx->stx_mtime.tv_nsec;
	a->ctime_s = sx->stx_ctime.tv_sec;
	a->ctime_ns = sx->stx_ctime.tv_nsec;
	a->has_btime = sx->stx_mask & STATX_BTIME;
	a->btime_s = a->has_btime ? sx->stx_btime.tv_sec : 0;
	a->btime_ns = a->has_btime ? sx->stx_btime.tv_nsec : 0;
}

static char *
read_link(int dirfd, const char *name, struct vss_err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dirfd, name, target, sizeof target);
	if (n < 0 || (size_t)n == sizeof target) {
		vss_fail(err, VSS_SYSTEM, n < 0 ? errno : ENAMETOOLONG, "read link");
		return NULL;
	}
	return vss_strndup(target, (size_t)n);
}

static int
by_name(const void *a, const void *b)
{
	const struct vss_xattr *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static int
read_xattrs(const struct vss_xattr_place *place, struct vss_attr *a, struct vss_err *err)
{
	VSS_AUTOFREE char *names = NULL;
	size_t n, cap = 0;
	if (vss_xattr_names(place, &names, &n, err) < 0)
		return -1;
	for (const char *name = names; name < names + n; name += strlen(name) + 1) {
		struct vss_xattr x = { 0 };
		int got = vss_xattr_get(place, name, &x.value, &x.size, err);
		if (got < 0)
			return -1;
		if (got == 0)
			continue;
		x.name = vss_strdup(name);
		VSS_PUSH(a->xattrs, a->nxattrs, cap) = x;
	}
	if (a->nxattrs > 1)
		qsort(a->xattrs, a->nxattrs, sizeof *a->xattrs, by_name);
	return 0;
}

int
vss_attr_read(int dirfd, const char *name, int fd, struct vss_attr *out, struct vss_err *err)
{
	struct statx sx;
	struct vss_attr a = { 0 };
	int r = fd >= 0 ? statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &sx)
			: statx(dirfd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME,
				  &sx);
	if (r < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	take_stat(&a, &sx);
	const struct vss_xattr_place place = fd >= 0 ? vss_xattr_place_fd(fd) : vss_xattr_place_at(dirfd, name);
	if (S_ISLNK(a.mode) && !(a.link = read_link(dirfd, name, err)))
		goto fail;
	if (read_xattrs(&place, &a, err) < 0)
		goto fail;
	*out = a;
	return 0;
fail:
	vss_attr_clear(&a);
	return -1;
}
