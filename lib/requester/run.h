/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RUN_H
#define VSS_REQUESTER_RUN_H

#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

/**
 * What create-shadow and backup have in common: a session around a plan.
 */

/** Gather (when there are writers), choose, start the set, add volumes, prepare, make the set. */
int vss_run_to_set(struct vss_session *s, struct vss_plan *p, const struct vss_plan_wishes *w, const char *provider,
	int wait_s, struct vss_err *err);
/** Only gather, choose and say what would be made: a set without IDs, grades as promised. */
struct vss_set *vss_run_dry(struct vss_session *s, struct vss_plan *p, const struct vss_plan_wishes *w,
	const char *provider, const char *storage, struct vss_err *err);
/** Note for every explicit component how it went (SetBackupSucceeded, B19); BackupComplete comes after that. */
int vss_run_mark(struct vss_session *s, const struct vss_plan *p, struct vss_err *err);
/** How many writers of the set ended failed (each was named by vss_warn). */
size_t vss_run_failed_writers(const struct vss_set *set);

#endif
