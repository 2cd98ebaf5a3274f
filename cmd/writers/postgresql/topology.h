/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_TOPOLOGY_H
#define VSS_WRITER_POSTGRESQL_TOPOLOGY_H

#include "disk.h"

#include "base/err.h"
#include "sdk/vss-writer.h"

/**
 * What the volumes of the set, as prepare-snapshot lists them, are to the directories of a cluster.
 */
enum topology {
	TOPOLOGY_ONE,	 /* all lie on volumes that become one instant */
	TOPOLOGY_MANY,	 /* they do not */
	TOPOLOGY_MISSING /* some are not in the set: *err says which */
};
enum topology topology_of(const struct vss_sdk *w, const struct disk *d, struct vss_err *err);

#endif
