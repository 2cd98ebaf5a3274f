/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_DECIDED_H
#define VSS_REQUESTER_DECIDED_H

#include "requester/restore_image.h"

/**
 * Where the files of each component set go (R16..R19, R25..R28, model/decide.h): the facts are looked up on the disk, over all
 * files of the set that the archives of the restore hold.
 */
enum vss_decide_when {
	VSS_DECIDE_EARLY, /* before PreRestore: for components whose writers are not asked */
	VSS_DECIDE_LATE,  /* after it: for all others */
	VSS_DECIDE_DRY	  /* for all, as it looks now */
};

/** What the first image of a chain that has files of a component decides holds for this one, too. */
void vss_decide_follow(struct vss_restore_image *i);
/** VSS_GRADE, with the first sentence, when one of them may not be restored: then nothing has been changed. */
int vss_decide_places(struct vss_restore_image *i, enum vss_decide_when when, struct vss_err *err);
/** All of a chain was put: what waits for the next boot, of any image, is promised to it (durable). */
int vss_decide_seal(struct vss_restore_image *last, struct vss_err *err);
void vss_place_clear(struct vss_place *p);

#endif
