/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_BOOT_H
#define VSS_OS_BOOT_H

#include "base/err.h"
#include "base/uuid.h"

/** Which run of the machine this is: another after every boot.  $VSS_BOOT_ID (ignored when set-uid) stands in for it in tests. */
int vss_boot_id(struct vss_uuid *out, struct vss_err *err);

#endif
