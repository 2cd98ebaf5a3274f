/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_STATE_H
#define VSS_ARCHIVE_STATE_H

#include "archive/reader.h"

/**
 * The whole state that an archive's manifest describes, to be asked by path: for an increment against it, and for a restore that
 * takes each file from the archive of the chain that has it.  It lies in an unlinked file: memory stays small whatever the count.
 */
struct vss_archive_tree;

struct vss_archive_node {
	mode_t mode; /* with type */
	uid_t uid;
	gid_t gid;
	dev_t rdev;
	uint64_t size, inode;
	int64_t mtime_s, ctime_s;
	uint32_t mtime_ns, ctime_ns;
	/* of a further name of a file, size and digest are those of its first name, where the state has that */
	unsigned char sha256[32];
	bool has_digest, has_identity, is_hardlink, has_xattrs;
	bool sparse; /* the digest is that of a file with holes */
	/* of the attributes as in the manifest, of a symbolic link's target; zeros: there are none */
	unsigned char xattr_sha256[32], link_sha256[32];
	bool elsewhere; /* the archive itself has it not: archive `in` of the chain has */
	unsigned in;
	bool partial; /* `in` has it whole, and later archives of the chain, perhaps this one, have ranges that go over it */
};

/**
 * Read it all.  `spool_dirfd` as for the writer, open as long as the tree.  VSS_CORRUPT: a path comes twice.  About 170
 * bytes of spool for each entry.
 */
struct vss_archive_tree *vss_archive_tree_new(struct vss_archive_reader *r, int spool_dirfd, struct vss_err *err);
void vss_archive_tree_free(struct vss_archive_tree *t); /* NULL is fine */
/** 1 with *out; 0: the state has no such path; -1.  `path` as of a member: relative, "." for the root. */
int vss_archive_tree_find(
	struct vss_archive_tree *t, const char *path, struct vss_archive_node *out, struct vss_err *err);
/** Of attributes and of a link's target, as a node has them. */
int vss_archive_tree_digests(
	const struct vss_member *m, unsigned char xattrs[32], unsigned char link[32], struct vss_err *err);

/**
 * The digest that the content of a file would have as a member, without an archive: for comparing with a node's.  Pieces
 * come as for vss_archive_put_data; `m` is not kept.
 */
struct vss_archive_measure;
struct vss_archive_measure *vss_archive_measure_new(const struct vss_member *m, struct vss_err *err);
int vss_archive_measure_data(
	struct vss_archive_measure *s, uint64_t at, const void *data, size_t n, struct vss_err *err);
/** VSS_INVALID: less came than `m` promised.  Only _free may follow. */
int vss_archive_measure_end(struct vss_archive_measure *s, unsigned char sha256[32], struct vss_err *err);
void vss_archive_measure_free(struct vss_archive_measure *s); /* NULL is fine */

#endif
