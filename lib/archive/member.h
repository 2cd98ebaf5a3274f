/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_MEMBER_H
#define VSS_ARCHIVE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * One member of an archive: what tar says of it.  Paths are raw bytes, relative, without a leading
 * slash; a directory has no trailing slash here; the root directory itself is ".".
 */
struct vss_member_xattr {
	char *name;
	void *value;
	size_t size;
};
struct vss_member_extent {
	uint64_t at, len;
};

struct vss_member {
	char *path;
	mode_t mode; /* with type (S_IFMT) */
	uid_t uid;
	gid_t gid;
	char *uname, *gname; /* or NULL */
	dev_t rdev;
	/* of the content, holes included; read: 0 for all but regular files and for hard links;
	 * written: ignored for these */
	uint64_t size;
	/* atime and ctime when has_*; a birth time cannot be restored and is not kept */
	int64_t mtime_s, atime_s, ctime_s;
	uint32_t mtime_ns, atime_ns, ctime_ns;
	bool has_atime, has_ctime;
	char *link;	/* target of a symbolic link */
	char *hardlink; /* path of an earlier member that this one is another name of; then no content follows */
	/* ACLs as the kernel's xattrs system.posix_acl_access / _default; the tar form
	 * (SCHILY.acl.*) is this room's business */
	struct vss_member_xattr *xattrs;
	size_t nxattrs;
	/* data map of a file with holes (sorted, within size); nextents == 0 and !sparse: all data */
	struct vss_member_extent *extents;
	size_t nextents;
	bool sparse;
	unsigned char sha256[32]; /* of the content (see manifest), valid when has_digest */
	bool has_digest;
	/* What a later increment compares (vss-archive(5), Manifest); the ctime must be there too. */
	uint64_t inode;
	bool has_identity;
	/* Digest of the attributes, of a member that comes from a manifest, which has not the attributes themselves;
	 * written only where there are none. */
	unsigned char xattr_sha256[32];
	bool has_xattr_digest;
	/* Of a member that comes from a manifest: its content could not be read to the end when it was archived. */
	bool torn;
	/* Only some ranges of the file are here, exactly its extents: what lies between them stays as it is on disk.  The
	 * path is that of the file itself; in the archive the member lies below .vss/partial. */
	bool partial;
	/* Not a member but a line of an increment's manifest: the content is in archive number `in` of the chain.  With
	 * `partial`: there is the whole file, and this archive or ones between have ranges that go over it. */
	bool elsewhere;
	unsigned in;
};

void vss_member_clear(struct vss_member *m); /* frees what it owns, zeroes it */

#endif
