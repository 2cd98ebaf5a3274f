/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_TOPOLOGY_H
#define VSS_WRITER_MARIADB_TOPOLOGY_H

#include "instance.h"

#include "base/err.h"
#include "sdk/vss-writer.h"

/** Will all that the instance has be copied at one instant, by the volumes of prepare-snapshot?  -1 with what to do. */
int topology_check(const struct vss_sdk *w, const struct instance *i, struct vss_err *err);

#endif
