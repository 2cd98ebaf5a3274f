/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_LOCK_H
#define VSS_OS_LOCK_H

#include "base/err.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * OFD locks in 0600 files of 0700 directories.  The lock lives as long as its open file description: it may be handed to children.
 */

/**
 * Take an exclusive lock on `path` (made if missing), waiting up to `wait_ms` (polling a blocking lock in short turns is not
 * sleeping: it waits on the interrupt descriptor).  Returns the descriptor, or -1: VSS_BUSY when somebody else holds it to the end, VSS_INTERRUPTED.
 */
int vss_lock(const char *path, int wait_ms, struct vss_err *err);
/** 1 held by somebody, 0 free or absent, -1 error. */
int vss_lock_is_held(const char *path, struct vss_err *err);

/**
 * Owners of auto-release copies: an owner is alive while the lock on `<run>/owners/<id>` is held (design: Sessions).  The file
 * says pid, boot id and time, for display only.
 */
int vss_owner_new(struct vss_uuid *id, struct vss_err *err); /* returns the locked descriptor */
bool vss_owner_is_alive(const struct vss_uuid *id);
void vss_owner_release(const struct vss_uuid *id, int fd); /* removes the file, closes */

#endif
