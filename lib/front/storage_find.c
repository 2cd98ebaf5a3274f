/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/storage_find.h"

#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "os/volume.h"

#include <stdlib.h>
#include <string.h>

int
vss_front_known_read(struct vss_front_known *k, struct vss_err *err)
{
	return vss_limits_read(&k->limits, err) < 0 || vss_copies_list(&k->sets, err) < 0 ? -1 : 0;
}

void
vss_front_known_free(struct vss_front_known *k)
{
	vss_storage_areas_free(&k->areas);
	vss_limits_free(&k->limits);
	vss_set_list_free(&k->sets);
}

void
vss_front_whose_free(struct vss_front_whose *w)
{
	free(w->volume_id);
	free(w->volume);
	free(w->place);
}

static const struct vss_storage_area *
area_called(const struct vss_storage_areas *areas, const char *word)
{
	for (size_t i = 0; i < areas->n; i++)
		if (strcmp(areas->v[i].volume, word) == 0 || vss_str_caseeq(areas->v[i].volume_id, word))
			return &areas->v[i];
	return NULL;
}

const struct vss_storage_area *
vss_front_area_gone(const struct vss_storage_areas *areas, const char *word, const struct vss_volume *v)
{
	VSS_AUTOFREE char *clean = *word == '/' ? vss_path_clean(word, "/") : vss_strdup(word);
	const struct vss_storage_area *a = area_called(areas, clean);

	return a && !(v && (vss_str_eq(v->mount, clean) || vss_str_caseeq(v->id, a->volume_id))) ? a : NULL;
}

/* A volume that is mounted, or one that is gone and has copies, or a limit, still. */
static int
find_volume(const char *word, const struct vss_storage_areas *areas, struct vss_front_whose *out, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_named(word, &why);
	const struct vss_storage_area *a = vss_front_area_gone(areas, word, v);

	if (!v && !a) {
		*err = why;
		return -1;
	}
	out->volume_id = vss_strdup(a ? a->volume_id : v->id);
	out->volume = vss_strdup(a ? a->volume : v->mount);
	vss_volume_free(v);
	return 0;
}

static bool
has_place(const struct vss_storage_areas *areas, const char *place)
{
	for (size_t i = 0; place && i < areas->n; i++)
		if (strcmp(areas->v[i].place, place) == 0)
			return true;
	return false;
}

char *
vss_front_place_of(const struct vss_volume *v)
{
	struct vss_err untold = VSS_ERR_INIT;
	const struct vss_provider_ops *ops = vss_provider_for(v, NULL, &untold);

	return ops && ops->place_of ? ops->place_of(v, &untold) : NULL;
}

/*
 * The storage itself, by its name in documents; a directory; where the provider of a volume has its copies.  A directory
 * within such a volume is meant itself, unless there are copies of the other kind only.
 */
static int
find_place(const char *word, const struct vss_storage_areas *areas, struct vss_front_whose *out, struct vss_err *err)
{
	VSS_AUTOFREE char *real = realpath(word, NULL);

	if (has_place(areas, word) || has_place(areas, real)) {
		out->place = has_place(areas, word) ? vss_strdup(word) : vss_take(&real);
		return 0;
	}
	struct vss_volume *v = vss_volume_named(word, err);
	if (!v)
		return -1;
	VSS_AUTOFREE char *fixed = vss_front_place_of(v);
	if (fixed && (!real || vss_str_eq(real, v->mount) || has_place(areas, fixed)))
		out->place = vss_take(&fixed);
	else
		out->place = real ? vss_take(&real) : vss_strdup(v->mount);
	vss_volume_free(v);
	return 0;
}

int
vss_front_whose(const struct vss_front_storage *which, const struct vss_storage_areas *areas,
	struct vss_front_whose *out, struct vss_err *err)
{
	if (which->volume && find_volume(which->volume, areas, out, err) < 0)
		return -1;
	return which->on ? find_place(which->on, areas, out, err) : 0;
}

bool
vss_front_is_whose(const struct vss_front_whose *w, const struct vss_storage_area *a)
{
	return (!w->volume_id || vss_str_caseeq(w->volume_id, a->volume_id)) &&
	       (!w->place || strcmp(w->place, a->place) == 0);
}
