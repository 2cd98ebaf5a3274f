/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_STATIC_INTERNAL_H
#define VSS_PROVIDER_STATIC_INTERNAL_H

#include "base/buf.h"
#include "base/err.h"
#include "os/volume.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * What shows that nothing was written to a volume, later: the sectors that this machine has written to its block devices since it
 * started, and how the devices begin.  Counters are exact while the machine runs; the beginning, where every file system
 * notes that it was mounted for writing, also tells of other times, and of other machines.
 */
struct vss_static_evidence {
	uint64_t written; /* sectors, of all devices */
	char boot[40];	  /* of which start of the machine that is */
	char head[40];	  /* digest of the beginnings */
};

/** May the volume be taken as it is: a block device below, its superblock read-only? */
bool vss_static_suits(const struct vss_volume *v);
int vss_static_look(const struct vss_volume *v, struct vss_static_evidence *out, struct vss_err *err);
/** Is all as it was at `then`?  Between two starts of the machine only the beginnings can be compared. */
bool vss_static_is_same(const struct vss_static_evidence *then, const struct vss_static_evidence *now);
void vss_static_write(const struct vss_static_evidence *e, struct vss_buf *out);
/** VSS_INVALID. */
int vss_static_read(char *text, struct vss_static_evidence *out, struct vss_err *err);

#endif
