/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backups.h"

#include "base/mem.h"
#include "front/backup.h"

/* One context for both call-backs of the library. */
struct verify {
	struct vss_strv images, faults;
	struct vss_progress *progress;
};

static void
image(void *ctx, const char *archive)
{
	struct verify *v = ctx;
	vss_strv_add(&v->images, archive);
}

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
	if (v->images.n) {
		vss_jw_key(w, "chain");
		vss_jw_begin_array(w);
		for (size_t i = 0; i < v->images.n; i++)
			vss_jw_string(w, v->images.v[i]);
		vss_jw_end_array(w);
	}
	vss_jw_key(w, "faults");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < v->faults.n; i++)
		vss_jw_string(w, v->faults.v[i]);
	vss_jw_end_array(w);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}

/* What it builds on, one a line, and the archive itself. */
static void
print_good(const char *archive, const struct verify *v)
{
	for (size_t i = 0; i + 1 < v->images.n; i++) {
		VSS_AUTOFREE char *shown = vss_out_name(v->images.v[i]);
		vss_out("%s: good\n", shown);
	}
	VSS_AUTOFREE char *shown = vss_out_name(archive);
	vss_out("%s: good\n", shown);
}

static void
name_faults(const char *archive, const struct verify *v)
{
	for (size_t i = 0; i < v->faults.n; i++)
		if (v->images.n)
			vss_say("%s", v->faults.v[i]);
		else
			vss_say("%s: %s", archive, v->faults.v[i]);
}

int
vss_front_verify(
	const char *archive, const struct vss_front_verify *how, const struct vss_args *args, struct vss_err *err)
{
	struct verify v = { .images = VSS_STRV_INIT, .faults = VSS_STRV_INIT };
	struct vss_verify request = { .chain = how->chain, .image = image, .bad = bad, .ctx = &v };
	bool text = !how->json && !args->quiet;
	v.progress =
		vss_progress_new("verify", args->quiet ? VSS_PROGRESS_NEVER : (enum vss_progress_style)how->progress);
	request.progress = v.progress ? progress_at : NULL;
	int rc = vss_verify_backup(archive, &request, err);
	vss_progress_end(v.progress);
	if (rc >= 0 && how->json)
		print_json(archive, &v);
	if (rc > 0 && text)
		name_faults(archive, &v);
	if (rc > 0)
		vss_fail(err, VSS_CORRUPT, 0, "%s: damaged: %zu fault%s", archive, v.faults.n,
			v.faults.n == 1 ? "" : "s");
	else if (rc == 0 && text)
		print_good(archive, &v);
	vss_strv_free(&v.images);
	vss_strv_free(&v.faults);
	return rc ? -1 : 0;
}
