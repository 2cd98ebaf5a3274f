/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backup.h"

#include "base/mem.h"
#include "base/num.h"
#include "front/front.h"
#include "os/interrupt.h"

#include <inttypes.h>

static int
fill_in(struct vss_front_restore *r, const struct vss_args *args, struct vss_strv *what, struct vss_err *err)
{
	if (!r->request.target && !r->request.in_place)
		return vss_fail(err, VSS_USAGE, 0, "say where to: --target DIR, or --in-place");
	vss_strv_add(&r->archives, args->operands.v[0]);
	r->request.archives = &r->archives;
	for (size_t i = 1; i < args->operands.n; i++)
		vss_strv_add(what, args->operands.v[i]);
	r->request.what = what;
	r->request.writers = &r->writers;
	r->request.existing = (enum vss_existing)r->existing;
	return 0;
}

/* Below a directory of their own anybody may restore, as with tar; owners are then set as far as they can be. */
static int
may_restore(const struct vss_front_restore *r, struct vss_err *err)
{
	if (r->request.in_place && vss_front_need_root(err))
		return -1;
	return vss_interrupt_catch(err);
}

static void
print_json(const struct vss_front_restore *r, const struct vss_restore_result *x)
{
	struct vss_jw *w = vss_out_json();
	vss_jw_begin_object(w);
	vss_jw_path(w, "archive", r->archives.v[r->archives.n - 1]);
	if (r->request.target)
		vss_jw_path(w, "target", r->request.target);
	else
		vss_jw_member_string(w, "target", NULL);
	vss_jw_member_bool(w, "dry_run", r->request.dry_run);
	vss_jw_member_u64(w, "files", x->files);
	vss_jw_member_u64(w, "bytes", x->bytes);
	vss_jw_member_u64(w, "skipped", x->skipped);
	vss_jw_member_u64(w, "failed", x->failed);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}

static void
print_text(const struct vss_front_restore *r, const struct vss_restore_result *x)
{
	char bytes[32];
	VSS_AUTOFREE char *target = vss_out_name(r->request.target);
	vss_format_size(bytes, x->bytes);
	vss_out("%s %" PRIu64 " file%s (%s)%s%s\n", r->request.dry_run ? "Would restore" : "Successfully restored",
		x->files, x->files == 1 ? "" : "s", bytes, r->request.target ? " below " : " in place", target);
	if (x->skipped)
		vss_out("    Skipped, because they are there: %zu\n", x->skipped);
	if (x->failed)
		vss_out("    Failed: %zu\n", x->failed);
}

int
vss_front_restore(struct vss_front_restore *r, const struct vss_args *args, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv what = VSS_STRV_INIT;
	struct vss_restore_result result = { 0 };
	if (fill_in(r, args, &what, err) || may_restore(r, err))
		return -1;
	struct vss_progress *p =
		vss_progress_new("restore", args->quiet ? VSS_PROGRESS_NEVER : (enum vss_progress_style)r->progress);
	r->request.progress = p ? vss_front_progress : NULL;
	r->request.ctx = p;
	int rc = vss_restore(&r->request, &result, err);
	vss_progress_end(p);
	if (err->code != VSS_OK && err->code != VSS_PARTIAL)
		return rc;
	if (r->json)
		print_json(r, &result);
	else if (!args->quiet)
		print_text(r, &result);
	return rc;
}

void
vss_front_restore_free(struct vss_front_restore *r)
{
	vss_strv_free(&r->writers);
	vss_strv_free(&r->archives);
}
