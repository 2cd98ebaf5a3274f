/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_HELD_H
#define VSS_REQUESTER_HELD_H

#include "requester/restore_image.h"

/**
 * After vss_placing_check: does the archive hold the files that the documents name (D3)?  A component that is said to have been
 * backed up, and one of whose named files is not there, ends it with VSS_INVALID.
 */
int vss_held_check(const struct vss_restore_image *i, struct vss_err *err);

#endif
