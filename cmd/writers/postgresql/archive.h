/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_ARCHIVE_H
#define VSS_WRITER_POSTGRESQL_ARCHIVE_H

#include "cluster.h"

#include "sdk/vss-writer.h"

/**
 * The directory that a cluster's archive_command puts segments of its log into.
 */

/**
 * Up to which segment it is known to be whole: k->last_archived, NULL when the server does not run or has
 * archived none.
 */
int archive_ask(struct cluster *k, int64_t deadline, struct vss_err *err);
/** At post-snapshot: note in k->archived which segments the copy holds. */
int archive_note(struct cluster *k, const struct vss_sdk *w, struct vss_err *err);
/**
 * The archive of the backup is durable: remove the segments that it took, those that are known to be whole
 * and have not changed since. How many; -1 when one cannot be removed.
 */
long archive_purge(const struct cluster *k, struct vss_err *err);

#endif
