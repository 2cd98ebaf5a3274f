/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_OVERLAY_H
#define VSS_REQUESTER_OVERLAY_H

#include "requester/take_file.h"

#include <sys/types.h>

/**
 * What writers have put into their scratch directories, laid over the copies (vss-writer(7), file): a file there takes
 * the place of what the copy has at the same path.  Nothing is kept in memory of what is found: it is looked up when
 * a walk comes by.
 */
struct vss_overlay;

/** NULL when no file set of a writer that takes part has an overlay; the other calls do nothing then. */
struct vss_overlay *vss_overlay_new(struct vss_choice *c, int spool_dirfd);
void vss_overlay_free(struct vss_overlay *o);
/** Does something lie in the place of the copy's entry of this type?  1, 0, -1.  Two directories are one. */
int vss_overlay_hides(struct vss_overlay *o, const char *path, mode_t type, struct vss_err *err);
/** The directory `path` is in the archive now. */
int vss_overlay_saw(struct vss_overlay *o, const char *path, struct vss_err *err);
/** Put all of it, behind everything that comes from copies. */
int vss_overlay_take(struct vss_taking *t, struct vss_err *err);

#endif
