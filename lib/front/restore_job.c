/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/restore_job.h"

#include "base/mem.h"
#include "cli/out.h"
#include "front/word.h"

#include <stdlib.h>

struct report {
	char *writer; /* whose components are told */
	size_t able, unable;
};

static void
tell(void *ctx, const struct vss_restore_component *row)
{
	struct report *r = ctx;
	VSS_AUTOFREE char *component = vss_front_component(row->component);
	VSS_AUTOFREE char *why = row->why ? vss_out_name(row->why) : NULL;

	if (!vss_str_eq(r->writer, row->writer)) {
		VSS_AUTOFREE char *writer = vss_out_name(row->writer);
		vss_out("* Writer \"%s\":\n", writer);
		free(r->writer);
		r->writer = vss_strdup(row->writer);
	}
	if (row->able)
		r->able++;
	else
		r->unable++;
	vss_out("\t%c Component: %s%s%s\n", row->able ? '+' : '-', component, why ? ": " : "", why ? why : "");
}

static void
tell_end(struct report *r)
{
	if (r->able || r->unable)
		vss_out("%zu component%s can be restored, %zu cannot.\n", r->able, r->able == 1 ? "" : "s", r->unable);
	free(r->writer);
}

int
vss_front_restore_begin(const struct vss_restore_job_request *r, struct vss_restore_job **out, struct vss_err *err)
{
	struct report report = { .writer = NULL };
	int rc = vss_restore_job_begin(r, tell, &report, out, err);

	tell_end(&report);
	return rc;
}

int
vss_front_restore_simulate(const struct vss_restore_job_request *r, struct vss_err *err)
{
	struct report report = { .writer = NULL };
	int rc = vss_restore_job_simulate(r, tell, &report, err);

	tell_end(&report);
	return rc;
}
