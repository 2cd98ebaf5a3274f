/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/storage_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static void
area_clear(struct vss_storage_area *a)
{
	free(a->volume);
	free(a->volume_id);
	free(a->provider);
	free(a->place);
	free(a->copies);
	free(a->why);
}

void
vss_storage_areas_free(struct vss_storage_areas *a)
{
	for (size_t i = 0; i < a->n; i++)
		area_clear(&a->v[i]);
	free(a->v);
	*a = (struct vss_storage_areas){ 0 };
}

static struct vss_storage_area *
area_for(struct vss_storage_areas *all, const char *volume_id, const char *place)
{
	for (size_t i = 0; i < all->n; i++)
		if (vss_str_caseeq(all->v[i].volume_id, volume_id) && strcmp(all->v[i].place, place) == 0)
			return &all->v[i];
	struct vss_storage_area *a = &VSS_PUSH(all->v, all->n, all->cap);
	*a = (struct vss_storage_area){
		.volume_id = vss_strdup(volume_id),
		.place = vss_strdup(place),
		.max_bytes = VSS_LIMIT_NONE,
		.max_copies = VSS_LIMIT_NONE,
	};
	return a;
}

static void
add_copy(struct vss_storage_areas *all, struct vss_set *set, const struct vss_shadow *s)
{
	struct vss_storage_area *a = area_for(all, s->volume_id ? s->volume_id : "", s->place ? s->place : "");

	/* The youngest knows best where the volume is mounted. */
	free(a->volume);
	a->volume = vss_strdup(s->volume);
	free(a->provider);
	a->provider = vss_strdup(s->provider);
	if (!s->missing)
		VSS_PUSH(a->copies, a->ncopies, a->ccopies) = (struct vss_storage_copy){ set, s->id };
}

static bool
has_area(const struct vss_storage_areas *all, const char *volume_id)
{
	for (size_t i = 0; i < all->n; i++)
		if (vss_str_caseeq(all->v[i].volume_id, volume_id))
			return true;
	return false;
}

static void
add_limit(struct vss_storage_areas *all, const struct vss_limit *l)
{
	/* One for any storage, which comes last, is seen beside a storage, if there is one. */
	if (!*l->place && has_area(all, l->volume_id))
		return;
	struct vss_storage_area *a = area_for(all, l->volume_id, l->place);
	if (!a->volume)
		a->volume = vss_strdup(l->volume ? l->volume : "");
	if (!a->provider)
		a->provider = vss_strdup("");
}

size_t
copies_index_of(const struct vss_storage_copy *c)
{
	size_t i = 0;

	while (i < c->set->nshadows && !vss_uuid_eq(&c->set->shadows[i].id, &c->id))
		i++;
	return i;
}

/* Without a copy there is nobody to be asked but the file system. */
static uint64_t
size_of_place(const char *place)
{
	struct vss_volume_list list = { 0 };
	struct vss_err ignored = VSS_ERR_INIT;
	struct statvfs st = { 0 };

	if (*place != '/')
		(void)vss_volumes(false, &list, &ignored);
	for (size_t i = 0; i < list.n; i++)
		if (vss_str_eq(list.v[i]->fs_uuid, place))
			(void)statvfs(list.v[i]->mount, &st);
	if (*place == '/')
		(void)statvfs(place, &st);
	vss_volume_list_free(&list);
	return (uint64_t)st.f_blocks * st.f_frsize;
}

void
copies_area_ask(struct vss_storage_area *a)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_ops *ops = *a->provider ? vss_provider_named(a->provider, &err) : NULL;
	VSS_AUTOFREE const struct vss_shadow **v = vss_alloc(a->ncopies * sizeof *v);
	size_t n = a->ncopies;

	for (size_t i = 0; i < n; i++)
		v[i] = &a->copies[i].set->shadows[copies_index_of(&a->copies[i])];
	a->use = (struct vss_provider_use){ .capacity = UINT64_MAX, .size = n ? 0 : a->use.size };
	if (n == 0 && !a->use.size)
		a->use.size = size_of_place(a->place);
	a->why = (free(a->why), NULL);
	a->known = n == 0 || (ops && ops->use && ops->use(v, n, &a->use, &err) == 0);
	if (!a->known)
		a->why = vss_strdup(err.code ? err.text : "its provider does not say");
}

static void
set_limit(struct vss_storage_area *a, const struct vss_limits *limits)
{
	const struct vss_limit *l = vss_limits_for(limits, a->volume_id, a->place);

	a->limited = l != NULL;
	a->chosen = l && l->on && strcmp(l->place, a->place) == 0;
	a->percent = l ? l->percent : 0;
	a->max_bytes = l ? vss_limit_bytes(l, a->use.size) : VSS_LIMIT_NONE;
	if (a->use.capacity < a->max_bytes)
		a->max_bytes = a->use.capacity;
	a->max_copies = l ? l->max_copies : VSS_LIMIT_NONE;
}

static int
by_volume(const void *a, const void *b)
{
	const struct vss_storage_area *x = a, *y = b;
	int order = strcmp(x->volume, y->volume);

	if (!order)
		order = strcmp(x->volume_id, y->volume_id);
	return order ? order : strcmp(x->place, y->place);
}

void
vss_storage_areas(struct vss_set_list *sets, const struct vss_limits *limits, struct vss_storage_areas *out)
{
	for (size_t i = 0; i < sets->n; i++)
		for (size_t k = 0; k < sets->v[i]->nshadows; k++)
			add_copy(out, sets->v[i], &sets->v[i]->shadows[k]);
	for (size_t i = 0; i < limits->n; i++)
		if (*limits->v[i].place)
			add_limit(out, &limits->v[i]);
	for (size_t i = 0; i < limits->n; i++)
		if (!*limits->v[i].place)
			add_limit(out, &limits->v[i]);
	for (size_t i = 0; i < out->n; i++) {
		copies_area_ask(&out->v[i]);
		set_limit(&out->v[i], limits);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_volume);
}
