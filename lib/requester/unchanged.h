/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_UNCHANGED_H
#define VSS_REQUESTER_UNCHANGED_H

#include "archive/state.h"

/** Is an entry as it was in the base of an increment? */
enum vss_unchanged {
	VSS_CHANGED,
	VSS_UNCHANGED,
	VSS_UNCHANGED_IF_READ /* if its content has the digest that the base knows */
};

struct vss_entry_now {
	const struct vss_member *m; /* with its attributes, inode and ctime */
	nlink_t nlink;
	/* A file is known by inode and ctime: the copies keep these, now and in the base, and both are of one volume. */
	bool identity;
	int64_t base_ns; /* when the base was begun */
};

/**
 * `node` is what the base has at the same path.  Directories always count as changed.  Where a file is known, its inode
 * and ctime decide, but for a ctime so close to the base that a later change may have left it as it was.  One with several
 * names always counts as changed: a name that came by the renaming of a directory leaves no mark on the file, and would find none to
 * be another name of.
 */
enum vss_unchanged vss_unchanged_since(const struct vss_archive_node *node, const struct vss_entry_now *now,
	const unsigned char xattrs[32], const unsigned char link[32]);

#endif
