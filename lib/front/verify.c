/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backups.h"

#include "base/mem.h"
#include "front/backup.h"

/* One context for both call-backs of the library. */
struct verify {
	struct vss_strv faults;
	struct vss_progress *progress;
};

static void
bad(void *ctx, const char *text)
{
	struct verify *v = ctx;
	vss_strv_add(&v->faults, text);
}

static int
progress_at(void *ctx, uint64_t files, uint64_t bytes, uint64_t total_files, uint64_t total_bytes, struct vss_err *err)
{
	struct verify *v = ctx;
	return vss_front_progress(v->progress, files, bytes, total_files, total_bytes, err);
}

static void
print_json(const char *archive, const struct verify *v)
{
	struct vss_jw *w = vss_out_json();
	vss_jw_begin_object(w);
	vss_jw_path(w, "archive", archive);
	vss_jw_member_bool(w, "good", v->faults.n == 0);
	vss_jw_key(w, "faults");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < v->faults.n; i++)
		vss_jw_string(w, v->faults.v[i]);
	vss_jw_end_array(w);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}

static void
print_good(const char *archive)
{
	VSS_AUTOFREE char *shown = vss_out_name(archive);
	vss_out("%s: good\n", shown);
}

int
vss_front_verify(const char *archive, bool json, const struct vss_args *args, int progress, struct vss_err *err)
{
	struct verify v = { .faults = VSS_STRV_INIT };
	v.progress = vss_progress_new("verify", args->quiet ? VSS_PROGRESS_NEVER : (enum vss_progress_style)progress);
	int rc = vss_verify_backup(archive, bad, v.progress ? progress_at : NULL, &v, err);
	vss_progress_end(v.progress);
	if (rc >= 0 && json)
		print_json(archive, &v);
	for (size_t i = 0; rc > 0 && !json && !args->quiet && i < v.faults.n; i++)
		vss_say("%s: %s", archive, v.faults.v[i]);
	if (rc > 0)
		vss_fail(err, VSS_CORRUPT, 0, "%s: damaged: %zu fault%s", archive, v.faults.n,
			v.faults.n == 1 ? "" : "s");
	else if (rc == 0 && !json && !args->quiet)
		print_good(archive);
	vss_strv_free(&v.faults);
	return rc ? -1 : 0;
}
