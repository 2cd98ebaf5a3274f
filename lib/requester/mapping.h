/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_MAPPING_H
#define VSS_REQUESTER_MAPPING_H

#include "base/err.h"
#include "base/str.h"
#include "model/components.h"
#include "requester/restore_files.h"

/**
 * Files that go somewhere else than they came from.
 */

/** What the user wants elsewhere: OLD=NEW, both absolute and clean, NEW without a link on the way (R34). */
struct vss_moves {
	struct vss_move {
		char *from, *to;
		bool used;
	} * v;
	size_t n, cap;
};
/** VSS_USAGE for a word that is not absolute on both sides, and for one OLD twice. */
int vss_moves_parse(struct vss_moves *m, const struct vss_strv *words, struct vss_err *err);
void vss_moves_clear(struct vss_moves *m);
/** Where the absolute path goes, by the longest OLD that it is or lies below; NULL: nowhere else.  The caller frees it. */
char *vss_moves_apply(struct vss_moves *m, const char *path);
/** One that has moved nothing, or NULL. */
const struct vss_move *vss_moves_unused(const struct vss_moves *m);

/** The absolute `path`, which lies in or below `from`, as if that were `to`; NULL when it does not.  The caller frees it. */
char *vss_path_moved(const char *path, const char *from, const char *to);

/**
 * Where a writer's document would have the file set instead: the location whose file set equals it in path, spec and recursion
 * (R29, R31).  NULL: none.
 */
const char *vss_alternate_of(const struct vss_metadata *m, const struct vss_fileset *f);

/** The whole of a file of this size goes to one place as it is: that place, as an absolute path; NULL: it does not.  The caller frees it. */
char *vss_directed_whole(const struct vss_bcd_component *c, const char *path, uint64_t size);
/** Is this directed target about the file (absolute path)? */
bool vss_directed_is_of(const struct vss_bcd_directed *d, const char *path);
/** Does its writer direct this file (absolute path) somewhere (R37)? */
bool vss_is_directed(const struct vss_bcd_component *c, const char *path);
/** Can its directed targets be followed?  Ranges of equal length (R39), clean absolute destinations, no link on the way. */
int vss_directed_check(const struct vss_bcd_component *c, struct vss_err *err);

#endif
