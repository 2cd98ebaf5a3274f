/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_IMAGE_H
#define VSS_REQUESTER_RESTORE_IMAGE_H

#include "requester/chain.h"
#include "requester/requester.h"
#include "requester/restore_files.h"
#include "requester/restore_writers.h"

#include <stdbool.h>

/**
 * One archive of a restore (R48: one restore operation for each).  All are checked before the first is run, so that what can be
 * refused is refused before anything was written.
 */
struct vss_restore_image {
	const struct vss_restore_request *request;
	struct vss_chain *chain;
	size_t at; /* index in the chain */
	int rootfd;
	struct vss_restore_result *result;
	struct vss_restore_image *first; /* what was decided for the first image holds for all; itself */
	/* its own: */
	struct vss_wanted wanted, nothing;
	struct vss_moves moves;
	struct vss_placing placing;
	struct vss_err refusal; /* of a dry run, which tells first what would become of each file */
	struct vss_comeback comeback;
};

/** What is wanted of it, whose it is, what is in the way. */
int vss_restore_image_check(struct vss_restore_image *i, struct vss_err *err);
/** In a dry run it tells what would happen, and the result counts what would become of the files. */
int vss_restore_image_run(struct vss_restore_image *i, struct vss_err *err);
void vss_restore_image_clear(struct vss_restore_image *i);

#endif
