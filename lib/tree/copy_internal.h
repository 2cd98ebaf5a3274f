/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_COPY_INTERNAL_H
#define VSS_TREE_COPY_INTERNAL_H

#include "tree/content_internal.h"
#include "tree/copy.h"
#include "tree/links.h"
#include "tree/walk.h"

struct vss_tree_copy {
	int dstfd;
	const struct vss_copy_options *o;
	struct vss_copy_report *report;
	bool writes_alone; /* the source is known to write out dirty pages for sync_file_range(2) */
	struct vss_links *links; /* files with several names, by their first path */
};

/** One thing on its way: entry `e` of the source becomes `e->name` in directory `parent` of the destination. */
struct vss_copy_item {
	const struct vss_walk_entry *e;
	int parent;
	struct vss_attr a; /* as read before its content */
};

/** A regular file, copied, or linked to the copy of its inode.  CHANGED is never returned: it is counted. */
enum vss_went vss_copy_file(struct vss_tree_copy *c, struct vss_copy_item *item, struct vss_err *err);

/** If the inode item->a was copied under another name: a link to that, and *linked. */
enum vss_went vss_copy_link(
	struct vss_tree_copy *c, const struct vss_copy_item *item, bool *linked, struct vss_err *err);
/** Remember that the inode item->a has been copied to e->path. */
int vss_copy_remember(struct vss_tree_copy *c, const struct vss_copy_item *item, struct vss_err *err);
/** Give `fd` the attributes `a` as the options want it; what was lost is counted. */
int vss_copy_apply(struct vss_tree_copy *c, int fd, const struct vss_attr *a, struct vss_err *err);
/** Is the entry not to be dumped (chattr +d)?  Then `fd` is not either, where its file system knows that. */
void vss_copy_nodump(const struct vss_walk_entry *e, int fd);

/** Write out what is dirty of the source. */
int vss_copy_flush(int fd, bool writes_alone, struct vss_err *err);
/** Is what has that name still the file with these attributes, unchanged by its times? */
bool vss_copy_is_same(int dirfd, const char *name, const struct vss_attr *a);

#endif
