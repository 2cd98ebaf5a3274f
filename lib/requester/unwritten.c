/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_job.h"

int
vss_restore_job_end(struct vss_restore_job *j, bool ok, struct vss_err *err)
{
	(void)j, (void)ok, (void)err;
	return 0;
}
