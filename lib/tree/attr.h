/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_ATTR_H
#define VSS_TREE_ATTR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * What a file is, apart from its content: everything that a backup keeps.  ACLs and capabilities are extended attributes here
 * (system.posix_acl_access, system.posix_acl_default, security.capability), in the kernel's own form.
 */
struct vss_xattr {
	char *name;
	void *value;
	size_t size;
};

struct vss_attr {
	mode_t mode; /* with type */
	uid_t uid;
	gid_t gid;
	dev_t rdev;
	dev_t dev;
	ino_t ino;
	nlink_t nlink;
	uint64_t size;
	uint64_t blocks; /* of 512 bytes */
	int64_t atime_s, mtime_s, ctime_s, btime_s;
	uint32_t atime_ns, mtime_ns, ctime_ns, btime_ns;
	bool has_btime;
	char *link;		  /* target of a symbolic link, else NULL */
	struct vss_xattr *xattrs; /* sorted by name */
	size_t nxattrs;
};

void vss_attr_clear(struct vss_attr *a); /* frees what it owns, zeroes it */

/**
 * Of the entry `name` in `dirfd`, never following a link; `fd` is the same file opened for reading, or -1 (then xattrs are read through
 * /proc/self/fd).  On failure *out is untouched; an attribute that may not be read is a failure.
 * Messages do not name the file: the caller knows its path.  The caller calls vss_attr_clear.
 */
int vss_attr_read(int dirfd, const char *name, int fd, struct vss_attr *out, struct vss_err *err);

/** What may be given to a file that is being restored. */
enum vss_attr_apply {
	VSS_APPLY_OWNER = 1,	    /* chown; a refusal is a failure, unless */
	VSS_APPLY_OWNER_IF_CAN = 2, /* is given too or alone: then it is skipped silently */
	VSS_APPLY_XATTR = 4,
	VSS_APPLY_TRUSTED = 8, /* set-id bits, capabilities, trusted.* and security.* attributes too */
	VSS_APPLY_TIMES = 16
};

/**
 * Owner, xattrs and capabilities, ACL, mode, times, in that order, on the open file `fd`; for a symbolic link, a device, a FIFO or a socket `fd` is
 * O_PATH|O_NOFOLLOW (a link gets no mode).  With VSS_APPLY_XATTR, attributes that the file has and `a` has not are removed (an inherited ACL), security
 * labels excepted.  Set-id bits of a file are left out also when its owner could not be made right.
 * An attribute that the file system or the system does not take is reported through vss_warn by name once, and counted in *lost (may be NULL).
 * Everything else that fails ends it: -1, and what was set until then stays.  Messages do not name the file.
 */
int vss_attr_apply(int fd, const struct vss_attr *a, unsigned how, unsigned *lost, struct vss_err *err);

#endif
