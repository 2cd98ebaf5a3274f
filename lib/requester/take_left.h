/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TAKE_LEFT_H
#define VSS_REQUESTER_TAKE_LEFT_H

#include "requester/take_file.h"

/**
 * Entries of a copy that say themselves that plain paths are to leave them out: directories with a CACHEDIR.TAG, and what has the
 * attribute "no dump" (chattr +d).  True when that was found now, and noted in the plan: whoever asked its choice before asks again.
 */
bool vss_take_left(struct vss_plan *p, const struct vss_take_entry *e);

#endif
