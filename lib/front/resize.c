/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "copies/copies.h"
#include "front/json.h"
#include "front/storage_find.h"
#include "os/interrupt.h"

#include <stdlib.h>
#include <string.h>

static int
check(const struct vss_front_resize *r, struct vss_err *err)
{
	if (!r->which.volume)
		return vss_fail(err, VSS_USAGE, 0, "say whose storage: --for VOLUME");
	if (!r->max_size && !r->max_copies)
		return vss_fail(err, VSS_USAGE, 0, "say how much: --max-size or --max-copies");
	if (r->max_copies > VSS_COPIES_MAX)
		return vss_fail(
			err, VSS_USAGE, 0, "--max-copies: a volume has at most %d shadow copies", VSS_COPIES_MAX);
	return 0;
}

/* The limit as it will be: what was not said stays. */
static int
new_limit(const struct vss_front_resize *r, const struct vss_front_whose *whose, const struct vss_limits *limits,
	struct vss_limit *out, struct vss_err *err)
{
	const char *place = whose->place ? whose->place : "";
	const struct vss_limit *old = vss_limits_for(limits, whose->volume_id, place);

	if (old) {
		out->max_bytes = old->max_bytes;
		out->percent = old->percent;
		out->max_copies = old->max_copies;
		out->on = strcmp(old->place, place) == 0 ? vss_strdup(old->on) : NULL;
	}
	out->volume_id = vss_strdup(whose->volume_id);
	out->volume = vss_strdup(whose->volume);
	out->place = vss_strdup(place);
	if (r->max_copies)
		out->max_copies = r->max_copies;
	if (r->max_size && vss_limit_parse_size(r->max_size, out, err) < 0)
		return vss_wrap(err, "--max-size");
	return 0;
}

/* S59: a size of 0 takes the association away, while there is nothing in it. */
static int
take_back(const struct vss_front_resize *r, const struct vss_front_known *k, const struct vss_limit *l,
	struct vss_err *err)
{
	struct vss_front_whose whose = { .volume_id = l->volume_id, .place = *l->place ? l->place : NULL };

	for (size_t i = 0; i < k->areas.n; i++)
		if (vss_front_is_whose(&whose, &k->areas.v[i]) && k->areas.v[i].ncopies)
			return vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
				"%s: there are %zu shadow copies in its storage: delete them first, or limit it to "
				"UNBOUNDED",
				l->volume, k->areas.v[i].ncopies);
	return r->dry_run ? 0 : vss_limit_remove(l->volume_id, l->place, err);
}

/* --- what goes --- */

struct telling {
	const struct vss_front_resize *r;
	struct vss_jw *w;
	size_t gone;
};

static void
tell_one(void *ctx, const struct vss_storage_area *a, const struct vss_set *set, const struct vss_shadow *s)
{
	struct telling *t = ctx;
	char id[VSS_UUID_BRACED];
	VSS_AUTOFREE char *volume = vss_out_name(a->volume);

	t->gone++;
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
apply(const struct vss_front_resize *r, struct vss_front_known *k, const struct vss_front_whose *whose,
	const struct vss_limit *l, struct vss_err *err)
{
	struct telling t = { .r = r, .w = r->json ? vss_out_json() : NULL };

	if (t.w)
		begin_json(t.w, l);
	int rc = trim(k, whose, &t, err);
	if (t.w) {
		vss_jw_end_array(t.w);
		vss_jw_end_object(t.w);
		vss_out_json_end(t.w);
	} else if (rc == 0 && !r->dry_run && !r->quiet) {
		vss_out("Successfully resized the shadow copy storage association\n");
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

static int
resize(const struct vss_front_resize *r, struct vss_front_known *k, const struct vss_front_whose *whose,
	struct vss_err *err)
{
	struct vss_limit l = VSS_LIMIT_INIT;
	int rc = new_limit(r, whose, &k->limits, &l, err);

	if (rc == 0 && r->max_size && !l.percent && l.max_bytes == 0) {
		rc = take_back(r, k, &l, err);
	} else if (rc == 0 && (r->dry_run || (rc = vss_limit_write(&l, err)) == 0)) {
		replace(&k->limits, &l);
		vss_storage_areas_free(&k->areas);
		vss_storage_areas(&k->sets, &k->limits, &k->areas);
		rc = apply(r, k, whose, &l, err);
	}
	vss_limit_clear(&l);
	return rc;
}

int
vss_front_storage_resize(const struct vss_front_resize *r, struct vss_err *err)
{
	struct vss_front_known known = { 0 };
	struct vss_front_whose whose = { 0 };

	if (check(r, err) < 0)
		return -1;
	if (!r->dry_run)
		vss_copies_reap();
	int rc = vss_front_known_read(&known, err);
	if (rc == 0) {
		vss_storage_areas(&known.sets, &known.limits, &known.areas);
		rc = vss_front_whose(&r->which, &known.areas, &whose, err);
	}
	if (rc == 0)
		rc = resize(r, &known, &whose, err);
	vss_front_whose_free(&whose);
	vss_front_known_free(&known);
	return rc;
}
