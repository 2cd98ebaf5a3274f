/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_SCRATCH_H
#define VSS_COPIES_SCRATCH_H

#include "base/err.h"

/**
 * Where the writers of one backup put what goes into its archive.  <state>/scratch/<id> is the record of it:
 *
 *	lock	  held as long as the backup lives, and seen by everybody who sees the state directory
 *	writers	  the directory itself, or a link to `.vss-scratch-<id>` in another place
 *
 * Others may pass through these directories and not list them, because writers may run as other users; what is
 * in `writers` belongs to one writer each and is open to it alone.
 */
struct vss_scratch {
	char *dir; /* of `writers`, links resolved; NULL: there is none */
	char *record;
	int lockfd;
};
#define VSS_SCRATCH_NONE                                                                                               \
	{                                                                                                              \
		NULL, NULL, -1                                                                                         \
	}

/** Make one, in `place` when that is not NULL.  On failure nothing is left. */
int vss_scratch_new(struct vss_scratch *s, const char *place, struct vss_err *err);
/** Remove it with all that is in it; what cannot be is named by vss_warn, and tried again by vss_copies_reap. */
void vss_scratch_free(struct vss_scratch *s);

#endif
