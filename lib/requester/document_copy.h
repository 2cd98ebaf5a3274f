/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_DOCUMENT_COPY_H
#define VSS_REQUESTER_DOCUMENT_COPY_H

#include "requester/chain.h"
#include "requester/plan.h"

#include <stdbool.h>

/**
 * Documents outside of the archive (--document): a FILE is the final components document; below a DIR each backup has
 * a directory with that and the writers' documents, under the names that they have in an archive.
 */
struct vss_document_copy {
	char *path; /* where it goes; NULL: nowhere */
	bool below; /* `path` is a directory that one of the backup's own is made in */
	bool replace;
};

/** Look at the wish (NULL: none) before any work: VSS_EXISTS for a file that is there, a missing directory. */
int vss_document_copy_check(struct vss_document_copy *d, const char *wish, bool replace, struct vss_err *err);
/** Durable, or not there; `name` is that of the backup's directory. */
int vss_document_copy_write(const struct vss_document_copy *d, const char *name, const struct vss_plan *p,
	const struct vss_bcd *bcd, struct vss_err *err);
void vss_document_copy_clear(struct vss_document_copy *d);

/**
 * From now on the documents of the image are those of `wish`, a file or directory that was written as above.  VSS_INVALID
 * when it is of another backup, or names a writer, component, file or path that the archive has not.
 */
int vss_document_use(struct vss_image *image, const char *wish, struct vss_err *err);

#endif
