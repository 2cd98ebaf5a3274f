/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_RBD_SNAPSHOT_H
#define VSS_PROVIDER_RBD_SNAPSHOT_H

#include "command.h"

#include <stdbool.h>

/** Snapshots of groups: "pool/group@vss-SET". */
int snapshot_create(const struct command *c, const char *snapshot, struct vss_err *err);
/** Is it there, and complete?  1, 0, -1. */
int snapshot_exists(const struct command *c, const char *snapshot, struct vss_err *err);
/** Absence is fine; also an incomplete one goes. */
int snapshot_remove(const struct command *c, const char *snapshot, struct vss_err *err);
/** Remove it when no image of the group has a mark that names it. */
int snapshot_remove_unused(const struct command *c, const char *snapshot, struct vss_err *err);

/**
 * The device as which the image's part of the snapshot is mapped: mapped now, unless it is so already.  The caller frees it.
 */
char *snapshot_map(const struct command *c, const char *snapshot, const char *spec, struct vss_err *err);
/** Not mapped: fine. */
int snapshot_unmap(const struct command *c, const char *snapshot, const char *spec, struct vss_err *err);

#endif
