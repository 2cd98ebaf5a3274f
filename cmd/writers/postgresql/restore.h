/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_RESTORE_H
#define VSS_WRITER_POSTGRESQL_RESTORE_H

#include "config.h"
#include "disk.h"

#include "sdk/vss-writer.h"

/**
 * A restore of whole clusters, from what the backup has noted of them: nothing of them may be left here.
 */

/** The note that a backup leaves for it; of its own. */
char *restore_note(const struct disk *d);
/** The note of a backup that holds no files of the cluster. */
#define RESTORE_NOTHING "nothing"

struct restore {
	struct returning *v; /* clusters that are coming back */
	size_t n, cap;
};
/**
 * Before the files are replaced: everything is looked at before the first thing is done. Then servers are
 * stopped whose service may be, and what lies in their directories is set aside. On failure the first is
 * undone.
 */
int restore_begin(struct restore *r, const struct config *c, const struct vss_sdk *w, struct vss_err *err);
/**
 * After it: services that were stopped are started where all is there; what was set aside comes back where
 * nothing was restored. The first failure is in *err, the rest is done even so.
 */
int restore_end(struct restore *r, const struct vss_sdk *w, struct vss_err *err);
void restore_clear(struct restore *r);

#endif
