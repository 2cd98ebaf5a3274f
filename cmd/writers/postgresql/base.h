/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_BASE_H
#define VSS_WRITER_POSTGRESQL_BASE_H

#include "cluster.h"

/**
 * The server's own protocol of a backup, non-exclusive, on the connection that is held: when that ends, so
 * does the backup.
 */

/** A checkpoint now, so that recovery of the copy is short.  One that is refused is said, and no failure. */
int base_checkpoint(struct cluster *k, int64_t deadline, struct vss_err *err);
/** Begin; the log is kept by a temporary replication slot where the server has one to give. */
int base_start(struct cluster *k, const char *label, int64_t deadline, struct vss_err *err);
/**
 * End it. Into the scratch directory go backup_label, tablespace_map and pg_control as a mirror of the data
 * directory, and all log from start to stop; *evidence has the names of the first and the last segment.
 * Nothing is written to the live directory.
 */
int base_stop(struct cluster *k, const char *scratch, int64_t deadline, char **evidence, struct vss_err *err);

/** "mode=... system_identifier=... checkpoint=..." of a server that runs; the caller frees it. */
char *base_evidence(struct cluster *k, int64_t deadline, struct vss_err *err);

#endif
