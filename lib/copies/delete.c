/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/mem.h"
#include "base/stop.h"
#include "os/lock.h"

#include <stdlib.h>

/* The document without copy `index`; removed when that was the last. */
static int
follow_up(struct vss_set *set, size_t index, struct vss_err *err)
{
	struct copies_places p;
	int rc;

	copies_places_of(&set->id, &p);
	if (set->nshadows == 1) {
		rc = vss_catalog_remove(&set->id, p.v, p.all.n, err);
	} else {
		struct vss_set *rest = vss_set_copy(set);
		vss_set_remove_shadow(rest, index);
		rc = vss_catalog_save(rest, p.v, p.all.n, err);
		vss_set_free(rest);
	}
	copies_places_free(&p);
	return rc;
}

int
copies_delete(struct vss_set *set, size_t index, struct vss_err *err)
{
	struct vss_shadow *sh = &set->shadows[index];
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, err);

	if (!ops)
		return -1;
	if (sh->exposed && vss_copies_unexpose(sh->exposed, err) < 0)
		return -1;
	if (ops->unsurface(sh, sh->device, err) < 0 || ops->remove(sh, err) < 0)
		return -1;
	vss_stop_point("copies.removed");
	if (follow_up(set, index, err) < 0 || ops->tidy(sh, err) < 0)
		return -1;
	copies_exposed_forget(&sh->id);
	vss_set_remove_shadow(set, index);
	return 0;
}

static int
refuse_in_use(const struct vss_set *set, struct vss_err *err)
{
	if (vss_uuid_is_nil(&set->owner) || !vss_owner_is_alive(&set->owner))
		return 0;
	return vss_fail(err, VSS_BUSY, 0, "is in use by a running operation, and goes with it");
}

int
vss_copies_delete_shadow(struct vss_set *set, size_t index, struct vss_err *err)
{
	char id[VSS_UUID_BRACED];

	vss_uuid_braced(&set->shadows[index].id, id);
	if (refuse_in_use(set, err) < 0 || copies_delete(set, index, err) < 0)
		return vss_wrap(err, "shadow copy %s", id);
	return 0;
}

int
vss_copies_delete_set(struct vss_set *set, unsigned *deleted, struct vss_err *err)
{
	while (set->nshadows) {
		if (vss_copies_delete_shadow(set, 0, err) < 0)
			return -1;
		++*deleted;
	}
	return 0;
}
