/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_BACKUP_CHECK_H
#define VSS_REQUESTER_BACKUP_CHECK_H

#include "requester/requester.h"

/** Wishes that do not go together (VSS_USAGE), or cannot be fulfilled (VSS_UNSUPPORTED): seen from the request alone. */
int vss_backup_check(const struct vss_backup_request *r, struct vss_err *err);

#endif
