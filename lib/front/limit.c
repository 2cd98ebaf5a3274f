/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/storage_find.h"

#include "base/mem.h"
#include "copies/copies.h"
#include "front/json.h"
#include "os/interrupt.h"

#include <string.h>

int
vss_front_limit_size(const struct vss_front_resize *r, struct vss_limit *out, struct vss_err *err)
{
	bool windows = r->which.shape == VSS_SHAPE_VSSADMIN;
	int rc = vss_limit_parse_size(r->max_size, out, err);

	if (rc == 0 && windows && !out->percent && out->max_bytes == 0)
		rc = vss_fail(err, VSS_USAGE, 0, "'%s' is no room for a shadow copy", r->max_size);
	return rc == 0 ? 0 : vss_wrap(err, windows ? "/MaxSize" : "--max-size");
}

/* --- what goes --- */

struct telling {
	const struct vss_front_resize *r;
	struct vss_jw *w;
};

static void
tell_one(void *ctx, const struct vss_storage_area *a, const struct vss_set *set, const struct vss_shadow *s)
{
	struct telling *t = ctx;
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(a->volume);

	vss_uuid_braced(&s->id, id);
	if (t->w) {
		vss_jw_begin_object(t->w);
		vss_front_json_uuid(t->w, "id", &s->id);
		vss_front_json_uuid(t->w, "set_id", &set->id);
		vss_jw_path(t->w, "volume", s->volume);
		vss_jw_end_object(t->w);
	} else if (t->r->dry_run || !t->r->quiet) {
		vss_out("%s shadow copy %s of %s\n", t->r->dry_run ? "Would delete" : "Deleting", id, volume);
	}
}

static int
trim(struct vss_front_known *k, const struct vss_front_whose *whose, struct telling *t, struct vss_err *err)
{
	struct vss_storage_trim how = { .dry_run = t->r->dry_run, .going = tell_one, .ctx = t };

	for (size_t i = 0; i < k->areas.n; i++) {
		if (!vss_front_is_whose(whose, &k->areas.v[i]))
			continue;
		if (vss_check_interrupt(err) || vss_storage_trim(&k->areas.v[i], &how, err) < 0)
			return -1;
	}
	return 0;
}

static void
begin_json(struct vss_jw *w, const struct vss_limit *l)
{
	vss_jw_begin_object(w);
	vss_jw_path(w, "volume", l->volume);
	vss_jw_member_string(w, "volume_id", l->volume_id);
	if (*l->place)
		vss_jw_path(w, "storage", l->place);
	else
		vss_jw_member_string(w, "storage", NULL);
	vss_jw_key(w, "deleted");
	vss_jw_begin_array(w);
}

static int
apply(const struct vss_front_resize *r, struct vss_front_known *k, const struct vss_limit *l, const char *done,
	struct vss_err *err)
{
	struct vss_front_whose whose = { .volume_id = l->volume_id, .place = *l->place ? l->place : NULL };
	struct telling t = { .r = r, .w = r->json ? vss_out_json() : NULL };

	if (t.w)
		begin_json(t.w, l);
	int rc = trim(k, &whose, &t, err);
	if (t.w) {
		vss_jw_end_array(t.w);
		vss_jw_end_object(t.w);
		vss_out_json_end(t.w);
	} else if (rc == 0 && !r->dry_run && !r->quiet) {
		vss_out("%s\n", done);
	}
	return rc;
}

/* The limits as they will be, for the areas. */
static void
replace(struct vss_limits *limits, const struct vss_limit *l)
{
	struct vss_limit *at = NULL;

	for (size_t i = 0; i < limits->n; i++)
		if (vss_str_caseeq(limits->v[i].volume_id, l->volume_id) && strcmp(limits->v[i].place, l->place) == 0)
			at = &limits->v[i];
	if (!at) {
		at = &VSS_PUSH(limits->v, limits->n, limits->cap);
		*at = (struct vss_limit)VSS_LIMIT_INIT;
	}
	vss_limit_clear(at);
	*at = *l;
	at->volume_id = vss_strdup(l->volume_id);
	at->volume = vss_strdup(l->volume);
	at->place = vss_strdup(l->place);
	at->on = vss_strdup(l->on);
}

int
vss_front_limit_keep(const struct vss_front_resize *r, struct vss_front_known *k, const struct vss_limit *l,
	const char *done, struct vss_err *err)
{
	if (!r->dry_run && vss_limit_write(l, err) < 0)
		return -1;
	replace(&k->limits, l);
	vss_storage_areas_free(&k->areas);
	vss_storage_areas(&k->sets, &k->limits, &k->areas);
	return apply(r, k, l, done, err);
}
