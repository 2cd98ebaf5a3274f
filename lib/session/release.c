/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "catalog/catalog.h"
#include "provider/provider.h"

#include <stdlib.h>
#include <unistd.h>

int
session_surface(struct vss_session *s, struct vss_err *err)
{
	for (size_t i = 0; i < s->set->nshadows; i++) {
		const struct vss_shadow *sh = &s->set->shadows[i];
		if (making_ops(s->making, i)->surface(sh, sh->device, err) < 0)
			return vss_wrap(err, "shadow copy of %s", sh->volume);
	}
	return 0;
}

static void
unsurface(const struct vss_shadow *sh)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, &err);

	if (!ops || ops->unsurface(sh, sh->device, &err) < 0)
		vss_warn("shadow copy of %s: %s", sh->volume, err.text);
}

void
session_unsurface(struct vss_session *s)
{
	for (size_t i = 0; i < s->set->nshadows; i++)
		if (s->set->shadows[i].device)
			unsurface(&s->set->shadows[i]);
}

/* --- The set document --- */

static struct vss_catalog_place *
catalog_places(const struct vss_provider_places *all)
{
	struct vss_catalog_place *v = vss_alloc(all->n * sizeof *v);

	for (size_t i = 0; i < all->n; i++)
		v[i] = (struct vss_catalog_place){ all->v[i].dirfd, all->v[i].label };
	return v;
}

/* Copies that go with this session are its own in everybody's eyes. */
static int
claim(struct vss_session *s, const struct vss_catalog_place *places, size_t n, struct vss_err *err)
{
	if (vss_uuid_is_nil(&s->set->owner))
		return 0;
	s->claims = vss_alloc(n * sizeof *s->claims);
	s->nclaims = n;
	return vss_catalog_claim(&s->set->id, places, n, s->claims, err);
}

void
session_drop_claims(struct vss_session *s)
{
	for (size_t i = 0; i < s->nclaims; i++)
		if (s->claims[i] >= 0)
			close(s->claims[i]);
	free(s->claims);
	s->claims = NULL;
	s->nclaims = 0;
}

int
session_save(struct vss_session *s, struct vss_err *err)
{
	struct vss_provider_places all = { 0 };
	struct vss_err why = VSS_ERR_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->making->nproviders; i++) {
		struct vss_provider_set *ps = s->making->providers[i];
		struct vss_provider_places some = { 0 };
		rc = ps->provider->places_of(ps, &some, err);
		if (rc < 0)
			vss_wrap(err, "provider %s", ps->provider->name);
		vss_provider_places_move(&all, &some, ps->provider);
	}
	if (rc == 0 && all.n) {
		VSS_AUTOFREE struct vss_catalog_place *places = catalog_places(&all);
		rc = vss_catalog_save(s->set, places, all.n, err);
		if (rc == 0)
			rc = vss_provider_places_carry(&all, &s->set->id, err);
		if (rc == 0)
			rc = claim(s, places, all.n, err);
		if (rc < 0 && vss_catalog_remove(&s->set->id, places, all.n, &why) < 0)
			vss_warn("set document: %s", why.text);
	}
	vss_provider_places_free(&all);
	return rc < 0 ? vss_wrap(err, "set document") : 0;
}

/* --- Auto-release --- */

static int
remove_copy(const struct vss_shadow *sh, struct vss_err *err)
{
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, err);

	if (!ops || ops->unsurface(sh, sh->device, err) < 0)
		return -1;
	return ops->remove(sh, err);
}

/* What is left of the storage, now that the document is gone too. */
static void
tidy_storage(const struct vss_set *set)
{
	for (size_t i = 0; i < set->nshadows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		const struct vss_provider_ops *ops = vss_provider_named(set->shadows[i].provider, &err);
		if (!ops || ops->tidy(&set->shadows[i], &err) < 0)
			vss_warn("storage of the copy of %s: %s", set->shadows[i].volume, err.text);
	}
}

/* Of every provider that has a copy in the set: where its documents may lie. */
static void
add_places_of(const struct vss_set *set, size_t i, struct vss_provider_places *all)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_provider_places some = { 0 };

	for (size_t k = 0; k < i; k++)
		if (vss_str_eq(set->shadows[k].provider, set->shadows[i].provider))
			return;
	const struct vss_provider_ops *ops = vss_provider_named(set->shadows[i].provider, &err);
	if (!ops || ops->places(ops, &some, &err) < 0)
		vss_warn("provider %s: %s", set->shadows[i].provider, err.text);
	vss_provider_places_move(all, &some, ops);
}

static void
add_all_places(const struct vss_set *set, struct vss_provider_places *all)
{
	for (size_t i = 0; i < set->nshadows; i++)
		add_places_of(set, i, all);
}

static void
remove_document(const struct vss_set *set)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_provider_places all = { 0 };

	add_all_places(set, &all);
	VSS_AUTOFREE struct vss_catalog_place *places = catalog_places(&all);
	if (vss_catalog_remove(&set->id, places, all.n, &err) < 0 ||
		vss_provider_places_carry(&all, &set->id, &err) < 0)
		vss_warn("set document: %s", err.text);
	vss_provider_places_free(&all);
}

void
session_release_copies(struct vss_session *s)
{
	bool all_gone = true;

	for (size_t i = 0; i < s->set->nshadows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		if (remove_copy(&s->set->shadows[i], &err) == 0)
			continue;
		vss_warn("shadow copy of %s: was not released: %s", s->set->shadows[i].volume, err.text);
		all_gone = false;
	}
	/* While a copy is there its document must be there, too: the next reap needs it. */
	if (all_gone) {
		remove_document(s->set);
		tidy_storage(s->set);
	}
	while (all_gone && s->set->nshadows)
		vss_set_remove_shadow(s->set, 0);
}

void
vss_session_claim_again(struct vss_session *s)
{
	struct vss_provider_places all = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	add_all_places(s->set, &all);
	VSS_AUTOFREE struct vss_catalog_place *places = catalog_places(&all);
	session_drop_claims(s);
	if (claim(s, places, all.n, &err) < 0)
		vss_warn("set document: %s", err.text);
	vss_provider_places_free(&all);
}
