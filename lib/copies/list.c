/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"
#include "copies/missing_internal.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

int
copies_scan(struct vss_set_list *out, struct vss_err *err)
{
	struct copies_places p;

	copies_places(&p);
	int rc = vss_catalog_scan(p.v, p.all.n, out, err);
	copies_find_missing(out, &p);
	copies_places_free(&p);
	return rc;
}

static bool
has_set(const struct vss_set_list *l, const struct vss_uuid *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (vss_uuid_eq(&l->v[i]->id, id))
			return true;
	return false;
}

/*
 * A scan did not find it.  It is gone when every copy of it is known to be gone; what cannot be seen now is
 * believed.
 */
static bool
may_be_there(const struct vss_set *set, bool *denied)
{
	for (size_t i = 0; i < set->nshadows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		const struct vss_provider_ops *ops = vss_provider_named(set->shadows[i].provider, &err);
		if (!ops || ops->exists(&set->shadows[i], &err) != 0) {
			*denied = *denied || err.code == VSS_DENIED;
			return true;
		}
	}
	return false;
}

void
copies_add_cached(struct vss_set_list *out)
{
	struct vss_set_list cached = { 0 };
	struct vss_err err = VSS_ERR_INIT;
	bool denied = false;

	if (vss_catalog_cached(&cached, &err) < 0)
		vss_info("the cache of shadow copy sets is not used: %s", err.text);
	for (size_t i = 0; i < cached.n; i++) {
		if (has_set(out, &cached.v[i]->id) || !may_be_there(cached.v[i], &denied))
			continue;
		VSS_PUSH(out->v, out->n, out->cap) = cached.v[i];
		cached.v[i] = NULL;
	}
	vss_set_list_free(&cached);
	if (denied)
		vss_info("only root can look for shadow copies: some are listed as they were last known");
}

int
vss_copies_list(struct vss_set_list *out, struct vss_err *err)
{
	if (copies_scan(out, err) < 0)
		return -1;
	copies_add_cached(out);
	copies_exposed_fill(out);
	vss_set_list_sort(out);
	return 0;
}
