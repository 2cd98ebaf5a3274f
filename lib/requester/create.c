/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "copies/copies.h"
#include "copies/storage.h"
#include "requester/forecast_internal.h"
#include "requester/job_internal.h"

/* The set stands: let the command use it, then tell the writers (T2: not when the command failed). */
static int
use_and_complete(const struct vss_create_request *r, struct vss_job *j, struct vss_err *err)
{
	if (r->use && r->use(r->ctx, vss_job_set(j), err) < 0)
		return -1;
	return vss_job_complete(j, err);
}

int
vss_create_shadow(const struct vss_create_request *r, struct vss_set **out, struct vss_err *err)
{
	struct vss_job j = VSS_JOB_NONE;
	int rc = vss_job_begin(&j, r, err);

	if (rc == 0)
		rc = use_and_complete(r, &j, err);
	*out = j.session && vss_job_set(&j) ? vss_set_copy(vss_job_set(&j)) : NULL;
	size_t left_out = j.plan.left_out;
	vss_job_clear(&j);
	if (*out && r->context & VSS_ATTR_PERSISTENT && (rc == 0 || err->code == VSS_PARTIAL))
		vss_storage_after_creation(*out);
	if (rc == 0 && r->context & VSS_ATTR_CLIENT_ACCESSIBLE)
		vss_copies_show_previous();
	return rc < 0 ? -1 : vss_job_left_out(left_out, *out, err);
}

int
vss_forecast_shadow(const struct vss_create_request *r, struct vss_forecast **out, struct vss_err *err)
{
	struct vss_create_request dry = *r;
	struct vss_job j = VSS_JOB_NONE;

	dry.dry_run = true;
	*out = NULL;
	int rc = vss_job_prepare(&j, &dry, err);
	if (rc == 0)
		rc = vss_run_dry(&j.run, out, err);
	size_t left_out = j.plan.left_out;
	if (*out)
		vss_forecast_room(*out, NULL, r->storage ? r->storage : j.storage);
	vss_job_clear(&j);
	return rc < 0 ? -1 : vss_job_left_out(left_out, NULL, err);
}
