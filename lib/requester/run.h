/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RUN_H
#define VSS_REQUESTER_RUN_H

#include "requester/increment.h"
#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

/**
 * What create-shadow and backup have in common: a session around a plan.
 */
struct vss_run {
	struct vss_session *session;
	struct vss_plan *plan;
	const struct vss_plan_wishes *wishes;
	const char *provider, *storage; /* or NULL */
	enum vss_grade min_grade;	/* of plain paths; VSS_GRADE_NONE: crash */
	int wait_s;
	struct vss_increment *increment; /* or NULL */
	bool cgroups;			 /* the processes that write would be frozen: for a dry run */
};

/** Gather (when there are writers), choose, start the set, add volumes, prepare, make the set. */
int vss_run_to_set(const struct vss_run *r, struct vss_err *err);
/**
 * Only gather, choose and say what would be made (requester/forecast.h).  VSS_GRADE when that would be refused; then
 * *out is there, too.
 */
struct vss_forecast;
int vss_run_dry(const struct vss_run *r, struct vss_forecast **out, struct vss_err *err);
/** Note for every explicit component how it went (SetBackupSucceeded, B19); BackupComplete comes after that. */
int vss_run_mark(struct vss_session *s, const struct vss_plan *p, struct vss_err *err);
/** How many writers of the set ended failed (each was named by vss_warn). */
size_t vss_run_failed_writers(const struct vss_set *set);

#endif
