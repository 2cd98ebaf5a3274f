/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/forecast.h"

#include "base/mem.h"
#include "cli/out.h"
#include "front/json.h"

static void
path_or_null(struct vss_jw *w, const char *key, const char *path)
{
	if (path)
		vss_jw_path(w, key, path);
	else
		vss_jw_member_string(w, key, NULL);
}

/* A number that is not known is null. */
static void
number(struct vss_jw *w, const char *key, bool known, uint64_t v)
{
	vss_jw_key(w, key);
	if (known)
		vss_jw_u64(w, v);
	else
		vss_jw_null(w);
}

static void
freeze(struct vss_jw *w, size_t n, uint64_t us)
{
	vss_jw_key(w, "freeze_ms");
	if (n)
		vss_jw_fixed(w, (int64_t)us, 3);
	else
		vss_jw_null(w);
	vss_jw_member_u64(w, "freezes", n);
}

static void
volume(struct vss_jw *w, const struct vss_forecast_volume *v)
{
	vss_jw_begin_object(w);
	vss_jw_path(w, "volume", v->volume);
	vss_jw_member_string(w, "volume_id", v->id);
	vss_jw_member_string(w, "provider", v->provider);
	vss_jw_member_string(w, "grade", vss_grade_word(v->grade));
	vss_jw_member_string(w, "instant", vss_instant_word(v->instant));
	vss_jw_member_u64(w, "group", v->group);
	vss_jw_member_bool(w, "held", v->held);
	vss_jw_member_bool(w, "plain", v->plain);
	number(w, "used_bytes", v->used_bytes, v->used_bytes);
	vss_jw_end_object(w);
}

static void
component(struct vss_jw *w, const struct vss_forecast *f, const struct vss_forecast_component *c)
{
	vss_jw_begin_object(w);
	vss_jw_member_string(w, "component", c->path);
	vss_jw_member_string(w, "brought_by", c->brought_by);
	vss_jw_key(w, "volumes");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < f->nvolumes; i++)
		if (c->on[i])
			vss_jw_string(w, f->volumes[i].volume);
	vss_jw_end_array(w);
	vss_jw_member_string(w, "instant", vss_instant_word(c->instant));
	vss_jw_member_string(w, "best_grade", vss_grade_word(c->best));
	path_or_null(w, "outside", c->outside);
	vss_jw_end_object(w);
}

static void
writer(struct vss_jw *w, const struct vss_forecast *f, const struct vss_forecast_writer *x)
{
	vss_jw_begin_object(w);
	vss_front_json_uuid(w, "id", &x->id);
	vss_jw_member_string(w, "name", x->name);
	freeze(w, x->nfreezes, x->freeze_us);
	vss_jw_key(w, "components");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < x->ncomponents; i++)
		component(w, f, &x->components[i]);
	vss_jw_end_array(w);
	vss_jw_end_object(w);
}

static void
lists(struct vss_jw *w, const struct vss_forecast *f)
{
	vss_jw_key(w, "paths");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < f->paths.n; i++)
		vss_jw_string(w, f->paths.v[i]);
	vss_jw_end_array(w);
	vss_jw_key(w, "volumes");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < f->nvolumes; i++)
		volume(w, &f->volumes[i]);
	vss_jw_end_array(w);
	vss_jw_key(w, "writers");
	vss_jw_begin_array(w);
	for (size_t i = 0; i < f->nwriters; i++)
		writer(w, f, &f->writers[i]);
	vss_jw_end_array(w);
}

static void
counts(struct vss_jw *w, const struct vss_forecast *f)
{
	bool whole = f->counted == VSS_COUNTED_WHOLE;

	vss_front_json_uuid(w, "base_id", &f->base_id);
	number(w, "files", f->counted, f->files);
	number(w, "bytes", f->counted, f->bytes);
	vss_jw_member_bool(w, "counted_whole", whole);
	path_or_null(w, "archive_dir", f->archive_dir);
	number(w, "archive_most", whole, f->archive_most);
	number(w, "archive_free", f->archive_dir, f->archive_free);
}

void
vss_front_forecast_json(const struct vss_forecast *f, const struct vss_err *err)
{
	struct vss_jw *w = vss_out_json();

	vss_jw_begin_object(w);
	vss_jw_member_bool(w, "dry_run", true);
	vss_front_json_uuid(w, "from_shadow", &f->from_set);
	vss_jw_member_string(w, "grade", vss_grade_word(f->grade));
	vss_jw_member_string(w, "instant", vss_instant_word(f->instant));
	freeze(w, f->nfreezes, f->freeze_us);
	lists(w, f);
	if (f->is_backup)
		counts(w, f);
	path_or_null(w, "storage_dir", f->storage_dir);
	number(w, "storage_most", f->storage_dir, f->storage_most);
	number(w, "storage_free", f->storage_dir, f->storage_free);
	if (err->code != VSS_OK)
		vss_front_json_error(w, err);
	vss_jw_end_object(w);
	vss_out_json_end(w);
}
