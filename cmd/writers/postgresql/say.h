/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_SAY_H
#define VSS_WRITER_POSTGRESQL_SAY_H

#include "cluster.h"

#include "sdk/vss-writer.h"

/** Who this is. */
#define POSTGRESQL_WRITER_ID "0e8f3a52-6d8e-4f7b-9c8a-51b7a2c4d913"
#define POSTGRESQL_WRITER_NAME "PostgreSQL Writer"

/** Everything that identify says of these clusters. */
void say_identity(struct vss_sdk *w, const struct config *c, const struct clusters *cs);

/**
 * The other components' logical paths: "dumps/15/main", "archive/15", "configuration/15"; the caller frees
 * them.
 */
char *say_dumps_path(const struct cluster *k);
char *say_archive_path(const struct cluster *k);
char *say_configuration_path(const struct cluster *k);

void say_component_failure(struct vss_sdk *w, const char *path, const char *name, const char *text);
/** What a restore has to know of it. */
void say_backup_metadata(struct vss_sdk *w, const struct cluster *k);

#endif
