/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "copies/copies.h"
#include "front/storage_find.h"

#include <stdlib.h>
#include <string.h>

static int
check(const struct vss_front_resize *r, struct vss_err *err)
{
	if (!r->which.volume)
		return vss_fail(err, VSS_USAGE, 0, "say whose storage: --for VOLUME");
	if (!r->max_size && !r->max_copies && r->which.shape != VSS_SHAPE_VSSADMIN)
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
	if (!r->max_size && !r->max_copies)
		out->max_bytes = VSS_LIMIT_NONE, out->percent = 0;
	return r->max_size ? vss_front_limit_size(r, out, err) : 0;
}

int
vss_front_check_empty(const struct vss_front_known *k, const struct vss_front_whose *whose, struct vss_err *err)
{
	for (size_t i = 0; i < k->areas.n; i++)
		if (vss_front_is_whose(whose, &k->areas.v[i]) && k->areas.v[i].ncopies)
			return vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
				"%s: %zu shadow cop%s still in its storage: delete them first, or limit it to "
				"UNBOUNDED",
				k->areas.v[i].volume, k->areas.v[i].ncopies,
				k->areas.v[i].ncopies == 1 ? "y is" : "ies are");
	return 0;
}

/* S59: a size of 0 takes the association away, while there is nothing in it. */
static int
take_back(const struct vss_front_resize *r, const struct vss_front_known *k, const struct vss_limit *l,
	struct vss_err *err)
{
	struct vss_front_whose whose = { .volume_id = l->volume_id, .place = *l->place ? l->place : NULL };

	if (vss_front_check_empty(k, &whose, err) < 0)
		return -1;
	return r->dry_run ? 0 : vss_limit_remove(l->volume_id, l->place, err);
}

static int
check_there(const struct vss_front_known *k, const struct vss_front_whose *whose, struct vss_err *err)
{
	for (size_t i = 0; i < k->areas.n; i++)
		if (vss_front_is_whose(whose, &k->areas.v[i]))
			return 0;
	return vss_fail(err, VSS_ABSENT, 0,
		"%s: it has no such shadow copy storage association: add shadowstorage makes one", whose->volume);
}

static int
resize(const struct vss_front_resize *r, struct vss_front_known *k, const struct vss_front_whose *whose,
	struct vss_err *err)
{
	struct vss_limit l = VSS_LIMIT_INIT;
	int rc = r->which.shape == VSS_SHAPE_VSSADMIN ? check_there(k, whose, err) : 0;

	if (rc == 0)
		rc = new_limit(r, whose, &k->limits, &l, err);
	if (rc == 0 && r->max_size && !l.percent && l.max_bytes == 0)
		rc = take_back(r, k, &l, err);
	else if (rc == 0)
		rc = vss_front_limit_keep(r, k, &l, "Successfully resized the shadow copy storage association", err);
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
