/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_BACKUP_H
#define VSS_WRITER_POSTGRESQL_BACKUP_H

#include "events.h"

/**
 * The steps of a backup over the clusters that take part. Each says what it has to say; 0, or -1 after
 * vss_sdk_fail().
 */

/** By the set's volumes: a checkpoint, or the start of a base backup, or nothing. */
int backup_prepare(struct postgresql_writer *s, struct vss_sdk *w);
int backup_freeze(struct postgresql_writer *s, struct vss_sdk *w);
/** Has a server that was stopped been started between freeze and now? */
int backup_thaw(struct postgresql_writer *s, struct vss_sdk *w);
/** Stop what was started, and put into the scratch directory what goes with the copy. */
int backup_finish(struct postgresql_writer *s, struct vss_sdk *w);

#endif
