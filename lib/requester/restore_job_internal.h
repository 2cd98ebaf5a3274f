/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_JOB_INTERNAL_H
#define VSS_REQUESTER_RESTORE_JOB_INTERNAL_H

#include "requester/restore_job.h"
#include "requester/restore_services.h"
#include "session/session.h"

/* restore_job.c (the events), restore_job_choose.c (who hears them). */

struct restore_part { /* a component of the stored document, which stands for its set (D12) */
	const struct vss_bcd_component *component;
	bool able, excluded;
	bool hears; /* it is selected (R6): its writer hears of it */
	char *why;  /* what is to be said of it; or NULL */
	char *told; /* the last thing that its writer had to say of it */
};
struct restore_writer {
	const struct vss_bcd_writer *stored;
	const struct vss_metadata *metadata; /* its document in the file; NULL: it has none */
	const struct vss_writer *running;    /* NULL: it is not here */
	struct restore_part *parts;	     /* one a component of `stored` */
	bool *excluded;			     /* by component of `metadata` */
};
struct vss_restore_job {
	struct vss_session *session;
	struct restore_writer *writers;
	size_t nwriters;
	struct vss_services around, after; /* stopped around the files; stopped and started after PostRestore */
	bool raised;			   /* PreRestore was: PostRestore is owed (R15) */
	bool trusted;			   /* the file is believed: others could not have written it */
};

/** Fills in the writers and their parts, and tells of each.  VSS_GRADE, VSS_USAGE: not as it was wished. */
int restore_job_choose(struct vss_restore_job *j, const struct vss_restore_job_request *r,
	vss_restore_component_fn *each, void *ctx, struct vss_err *err);

#endif
