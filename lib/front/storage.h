/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_STORAGE_H
#define VSS_FRONT_STORAGE_H

#include "front/front.h"

#include <stdint.h>

/**
 * Shadow copy storage: vssadmin's `list shadowstorage` and `resize shadowstorage`.
 */
struct vss_front_storage {
	const char *volume; /* --for, as users name volumes, or as one that is gone was named; or NULL */
	const char *on;	    /* --on: a directory, a volume on the file system, or its ID; or NULL */
};

/**
 * vssadmin's text, rows, or JSON: a list of {volume, volume_id, provider, storage, used, allocated, maximum, size, copies, max_copies,
 * estimated}; null where nobody knows, or nothing limits it.
 */
int vss_front_storage_list(
	const struct vss_front_storage *which, const struct vss_front_list *how, struct vss_err *err);

struct vss_front_resize {
	struct vss_front_storage which; /* the volume is required */
	const char *max_size;		/* SIZE, N%, UNBOUNDED, 0 to take the limit back; or NULL: stays */
	uint64_t max_copies;		/* 0: stays */
	bool dry_run, json, quiet;
};
/** Keep the limit, and let the oldest copies that are above it go, which is told.  VSS_E_VOLUME_IN_USE: 0 while there are copies. */
int vss_front_storage_resize(const struct vss_front_resize *r, struct vss_err *err);

#endif
