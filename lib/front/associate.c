/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "copies/copies.h"
#include "front/storage_find.h"

#include <stdlib.h>
#include <string.h>

/* --- add --- */

/* What there is to be decided of an association: whose copies, and where they would go. */
struct wanted {
	struct vss_volume *volume, *on;
	const struct vss_provider_ops *provider; /* of the volume */
	char *place;
};

static void
wanted_clear(struct wanted *w)
{
	vss_volume_free(w->volume);
	vss_volume_free(w->on);
	free(w->place);
}

/* The copies are where their provider has them: that place may be named, and no other. */
static int
take_fixed(const struct vss_front_resize *r, struct wanted *w, struct vss_err *err)
{
	VSS_AUTOFREE char *named = vss_front_place_of(w->on);

	if (w->provider->place_of)
		w->place = w->provider->place_of(w->volume, err);
	if (w->provider->place_of && !w->place)
		return -1;
	if (w->place && (vss_str_eq(named, w->place) || vss_str_eq(r->which.on, w->place)))
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: its shadow copies stay where provider %s keeps them%s%s",
		w->volume->mount, w->provider->name, w->place ? ": name " : "", w->place ? w->volume->mount : "");
}

/* Any directory will do that the provider says yes to. */
static int
take_chosen(const struct vss_front_resize *r, struct wanted *w, struct vss_err *err)
{
	if (w->on->pseudo || w->on->shadow)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: shadow copies cannot be kept there", r->which.on);
	char *real = realpath(r->which.on, NULL);
	w->place = real ? real : vss_strdup(w->on->mount);
	struct vss_provider_set ps = { .provider = w->provider, .storage = w->place };
	return w->provider->check ? w->provider->check(&ps, w->volume, err) : 0;
}

static int
decide(const struct vss_front_resize *r, const struct vss_front_known *k, struct wanted *w, struct vss_err *err)
{
	w->volume = vss_volume_named(r->which.volume, err);
	if (w->volume && vss_front_area_gone(&k->areas, r->which.volume, w->volume))
		return vss_fail(err, VSS_ABSENT, 0, "%s: it is not mounted", r->which.volume);
	w->on = w->volume ? vss_volume_named(r->which.on, err) : NULL;
	w->provider = w->on ? vss_provider_for(w->volume, NULL, err) : NULL;
	if (!w->provider)
		return -1;
	return (w->provider->self_made ? take_fixed : take_chosen)(r, w, err);
}

/* One to a volume; and what lies where its provider has it is one already. */
static int
check_new(const struct vss_front_known *k, const struct wanted *w, struct vss_err *err)
{
	const struct vss_limit *l = vss_limits_association(&k->limits, w->volume->id);
	bool there = l != NULL;

	for (size_t i = 0; i < k->areas.n && w->provider->self_made; i++)
		there = there || (vss_str_caseeq(k->areas.v[i].volume_id, w->volume->id) &&
					 strcmp(k->areas.v[i].place, w->place) == 0);
	if (!there)
		return 0;
	return vss_fail(err, VSS_EXISTS, 0,
		"%s: it has a shadow copy storage association%s%s: resize shadowstorage changes it, "
		"delete shadowstorage takes it away",
		w->volume->mount, l ? " with " : "", l ? l->place : "");
}

static int
add(const struct vss_front_resize *r, struct vss_front_known *k, const struct wanted *w, struct vss_err *err)
{
	const struct vss_limit *old = vss_limits_for(&k->limits, w->volume->id, w->place);
	struct vss_limit l = VSS_LIMIT_INIT;

	if (check_new(k, w, err) < 0)
		return -1;
	if (old)
		l.max_copies = old->max_copies;
	l.volume_id = vss_strdup(w->volume->id);
	l.volume = vss_strdup(w->volume->mount);
	l.place = vss_strdup(w->place);
	l.on = vss_strdup(w->on->id);
	int rc = r->max_size ? vss_front_limit_size(r, &l, err) : 0;
	if (rc == 0)
		rc = vss_front_limit_keep(r, k, &l, "Successfully added the shadow copy storage association", err);
	vss_limit_clear(&l);
	return rc;
}

static int
read_all(struct vss_front_known *k, struct vss_err *err)
{
	vss_copies_reap();
	if (vss_front_known_read(k, err) < 0)
		return -1;
	vss_storage_areas(&k->sets, &k->limits, &k->areas);
	return 0;
}

int
vss_front_storage_add(const struct vss_front_resize *r, struct vss_err *err)
{
	struct vss_front_known known = { 0 };
	struct wanted w = { 0 };
	int rc = read_all(&known, err);

	if (rc == 0)
		rc = decide(r, &known, &w, err);
	if (rc == 0)
		rc = add(r, &known, &w, err);
	wanted_clear(&w);
	vss_front_known_free(&known);
	return rc;
}

/* --- delete --- */

static int
remove_all(const struct vss_front_known *k, const struct vss_front_whose *whose, size_t *removed, struct vss_err *err)
{
	for (size_t i = 0; i < k->limits.n; i++) {
		const struct vss_limit *l = &k->limits.v[i];
		if (!vss_str_caseeq(l->volume_id, whose->volume_id) ||
			(whose->place && strcmp(l->place, whose->place) != 0))
			continue;
		if (vss_limit_remove(l->volume_id, l->place, err) < 0)
			return -1;
		++*removed;
	}
	return 0;
}

int
vss_front_storage_delete(const struct vss_front_storage *which, bool quiet, struct vss_err *err)
{
	struct vss_front_known known = { 0 };
	struct vss_front_whose whose = { 0 };
	size_t removed = 0;
	int rc = read_all(&known, err);

	if (rc == 0)
		rc = vss_front_whose(which, &known.areas, &whose, err);
	if (rc == 0)
		rc = vss_front_check_empty(&known, &whose, err);
	if (rc == 0)
		rc = remove_all(&known, &whose, &removed, err);
	if (rc == 0 && !removed)
		vss_front_none();
	else if (rc == 0 && !quiet)
		vss_out("Successfully deleted the shadow copy storage association%s\n", removed == 1 ? "" : "s");
	vss_front_whose_free(&whose);
	vss_front_known_free(&known);
	return rc;
}
