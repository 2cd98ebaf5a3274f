/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_JOB_H
#define VSS_REQUESTER_RESTORE_JOB_H

#include "requester/metadata.h"

/**
 * A restore whose files somebody else brings back: only the events (R7, R15).
 *
 *	begin (PreRestore) -> (files are restored) -> end (PostRestore)
 */
struct vss_restore_job_request {
	const struct vss_metadata_file *from; /* lives as long as the job */
	const struct vss_strv *verify,
		*exclude; /* words as vss_create_request.writers takes them: must, must not take part */
};
/** What is to be said of one component of the document. */
struct vss_restore_component {
	const char *writer, *component; /* its name; `/logical path/name` */
	bool able;			/* its writer is here and its method can be followed */
	const char *why;		/* when not, or not wanted, or only in some way; or NULL */
};
typedef void vss_restore_component_fn(void *ctx, const struct vss_restore_component *row);

/** Could they be restored?  No writer hears of it but who is asked what it has.  VSS_GRADE when one that must cannot. */
int vss_restore_job_simulate(
	const struct vss_restore_job_request *r, vss_restore_component_fn *each, void *ctx, struct vss_err *err);
struct vss_restore_job;
/** VSS_GRADE when a writer refuses: then PostRestore was raised for those that did not, and there is no job. */
int vss_restore_job_begin(const struct vss_restore_job_request *r, vss_restore_component_fn *each, void *ctx,
	struct vss_restore_job **out, struct vss_err *err);
/** `ok`: the files are there (R15: it is raised either way).  Frees it.  VSS_PARTIAL when a writer failed. */
int vss_restore_job_end(struct vss_restore_job *j, bool ok, struct vss_err *err);

#endif
