/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

/* The bits of the four types stand in this order, those for "from a snapshot" eight places higher (B32). */
static uint32_t
bit_of(enum vss_backup_type t)
{
	switch (t) {
	case VSS_BT_DIFFERENTIAL:
		return 0x2;
	case VSS_BT_INCREMENTAL:
		return 0x4;
	case VSS_BT_LOG:
		return 0x8;
	default:
		return 0x1; /* B37: a copy as full */
	}
}

bool
vss_fileset_is_in_backup(const struct vss_fileset *f, enum vss_backup_type t)
{
	return f->mask & bit_of(t);
}

bool
vss_fileset_needs_snapshot(const struct vss_fileset *f, enum vss_backup_type t)
{
	return f->mask & (bit_of(t) << 8);
}

enum vss_backup_type
vss_metadata_backup_type(const struct vss_metadata *m, enum vss_backup_type wanted)
{
	static const uint32_t schema[VSS_BT_COUNT] = {
		[VSS_BT_DIFFERENTIAL] = VSS_BS_DIFFERENTIAL,
		[VSS_BT_INCREMENTAL] = VSS_BS_INCREMENTAL,
		[VSS_BT_LOG] = VSS_BS_LOG,
	};

	return (schema[wanted] & m->schema) == schema[wanted] ? wanted : VSS_BT_FULL;
}
