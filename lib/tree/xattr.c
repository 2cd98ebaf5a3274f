/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/attr_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

struct vss_xattr_place
vss_xattr_place_fd(int fd)
{
	struct vss_xattr_place p = { .fd = fd, .follow = true };
	int flags = fcntl(fd, F_GETFL);
	/* An O_PATH descriptor is good for its /proc path alone; that ends at the file itself even when it is a link. */
	if (flags >= 0 && (flags & O_PATH))
		p.fd = -1;
	snprintf(p.path, sizeof p.path, "/proc/self/fd/%d", fd);
	return p;
}

struct vss_xattr_place
vss_xattr_place_at(int dirfd, const char *name)
{
	struct vss_xattr_place p = { .fd = -1, .follow = false };
	int n = dirfd == AT_FDCWD ? snprintf(p.path, sizeof p.path, "%s", name)
				  : snprintf(p.path, sizeof p.path, "/proc/self/fd/%d/%s", dirfd, name);
	assert(n > 0 && (size_t)n < sizeof p.path);
	return p;
}

static ssize_t
list(const struct vss_xattr_place *p, char *to, size_t n)
{
	if (p->fd >= 0)
		return flistxattr(p->fd, to, n);
	return p->follow ? listxattr(p->path, to, n) : llistxattr(p->path, to, n);
}

static ssize_t
get(const struct vss_xattr_place *p, const char *name, void *to, size_t n)
{
	if (p->fd >= 0)
		return fgetxattr(p->fd, name, to, n);
	return p->follow ? getxattr(p->path, name, to, n) : lgetxattr(p->path, name, to, n);
}

int
vss_xattr_names(const struct vss_xattr_place *p, char **names, size_t *n, struct vss_err *err)
{
	/* Most files have none: one call tells. */
	char small[256];
	ssize_t got = list(p, small, sizeof small);
	if (got >= 0) {
		*names = vss_memdup(small, (size_t)got);
		*n = (size_t)got;
		return 0;
	}
	*names = vss_alloc(0);
	*n = 0;
	if (errno == ENOTSUP)
		return 0;
	if (errno == ERANGE) {
		*names = vss_realloc(*names, XATTR_LIST_MAX, 1);
		got = list(p, *names, XATTR_LIST_MAX);
		*n = got < 0 ? 0 : (size_t)got;
	}
	if (got >= 0)
		return 0;
	int e = errno;
	free(*names);
	*names = NULL;
	return vss_fail(err, VSS_SYSTEM, e, "list extended attributes");
}

int
vss_xattr_get(const struct vss_xattr_place *p, const char *name, void **value, size_t *n, struct vss_err *err)
{
	for (int tries = 0;; tries++) {
		ssize_t size = get(p, name, NULL, 0);
		void *v = vss_alloc(size < 0 ? 0 : (size_t)size);
		ssize_t got = size > 0 ? get(p, name, v, (size_t)size) : size;
		if (got >= 0) {
			*value = v;
			*n = (size_t)got;
			return 1;
		}
		int e = errno;
		free(v);
		if (e == ENODATA)
			return 0;
		/* It grew between the two calls. */
		if (e != ERANGE || tries > 10)
			return vss_fail(err, VSS_SYSTEM, e, "extended attribute %s", name);
	}
}

int
vss_xattr_set(const struct vss_xattr_place *p, const struct vss_xattr *x)
{
	int r;
	if (p->fd >= 0)
		r = fsetxattr(p->fd, x->name, x->value, x->size, 0);
	else if (p->follow)
		r = setxattr(p->path, x->name, x->value, x->size, 0);
	else
		r = lsetxattr(p->path, x->name, x->value, x->size, 0);
	return r < 0 ? errno : 0;
}

int
vss_xattr_remove(const struct vss_xattr_place *p, const char *name)
{
	int r;
	if (p->fd >= 0)
		r = fremovexattr(p->fd, name);
	else
		r = p->follow ? removexattr(p->path, name) : lremovexattr(p->path, name);
	return r < 0 ? errno : 0;
}

bool
vss_xattr_is_acl(const char *name)
{
	return vss_str_starts(name, "system.posix_acl_");
}
