/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_CHAIN_H
#define VSS_REQUESTER_CHAIN_H

#include "archive/state.h"
#include "model/components.h"

#include <stdbool.h>

/**
 * The archives of one restore: a single one, or a full one and what was built on it, in order (R48).
 */
struct vss_image {
	char *path; /* as it was given or found; "-" */
	int fd;
	struct vss_archive_reader *reader;
	/* NULL while nobody has read it: a stream, or a restore of paths out of a single archive */
	struct vss_bcd *bcd;
};
struct vss_chain {
	struct vss_image *v;
	size_t n, cap;
	struct vss_archive_tree *tree; /* the state of the last; NULL when it stands alone */
	/* what was asked of the tree last: of each path more than one thing is asked */
	struct vss_chain_answer {
		char *path;
		struct vss_archive_node node;
		bool found;
	} last;
	struct vss_err trouble;		   /* the first question that had no answer; VSS_OK: all had */
	struct vss_strv spoiled;	   /* see vss_chain_spoil */
	uint64_t total_files, total_bytes; /* that will be restored of all images */
};

/**
 * Open what was named.  One increment alone: the archives that it builds on are looked for by backup ID in its directory.
 * Several: they must be a whole chain in order; a gap, a wrong order, another machine's among them: VSS_INVALID or VSS_USAGE
 * with a sentence that names both.  `seeks`: a stream will not do; `spool` is the directory where one is kept then, or NULL.
 */
int vss_chain_open(
	struct vss_chain *c, const struct vss_strv *archives, bool seeks, const char *spool, struct vss_err *err);
void vss_chain_close(struct vss_chain *c);
/**
 * Does what the last archive describes take `path` from image `i`?  Always when it stands alone.  Of a partial file
 * it takes the content from one and ranges from any behind that.  When nobody knows, false, and c->trouble says why:
 * then the restore is not whole.
 */
bool vss_chain_has(struct vss_chain *c, size_t i, const char *path);
/** Do ranges of `path` that image `i` has go over content that comes from an image before it?  NULL: no. */
bool vss_chain_goes_over(struct vss_chain *c, size_t i, const char *path);
/**
 * What an image has of `path` was not put: ranges that later images have of it must not go into whatever is there
 * instead.  NULL is fine.
 */
void vss_chain_spoil(struct vss_chain *c, const char *path);
bool vss_chain_is_spoiled(const struct vss_chain *c, const char *path);

#endif
