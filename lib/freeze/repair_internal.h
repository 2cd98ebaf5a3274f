/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FREEZE_REPAIR_INTERNAL_H
#define VSS_FREEZE_REPAIR_INTERNAL_H

#include "freeze/record.h"

#define VSS_FREEZE_NOTHING (-2)
/**
 * A directory of the file system that a record names: through any of its mounts, or a private one.  -1, or VSS_FREEZE_NOTHING when
 * the device is gone, out of use, or carries another file system by now.
 */
int vss_freeze_open_left(const struct vss_freeze_fs *fs, struct vss_err *err);

#endif
