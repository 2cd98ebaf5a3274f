/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_JOB_H
#define VSS_REQUESTER_JOB_H

#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

/**
 * What vss_create_shadow() does in one go, in its parts, for a requester that lives on between them (the shell): the set
 * stands, its writers wait, and whoever made it uses it until he ends the job.
 *
 *	create -> (use) -> complete -> (use) -> free
 *
 * Until it is freed an auto-release set is alive, and vss_copies_reap() of the same process leaves it alone.  Others may
 * delete copies of it meanwhile, by their IDs: neither complete nor free takes offence at that.
 */
struct vss_job;

/**
 * Make the set of the request (whose `use` is not called).  *set is there whenever one was begun, also on failure; the
 * caller frees it.  VSS_PARTIAL with *out: it stands, but a writer was left out.
 */
int vss_job_create(const struct vss_create_request *r, struct vss_job **out, struct vss_set **set, struct vss_err *err);
/* Live as long as the job. */
const struct vss_set *vss_job_set(const struct vss_job *j);
struct vss_bcd *vss_job_bcd(const struct vss_job *j);		    /* the components document; NULL without writers */
struct vss_writers *vss_job_writers(const struct vss_job *j); /* with their documents; NULL without writers */
const struct vss_plan *vss_job_plan(const struct vss_job *j); /* which components are in it, and why others are not */
/**
 * BackupComplete, once: SetBackupSucceeded for every component before it, with `ok` for those of which nothing failed.
 * VSS_PARTIAL when a writer failed to complete it; each is named by vss_complain.
 */
int vss_job_complete(struct vss_job *j, bool ok, struct vss_err *err);
/** Ends the writers (BackupShutdown), releases an auto-release set, unexposed first.  NULL is fine. */
void vss_job_free(struct vss_job *j);

#endif
