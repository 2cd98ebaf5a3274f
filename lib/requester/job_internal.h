/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_JOB_INTERNAL_H
#define VSS_REQUESTER_JOB_INTERNAL_H

#include "requester/job.h"
#include "requester/run.h"

/**
 * What job.c and create.c share: those who make a set in one go, or only say what it would be.
 */
struct vss_job {
	struct vss_plan plan;
	struct vss_session *session;
	struct vss_plan_wishes wishes; /* this and `run` point into the request: only until the set stands */
	struct vss_run run;
	char *storage; /* where the volumes' associations have their copies; NULL: the request says, or nothing does */
};
#define VSS_JOB_NONE                                                                                                   \
	{                                                                                                              \
		.session = NULL                                                                                        \
	}

/** Volumes and session: nobody has been asked.  Whatever it returns, vss_job_clear() ends it. */
int vss_job_prepare(struct vss_job *j, const struct vss_create_request *r, struct vss_err *err);
/** All that vss_job_create() does but the judgement of vss_job_left_out(). */
int vss_job_begin(struct vss_job *j, const struct vss_create_request *r, struct vss_err *err);
/** VSS_PARTIAL when writers of the set failed, each named by vss_complain, or `more` were left out before that. */
int vss_job_left_out(size_t more, const struct vss_set *set, struct vss_err *err);
void vss_job_clear(struct vss_job *j);

#endif
