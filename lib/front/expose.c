/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"

#include "base/mem.h"
#include "copies/copies.h"
#include "front/word.h"

static void
tell(const struct vss_front_expose *e, const char *what, const char *name)
{
	VSS_AUTOFREE char *shown = e->word ? vss_out_sentence(e->word) : vss_out_name(name);
	if (e->dry_run)
		vss_out("Would %s %s.\n", what, shown);
	else if (!e->quiet)
		vss_out("The shadow copy was successfully %s %s.\n", what, shown);
}

static int
unexpose(const struct vss_front_expose *e, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_front_absolute(e->remove, err);
	if (!path || (!e->dry_run && vss_copies_unexpose(path, err)))
		return -1;
	tell(e, e->dry_run ? "take away the shadow copy at" : "taken away from", path);
	return 0;
}

static int
unshare(const struct vss_front_expose *e, struct vss_err *err)
{
	if (!e->dry_run && vss_copies_unshare(e->unshare, err))
		return -1;
	tell(e, e->dry_run ? "end the share" : "taken away from the share", e->unshare);
	return 0;
}

/* What may be shown besides what the tools show. */
static unsigned
also(const struct vss_front_expose *e, const struct vss_set *set)
{
	bool own = e->own && vss_uuid_eq(e->own, &set->id);
	return (e->shape == VSS_SHAPE_DISKSHADOW ? VSS_EXPOSE_CLIENT_ACCESSIBLE : 0) | (own ? VSS_EXPOSE_OWN : 0);
}

static int
show(const struct vss_front_expose *e, const struct vss_set *set, struct vss_shadow *s, struct vss_err *err)
{
	VSS_AUTOFREE char *path = e->share ? NULL : vss_front_absolute(e->path, err);
	unsigned a = also(e, set);
	if (!e->share && !path)
		return -1;
	if (!e->dry_run &&
		(e->share ? vss_copies_share(s, e->share, e->within, a, err) : vss_copies_expose(s, path, a, err)))
		return -1;
	bool share = e->share && e->shape == VSS_SHAPE_OWN; /* diskshadow has one word for both */
	if (e->dry_run)
		tell(e, share ? "share the shadow copy as" : "expose the shadow copy as", e->share ? e->share : path);
	else
		tell(e, share ? "shared as" : "exposed as", e->share ? e->share : path);
	return 0;
}

static int
expose(const struct vss_front_expose *e, const struct vss_set_list *sets, struct vss_err *err)
{
	struct vss_set *set;
	size_t index;

	if (vss_copies_find_shadow(sets, e->id, &set, &index, err) < 0)
		return -1;
	return show(e, set, &set->shadows[index], err);
}

/* The copy that is to be taken away: by its ID, or what is exposed there; NULL: nothing that is known. */
static const struct vss_shadow *
find_exposed(const struct vss_front_expose *e, const struct vss_set_list *sets, struct vss_err *err)
{
	struct vss_front_found found = { 0 };
	const struct vss_shadow *s = NULL;
	struct vss_set *set;
	size_t index;

	if (e->hide)
		return vss_copies_find_shadow(sets, e->hide, &set, &index, err) == 0 ? &set->shadows[index] : NULL;
	if (vss_front_find_exposed(sets, e->remove, e->unshare, &found, err) == 0)
		s = &found.v[0].set->shadows[found.v[0].index];
	vss_front_found_free(&found);
	return s;
}

/* diskshadow says which copy it was; so it must be known. */
static int
hide(const struct vss_front_expose *e, const struct vss_set_list *sets, struct vss_err *err)
{
	const struct vss_shadow *s = find_exposed(e, sets, err);
	char id[VSS_UUID_BRACED];

	if (!s)
		return -1;
	vss_uuid_braced(&s->id, id);
	if (!s->exposed)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "shadow copy %s is not exposed", id);
	if (vss_copies_unexpose_shadow(&s->id, err) < 0)
		return -1;
	vss_out("Shadow copy ID %s is no longer exposed.\n", id);
	return 0;
}

int
vss_front_expose_shadow(const struct vss_front_expose *e, struct vss_err *err)
{
	struct vss_set_list sets = { 0 };

	if (!e->dry_run)
		vss_copies_reap();
	if (e->shape == VSS_SHAPE_OWN && e->unshare)
		return unshare(e, err);
	if (e->shape == VSS_SHAPE_OWN && e->remove)
		return unexpose(e, err);
	int rc = vss_copies_list(&sets, err);
	if (rc == 0)
		rc = e->id ? expose(e, &sets, err) : hide(e, &sets, err);
	vss_set_list_free(&sets);
	return rc;
}
