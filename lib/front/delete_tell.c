/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/delete_tell.h"

#include "base/log.h"
#include "base/mem.h"
#include "front/json.h"

static void
json_kept_by(struct vss_jw *w, const struct vss_strv *words)
{
	vss_jw_key(w, "kept_by");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < words->n; i++)
		vss_jw_string(w, words->v[i]);
	vss_jw_end_array(w);
}

void
vss_front_gone_json(struct vss_jw *w, const struct vss_front_gone *g, const struct vss_strv *kept_by)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &g->id);
	vss_front_json_uuid(w, "set_id", &g->set);
	vss_jw_path(w, "volume", g->volume);
	if (kept_by)
		json_kept_by(w, kept_by);
	vss_jw_end_object(w);
}

void
vss_front_deleting(const struct vss_front_delete *d, const struct vss_front_gone *g)
{
	char id[VSS_UUID_BRACED];

	if (d->shape != VSS_SHAPE_DISKSHADOW)
		return;
	vss_uuid_braced(&g->id, id);
	vss_out("Deleting shadow copy %s...\n\n", id);
}

void
vss_front_deleted(const struct vss_front_delete *d, const struct vss_front_gone *g)
{
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(g->volume);

	vss_uuid_braced(&g->id, id);
	if (d->dry_run)
		vss_out("Would delete shadow copy %s of %s\n", id, volume);
	else
		vss_info("deleted shadow copy %s of %s", id, g->volume);
}

void
vss_front_kept_text(const struct vss_front_delete *d, const struct vss_front_gone *g, const struct vss_strv *words)
{
	VSS_AUTOBUF struct vss_buf list = VSS_BUF_INIT;
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(g->volume);

	vss_uuid_braced(&g->id, id);
	for (size_t i = 0; i < words->n; i++)
		vss_buf_fmt(&list, "%s%s", i ? ", " : "", words->v[i]);
	if (d->dry_run)
		vss_out("Would keep shadow copy %s of %s (%s)\n", id, volume, list.data);
	else
		vss_info("kept shadow copy %s of %s (%s)", id, g->volume, list.data);
}

void
vss_front_deleted_all(const struct vss_front_delete *d, size_t n)
{
	const char *ending = n == 1 && d->shape != VSS_SHAPE_VSSADMIN ? "y" : "ies";

	if (d->dry_run || d->quiet)
		return;
	if (d->shape == VSS_SHAPE_DISKSHADOW)
		vss_out("%zu shadow cop%s deleted.\n", n, ending);
	else
		vss_out("%sSuccessfully deleted %zu shadow cop%s.\n", d->shape == VSS_SHAPE_VSSADMIN ? "\n" : "", n,
			ending);
}

void
vss_front_deleted_none(const struct vss_front_delete *d)
{
	if (d->quiet && d->shape != VSS_SHAPE_VSSADMIN) /* whose status is a failure */
		return;
	if (d->shape == VSS_SHAPE_DISKSHADOW)
		vss_out("No shadow copies found in system.\n");
	else
		vss_front_none();
}
