/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/plan.h"

#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static int
order_by_mount(const void *a, const void *b)
{
	const struct vss_volume *const *x = a, *const *y = b;
	return strcmp((*x)->mount, (*y)->mount);
}

/* What has a mount of its own is in the list by that. */
static void
keep_unmounted(struct vss_plan *p, struct vss_volume_list *nested)
{
	size_t mounted = p->mounted.n;

	for (size_t i = 0; i < nested->n; i++) {
		bool known = false;
		for (size_t k = 0; k < p->mounted.n && !known; k++)
			known = strcmp(p->mounted.v[k]->mount, nested->v[i]->mount) == 0;
		if (known)
			continue;
		VSS_PUSH(p->mounted.v, p->mounted.n, p->mounted.cap) = nested->v[i];
		nested->v[i] = NULL;
	}
	if (p->mounted.n > mounted)
		qsort(p->mounted.v, p->mounted.n, sizeof *p->mounted.v, order_by_mount);
}

/* A subvolume within another is come by like something that is mounted there. */
static int
add_nested(struct vss_plan *p, struct vss_err *err)
{
	struct vss_volume_list nested = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->mounted.n; i++) {
		if (p->mounted.v[i]->shadow || vss_volume_nested(p->mounted.v[i], &nested, err) == 0)
			continue;
		/* Where we may not go, or what has just been unmounted, nothing is come by. */
		rc = err->code == VSS_DENIED || err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	}
	if (rc == 0)
		keep_unmounted(p, &nested);
	vss_volume_list_free(&nested);
	return rc;
}

int
vss_plan_look(struct vss_plan *p, struct vss_err *err)
{
	if (p->mounted.n)
		return 0;
	return vss_volumes_mounted(&p->mounted, err) < 0 ? -1 : add_nested(p, err);
}

struct vss_plan_place *
vss_plan_place_at(const struct vss_plan *p, const char *path)
{
	for (size_t i = 0; i < p->nplaces; i++)
		if (strcmp(p->places[i].volume->mount, path) == 0)
			return &p->places[i];
	return NULL;
}

struct vss_plan_place *
vss_plan_place_of(const struct vss_plan *p, const char *path)
{
	struct vss_plan_place *best = NULL;

	for (size_t i = 0; i < p->nplaces; i++) {
		const char *mount = p->places[i].volume->mount;
		if (vss_path_is_below(path, mount) && (!best || strlen(mount) > strlen(best->volume->mount)))
			best = &p->places[i];
	}
	return best;
}

static int
by_mount(const void *path, const void *volume)
{
	const struct vss_volume *const *v = volume;
	return strcmp(path, (*v)->mount);
}

bool
vss_plan_is_mounted(const struct vss_plan *p, const char *path)
{
	return p->mounted.n && bsearch(path, p->mounted.v, p->mounted.n, sizeof(struct vss_volume *), by_mount);
}

/* `path` from `top` on, both relative; "" is the root of the volume. */
static const char *
from_top(const char *path, const char *top)
{
	return *top ? vss_path_below(path, top) : path;
}

char *
vss_plan_inner(const struct vss_plan *p, const struct vss_plan_place *at, const char *path)
{
	const struct vss_volume *v = p->volumes[at->of].volume;

	if (at->volume == v)
		return vss_strdup(vss_path_below(path, v->mount));
	VSS_AUTOFREE char *inner = vss_volume_inner(at->volume, path);
	return inner && v->subpath ? vss_strdup(from_top(inner, v->subpath)) : NULL;
}

void
vss_plan_note(struct vss_plan *p, size_t place, const char *path)
{
	struct vss_plan_volume *pv = &p->volumes[p->places[place].of];
	VSS_AUTOFREE char *inner = vss_plan_inner(p, &p->places[place], path);

	if (inner && !vss_strv_has(&pv->only, inner))
		vss_strv_take(&pv->only, vss_take(&inner));
}

/* From now on the session knows the volume by a mount that shows more of it. */
static void
widen(struct vss_plan_volume *pv, const struct vss_volume *v)
{
	const char *way = from_top(pv->volume->subpath, v->subpath);
	struct vss_strv only = VSS_STRV_INIT;

	for (size_t i = 0; i < pv->only.n; i++)
		vss_strv_take(&only, vss_path_join(way, pv->only.v[i]));
	if (*way) {
		vss_strv_free(&pv->only);
		pv->only = only;
	} else {
		vss_strv_free(&only);
	}
	pv->volume = v;
}

static bool
shows(const struct vss_volume *v, const char *subpath)
{
	return v->subpath && from_top(subpath, v->subpath);
}

/* A mount that shows these two parts of a volume; none of them shows the other. */
static const struct vss_volume *
common_mount(const struct vss_plan *p, const struct vss_volume *a, const struct vss_volume *b)
{
	for (size_t i = 0; i < p->mounted.n; i++) {
		const struct vss_volume *v = p->mounted.v[i];
		if (strcmp(v->id, a->id) == 0 && shows(v, a->subpath) && shows(v, b->subpath))
			return v;
	}
	return NULL;
}

static void
push_place(struct vss_plan *p, struct vss_volume *v, size_t of)
{
	VSS_PUSH(p->places, p->nplaces, p->cplaces) = (struct vss_plan_place){ .volume = v, .of = of };
}

/* The volume is in the plan by another mount: which of them shows what both are to show? */
static int
join(struct vss_plan *p, size_t of, const struct vss_volume *v, struct vss_err *err)
{
	struct vss_plan_volume *pv = &p->volumes[of];
	const struct vss_volume *both;

	if (!pv->volume->subpath || !v->subpath)
		return vss_fail(err, VSS_DENIED, 0,
			"%s: is mounted at %s, too, and only root sees which part of it is which", v->mount,
			pv->volume->mount);
	if (shows(pv->volume, v->subpath))
		return 0;
	if (shows(v, pv->volume->subpath)) {
		widen(pv, v);
		return 0;
	}
	if (vss_plan_look(p, err) < 0)
		return -1;
	both = common_mount(p, pv->volume, v);
	if (!both)
		return vss_fail(err, VSS_UNSUPPORTED, 0,
			"%s and %s: parts of one volume that is nowhere mounted as a whole: back them up one after the "
			"other",
			pv->volume->mount, v->mount);
	struct vss_volume *own = vss_volume_copy(both);
	push_place(p, own, of);
	widen(pv, own);
	return 0;
}

static size_t
find_volume(const struct vss_plan *p, const char *id)
{
	for (size_t i = 0; i < p->nvolumes; i++)
		if (strcmp(p->volumes[i].volume->id, id) == 0) /* by identity (M13) */
			return i;
	return SIZE_MAX;
}

size_t
vss_plan_place_for(struct vss_plan *p, struct vss_volume *v, struct vss_err *err)
{
	const struct vss_plan_place *there = vss_plan_place_at(p, v->mount);
	size_t of = find_volume(p, v->id);

	if (there) {
		vss_volume_free(v);
		return (size_t)(there - p->places);
	}
	if (of == SIZE_MAX) {
		of = p->nvolumes;
		VSS_PUSH(p->volumes, p->nvolumes, p->cvolumes) = (struct vss_plan_volume){ .volume = v };
	} else if (join(p, of, v, err) < 0) {
		vss_volume_free(v);
		return SIZE_MAX;
	}
	push_place(p, v, of);
	return p->nplaces - 1;
}
