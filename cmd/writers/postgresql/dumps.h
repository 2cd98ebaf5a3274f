/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_DUMPS_H
#define VSS_WRITER_POSTGRESQL_DUMPS_H

#include "cluster.h"

/**
 * Dumps by the server's own pg_dump, run as the cluster's owner, into the scratch directory.
 */
#define DUMPS_GLOBALS "globals.sql" /* roles and tablespaces, by pg_dumpall */

/** The globals, which every restore of a single database may need. */
int dump_globals(const struct cluster *k, const char *scratch, int64_t deadline, struct vss_err *err);
/** One database, in the custom format of pg_dump. */
int dump_database(
	const struct cluster *k, const char *database, const char *scratch, int64_t deadline, struct vss_err *err);

#endif
