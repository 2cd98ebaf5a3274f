/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_BREAK_H
#define VSS_COPIES_BREAK_H

#include "base/err.h"
#include "model/set.h"

#include <stdbool.h>

/** S41..S45: a shadow copy becomes a volume of its own, which nothing here knows any more. */

/** The name that it gets unless another is wished: VOLUME-YYYYMMDDTHHMMSSZ, of the moment of the copy; the caller frees it. */
char *vss_copies_break_name(const struct vss_set *set, size_t index);
/**
 * Could it be?  VSS_USAGE for a name that is none; VSS_UNSUPPORTED; VSS_E_UNSUPPORTED_CONTEXT for client-accessible copies; VSS_BUSY,
 * VSS_E_REVERT_IN_PROGRESS.
 */
int vss_copies_check_break(const struct vss_set *set, size_t index, const char *name, struct vss_err *err);
/**
 * It is unexposed first; the document and *set follow.  *where is what it is found by (a subvolume's path, a directory); the caller
 * frees it.  VSS_EXISTS when there is something of that name.
 */
int vss_copies_break(
	struct vss_set *set, size_t index, const char *name, bool writable, char **where, struct vss_err *err);

#endif
