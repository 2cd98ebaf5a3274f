/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_DELETE_TELL_H
#define VSS_FRONT_DELETE_TELL_H

#include "front/copies.h"

/**
 * What is said of shadow copies that are deleted, or kept: text in the words of each front, or JSON.
 */

/** What is said of a copy that need not be there any more. */
struct vss_front_gone {
	struct vss_uuid id, set;
	char *volume;
};

/** JSON: one object; kept_by NULL: no rules were said. */
void vss_front_gone_json(struct vss_jw *w, const struct vss_front_gone *g, const struct vss_strv *kept_by);
/** Text: before it is deleted, after, and what rules keep it. */
void vss_front_deleting(const struct vss_front_delete *d, const struct vss_front_gone *g);
void vss_front_deleted(const struct vss_front_delete *d, const struct vss_front_gone *g);
void vss_front_kept_text(
	const struct vss_front_delete *d, const struct vss_front_gone *g, const struct vss_strv *words);
/** Text: all is done. */
void vss_front_deleted_all(const struct vss_front_delete *d, size_t n);
/** Text: there is nothing to delete. */
void vss_front_deleted_none(const struct vss_front_delete *d);

#endif
