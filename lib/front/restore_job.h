/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_RESTORE_JOB_H
#define VSS_FRONT_RESTORE_JOB_H

#include "requester/restore_job.h"

/** diskshadow's BEGIN RESTORE and SIMULATE RESTORE: what each component comes to, by writer, and how many there are. */
int vss_front_restore_begin(const struct vss_restore_job_request *r, struct vss_restore_job **out, struct vss_err *err);
int vss_front_restore_simulate(const struct vss_restore_job_request *r, struct vss_err *err);

#endif
