/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_REVERT_H
#define VSS_REQUESTER_REVERT_H

#include "base/err.h"
#include "model/set.h"

/**
 * S52: writers that nobody may put a volume back under: a line each, with the ID or the name of a writer, in the files *.conf of
 * /etc/vss/block-revert.d ($VSS_BLOCK_REVERT_PATH; ignored when set-uid).  When there are such lines the writers are asked
 * what they have: one of the list with a component on the copy's volume, or one that does not answer, is a refusal (VSS_GRADE).
 */
int vss_check_blocked_revert(const struct vss_shadow *s, struct vss_err *err);

#endif
