/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/mem.h"
#include "base/stop.h"
#include "os/lock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Does a copy of the set lie in this place?  Copies are its sub-directories (provider.h). */
static bool
has_copy(const struct vss_catalog_place *p, const struct vss_set *set)
{
	char id[VSS_UUID_TEXT];

	for (size_t i = 0; i < set->nshadows; i++) {
		vss_uuid_text(&set->shadows[i].id, id);
		if (faccessat(p->dirfd, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

/* The document of what is left of the set: rewritten where copies lie, removed where none does any more. */
static int
rewrite(const struct vss_set *rest, struct copies_places *p, struct vss_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->all.n; i++) {
		if (!has_copy(&p->v[i], rest))
			continue;
		struct vss_catalog_place other = p->v[kept];
		p->v[kept++] = p->v[i];
		p->v[i] = other;
	}
	/* This order, as removing empties the cache and saving fills it. */
	if (kept < p->all.n && vss_catalog_remove(&rest->id, p->v + kept, p->all.n - kept, err) < 0)
		return -1;
	return kept ? vss_catalog_save(rest, p->v, kept, err) : 0;
}

/* The document follows when copy `index` has gone. */
static int
follow_up(const struct vss_set *set, size_t index, struct vss_err *err)
{
	struct copies_places p;
	struct vss_set *rest = vss_set_copy(set);

	vss_set_remove_shadow(rest, index);
	copies_places_of(&set->id, &p);
	for (size_t i = 0; i < p.all.n; i++)
		(void)copies_revert_forget(&p.v[i], &set->shadows[index].id, err);
	int rc = rest->nshadows ? rewrite(rest, &p, err) : vss_catalog_remove(&set->id, p.v, p.all.n, err);
	if (rc == 0)
		rc = vss_provider_places_carry(&p.all, &set->id, err);
	copies_places_free(&p);
	vss_set_free(rest);
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
	if (copies_previous_drop(set, sh, err) < 0)
		return -1;
	if (ops->unsurface(sh, sh->device, err) < 0 || ops->remove(sh, err) < 0)
		return -1;
	vss_stop_point("copies.removed");
	return copies_forget(set, index, err);
}

int
copies_forget(struct vss_set *set, size_t index, struct vss_err *err)
{
	struct vss_shadow *sh = &set->shadows[index];
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, err);

	if (!ops || ops->unsurface(sh, sh->device, err) < 0)
		return -1;
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

static int
refuse_reverting(const struct vss_set *set, size_t index, struct vss_err *err)
{
	struct copies_places p;

	copies_places_of(&set->id, &p);
	bool open = copies_revert_is_open(&p, &set->shadows[index].id);
	copies_places_free(&p);
	return open ? vss_fail(err, VSS_E_REVERT_IN_PROGRESS, 0, "a volume is being put back to it") : 0;
}

int
copies_refuse_in_use(const struct vss_set *set, size_t index, struct vss_err *err)
{
	return refuse_in_use(set, err) < 0 ? -1 : refuse_reverting(set, index, err);
}

int
vss_copies_delete_shadow(struct vss_set *set, size_t index, struct vss_err *err)
{
	char id[VSS_UUID_BRACED];

	vss_uuid_braced(&set->shadows[index].id, id);
	if (copies_refuse_in_use(set, index, err) < 0 || copies_delete(set, index, err) < 0)
		return vss_wrap(err, "shadow copy %s", id);
	return 0;
}

int
vss_copies_delete_own(struct vss_set *set, size_t index, struct vss_err *err)
{
	char id[VSS_UUID_BRACED];

	vss_uuid_braced(&set->shadows[index].id, id);
	if (refuse_reverting(set, index, err) < 0 || copies_delete(set, index, err) < 0)
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
