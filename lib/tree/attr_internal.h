/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_ATTR_INTERNAL_H
#define VSS_TREE_ATTR_INTERNAL_H

#include "tree/attr.h"

/**
 * A file whose extended attributes are meant: an open descriptor, or, where that is not open for it (O_PATH, a link, no right to read), a
 * path through /proc/self/fd that ends at the very file.
 */
struct vss_xattr_place {
	int fd;		/* or -1: use path */
	char path[300]; /* "/proc/self/fd/N" or "/proc/self/fd/N/name": a name has 255 bytes at most */
	bool follow;	/* the path's last element is the magic link itself, which has to be followed */
};

struct vss_xattr_place vss_xattr_place_fd(int fd);
struct vss_xattr_place vss_xattr_place_at(int dirfd, const char *name);

/** The names, each with its NUL, in a buffer of the caller's; *n 0 where the file system has none. */
int vss_xattr_names(const struct vss_xattr_place *p, char **names, size_t *n, struct vss_err *err);
/** 1 and a value of the caller's; 0: gone meanwhile; -1. */
int vss_xattr_get(const struct vss_xattr_place *p, const char *name, void **value, size_t *n, struct vss_err *err);
/** 0 or an errno. */
int vss_xattr_set(const struct vss_xattr_place *p, const struct vss_xattr *x);
int vss_xattr_remove(const struct vss_xattr_place *p, const char *name);

bool vss_xattr_is_acl(const char *name);

#endif
