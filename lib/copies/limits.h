/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_LIMITS_H
#define VSS_COPIES_LIMITS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * How much the shadow copies of a volume may take, and where they go: the administrator's limits and associations, a file
 * each in vss_limits_dir(), kept until they are taken back, also while there is no copy (S57, S59).
 */
#define VSS_LIMIT_NONE UINT64_MAX
#define VSS_LIMIT_MIN (UINT64_C(320) << 20) /* the least that copies can be limited to, in bytes (S57) */

struct vss_limit {
	char *volume_id;
	char *volume; /* where it was mounted when the limit was set, for people; or NULL */
	char *place;  /* the storage (vss_shadow.place); "": each that has no limit of its own */
	char *on; /* an association: the ID of the volume that the storage is on, where copies go; NULL: only a limit */
	uint64_t max_bytes;  /* VSS_LIMIT_NONE: as much as there is room */
	unsigned percent;    /* of the storage, in place of bytes; 0: bytes */
	uint64_t max_copies; /* VSS_LIMIT_NONE: as many as there may be (M23) */
};
#define VSS_LIMIT_INIT                                                                                                 \
	{                                                                                                              \
		NULL, NULL, NULL, NULL, VSS_LIMIT_NONE, 0, VSS_LIMIT_NONE                                              \
	}
void vss_limit_clear(struct vss_limit *l);

struct vss_limits {
	struct vss_limit *v;
	size_t n, cap;
};
void vss_limits_free(struct vss_limits *l);
/** All of them, by volume.  One that cannot be read limits nothing and is named by vss_warn; none at all is fine. */
int vss_limits_read(struct vss_limits *out, struct vss_err *err);
/** The limit for copies of the volume in this storage; NULL: there is none. */
const struct vss_limit *vss_limits_for(const struct vss_limits *l, const char *volume_id, const char *place);
/** Keep it durably in place of the one for the same volume and storage. */
int vss_limit_write(const struct vss_limit *l, struct vss_err *err);
/** Take back the limit for this volume and storage; absence is fine. */
int vss_limit_remove(const char *volume_id, const char *place, struct vss_err *err);
/** A volume has another ID from now on: what is kept of it by the old one follows. */
int vss_limits_follow(const char *old_id, const char *new_id, struct vss_err *err);
/** The one that says where copies of the volume go; NULL: none does. */
const struct vss_limit *vss_limits_association(const struct vss_limits *l, const char *volume_id);
/** In bytes, of a storage of `size` (0: not known, then a share limits nothing). */
uint64_t vss_limit_bytes(const struct vss_limit *l, uint64_t size);
/** "300G", "20%", "unbounded", with or without its unit (base/num.h): VSS_USAGE, also for less than VSS_LIMIT_MIN but 0; the caller
 * says of which option. */
int vss_limit_parse_size(const char *word, struct vss_limit *out, struct vss_err *err);

#define VSS_COPIES_MAX 512	     /* of one volume (M23) */
#define VSS_CLIENT_ACCESSIBLE_MAX 64 /* of these, those that are client-accessible */
/**
 * May another copy of `volume` be made in this context, of which there are so many?  Where older ones go for it, by
 * `l` (or NULL), it may.  VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED with the way out.
 */
int vss_limit_check_number(const struct vss_limit *l, const char *volume, size_t copies, size_t client_accessible,
	uint32_t context, struct vss_err *err);

#endif
