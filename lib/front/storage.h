/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_STORAGE_H
#define VSS_FRONT_STORAGE_H

#include "front/front.h"

#include <stdint.h>

/**
 * Shadow copy storage: vssadmin's `list shadowstorage`, and what changes associations.
 */
struct vss_front_storage {
	const char *volume; /* --for, as users name volumes, or as one that is gone was named; or NULL */
	const char *on;	    /* --on: a directory, a volume on the file system, or its ID; or NULL */
	enum vss_front_shape shape;
};

/**
 * vssadmin's text, rows, or JSON: a list of {volume, volume_id, provider, storage, used, allocated, maximum, size, copies, max_copies,
 * estimated, chosen}; null where nobody knows, or nothing limits it.
 */
int vss_front_storage_list(
	const struct vss_front_storage *which, const struct vss_front_list *how, struct vss_err *err);

struct vss_front_resize {
	/* The volume is required.  In vssadmin's shape there must be an association, and a size that is not said is unbounded. */
	struct vss_front_storage which;
	const char *max_size; /* SIZE, N%, UNBOUNDED, or to take the limit back 0 (not in vssadmin's shape); or NULL: stays */
	uint64_t max_copies;		/* 0: stays */
	bool dry_run, json, quiet;
};
/** Keep the limit, and let the oldest copies that are above it go, which is told.  VSS_E_VOLUME_IN_USE: 0 while there are copies. */
int vss_front_storage_resize(const struct vss_front_resize *r, struct vss_err *err);

/**
 * Copies of the volume go to that storage from now on, as far as their provider leaves that to us: its own place is the only one
 * that others take (VSS_UNSUPPORTED).  Volume and storage are required; max_size as above.  VSS_EXISTS.
 */
int vss_front_storage_add(const struct vss_front_resize *r, struct vss_err *err);
/** Take associations of the volume and their limits away.  VSS_E_VOLUME_IN_USE while there are copies; vss_front_none() when there
 * is none. */
int vss_front_storage_delete(const struct vss_front_storage *which, bool quiet, struct vss_err *err);

#endif
