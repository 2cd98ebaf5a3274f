/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_JOB_H
#define VSS_REQUESTER_JOB_H

#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

/**
 * What vss_create_shadow() does in one go, in its parts, for a requester that lives on between them (the shell): the
 * set stands, its writers wait, and whoever made it uses it until he ends the job.
 *
 *	create -> keep -> (use) -> complete -> (use) -> free
 *
 * Until it is freed an auto-release set is alive, and vss_copies_reap() of the same process leaves it alone.  Others
 * may delete copies of it meanwhile, by their IDs: neither complete nor free takes offence at that.  No clock runs: a
 * writer that has answered PostSnapshot waits for as long as it takes.
 */
struct vss_job;

/**
 * Make the set of the request (whose `use` is not called).  VSS_PARTIAL with *out: it stands, but a writer was left out.
 */
int vss_job_create(const struct vss_create_request *r, struct vss_job **out, struct vss_err *err);
/**
 * Nothing can take the set back any more: if it is one that stays, the oldest copies above a limit of the storage go
 * now, and previous versions are shown.
 */
void vss_job_keep(const struct vss_job *j);
/* Live as long as the job.  Copies that were deleted since stay in the set that it knows. */
const struct vss_set *vss_job_set(const struct vss_job *j);
struct vss_bcd *vss_job_bcd(const struct vss_job *j);	      /* the components document; NULL without writers */
struct vss_writers *vss_job_writers(const struct vss_job *j); /* with their documents; NULL without writers */
const struct vss_plan *vss_job_plan(const struct vss_job *j); /* which components are in it, and why others are not */
/** Somebody of this process has deleted copies of the set: the others stay the job's own. */
void vss_job_deleted_some(struct vss_job *j);
/**
 * BackupComplete, once (else VSS_E_BAD_STATE): SetBackupSucceeded for every component before it (B19).  Who ends the
 * job without it, because what was done with the copies failed, leaves the writers their history (T2).  VSS_PARTIAL when
 * a writer failed to complete it: the message names the first, vss_warn the others.
 */
int vss_job_complete(struct vss_job *j, struct vss_err *err);
/**
 * Ends the writers (BackupShutdown), releases an auto-release set, unexposed first.  While somebody has a copy open
 * where it is exposed the set stays, which is told, until the next changing tool finds it free.  NULL is fine.
 */
void vss_job_free(struct vss_job *j);
/** The same, and a set that would stay is deleted, too: it was made for nothing.  vss_warn names what cannot be. */
void vss_job_undo(struct vss_job *j);

#endif
