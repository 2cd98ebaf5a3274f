/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/backup.h"

#include "base/mem.h"
#include "base/num.h"
#include "freeze/freeze.h"
#include "front/front.h"
#include "os/interrupt.h"

#include <inttypes.h>
#include <string.h>

static int
fill_in(struct vss_front_restore *r, const struct vss_args *args, struct vss_strv *what, struct vss_err *err)
{
	if (!r->request.target && !r->request.in_place)
		return vss_fail(err, VSS_USAGE, 0, "say where to: --target DIR, or --in-place");
	size_t archives = 1; /* the rest of a chain follows the first */
	while (archives < args->operands.n && vss_is_archive(args->operands.v[archives]))
		archives++;
	for (size_t i = 0; i < args->operands.n; i++)
		vss_strv_add(i < archives ? &r->archives : what, args->operands.v[i]);
	r->request.archives = &r->archives;
	r->request.what = what;
	r->request.writers = &r->writers;
	r->request.exclude_writers = &r->exclude_writers;
	r->request.moves = &r->moves;
	r->request.options = &r->options;
	r->request.authoritative = &r->authoritative;
	r->request.roll_forward = &r->roll_forward;
	r->request.restore_names = &r->restore_names;
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

/* The object is begun by whoever has the first word: in a dry run, the plan. */
struct printing {
	const struct vss_front_restore *r;
	bool quiet;
	struct vss_jw *json; /* NULL: not begun */
};

static void
begin_json(struct printing *p)
{
	if (p->json)
		return;
	p->json = vss_out_json();
	vss_jw_begin_object(p->json);
	if (!p->r->request.dry_run)
		return;
	vss_jw_key(p->json, "plan");
	vss_jw_begin_array(p->json);
}

static void
put_row_json(struct vss_jw *w, const struct vss_restore_row *row)
{
	vss_jw_begin_object(w);
	vss_jw_path(w, "path", row->path);
	vss_jw_path(w, "destination", row->destination);
	vss_jw_member_string(w, "action", vss_restore_action_word(row->action));
	vss_jw_member_string(w, "why", row->why);
	vss_jw_member_u64(w, "size", row->size);
	vss_jw_end_object(w);
}

static int
print_row(void *ctx, const struct vss_restore_row *row, struct vss_err *err)
{
	struct printing *p = ctx;

	(void)err;
	if (p->r->json) {
		begin_json(p);
		put_row_json(p->json, row);
		return 0;
	}
	if (p->quiet)
		return 0;
	VSS_AUTOFREE char *path = vss_out_name(row->path), *to = vss_out_name(row->destination);
	bool moved = p->r->request.in_place && strcmp(row->path, row->destination) != 0;
	vss_out("%-10s  %s%s%s%s%s\n", vss_restore_action_word(row->action), path, moved ? " -> " : "", moved ? to : "",
		row->why ? ": " : "", row->why ? row->why : "");
	return 0;
}

static void
print_json(struct printing *p, const struct vss_restore_result *x)
{
	const struct vss_front_restore *r = p->r;
	begin_json(p);
	struct vss_jw *w = p->json;
	if (r->request.dry_run)
		vss_jw_end_array(w);
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

/* A dry run that was refused has told the plan, which is then whole. */
static void
print_result(struct printing *p, const struct vss_restore_result *x, const struct vss_err *err)
{
	bool done = err->code == VSS_OK || err->code == VSS_PARTIAL;

	if (p->r->json && (done || p->json))
		print_json(p, x);
	else if (done && !p->r->json && (!p->quiet || p->r->request.dry_run))
		print_text(p->r, x);
}

int
vss_front_restore(struct vss_front_restore *r, const struct vss_args *args, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv what = VSS_STRV_INIT;
	struct vss_restore_result result = { 0 };
	struct printing printing = { r, args->quiet, NULL };
	if (fill_in(r, args, &what, err) || may_restore(r, err))
		return -1;
	if (!r->request.dry_run)
		vss_freeze_reap();
	struct vss_progress *p =
		vss_progress_new("restore", args->quiet ? VSS_PROGRESS_NEVER : (enum vss_progress_style)r->progress);
	r->request.progress = p ? vss_front_progress : NULL;
	r->request.ctx = p;
	r->request.row = print_row;
	r->request.row_ctx = &printing;
	int rc = vss_restore(&r->request, &result, err);
	vss_progress_end(p);
	print_result(&printing, &result, err);
	return rc;
}

void
vss_front_restore_free(struct vss_front_restore *r)
{
	vss_strv_free(&r->archives);
	vss_strv_free(&r->writers);
	vss_strv_free(&r->exclude_writers);
	vss_strv_free(&r->moves);
	vss_strv_free(&r->options);
	vss_strv_free(&r->authoritative);
	vss_strv_free(&r->roll_forward);
	vss_strv_free(&r->restore_names);
}
