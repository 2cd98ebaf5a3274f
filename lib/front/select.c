/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/select.h"

#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "front/word.h"
#include "os/volume.h"

#include <stdlib.h>

void
vss_front_found_free(struct vss_front_found *f)
{
	free(f->v);
	*f = (struct vss_front_found){ 0 };
}

/* One copy is listed once, however many words name it. */
static void
add(struct vss_front_found *f, struct vss_set *set, size_t index)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].set == set && f->v[i].index == index)
			return;
	VSS_PUSH(f->v, f->n, f->cap) = (struct vss_front_pick){ set, index };
}

/* A path without doubled and trailing slashes, any other word as it is. */
static char *
clean_word(const char *word)
{
	return word && *word == '/' ? vss_path_clean(word, "/") : vss_strdup(word);
}

static bool
is_volume(const struct vss_shadow *s, const struct vss_volume *v, const char *word)
{
	struct vss_uuid id;
	if (v)
		return vss_str_caseeq(s->volume_id, v->id);
	return vss_str_eq(s->volume, word) || vss_str_caseeq(s->volume_id, word) ||
	       (vss_uuid_is_prefix(word) && vss_uuid_parse(s->volume_id, &id) == 0 && vss_uuid_has_prefix(&id, word));
}

static int
check_id(const char *option, const char *word, struct vss_err *err)
{
	if (!word || vss_uuid_is_prefix(word))
		return 0;
	return vss_fail(
		err, VSS_USAGE, 0, "%s: '%s' is not an ID, nor the first 8 or more digits of one", option, word);
}

/* Two copies by one prefix would be a guess; so would two sets. */
static int
check_unique(const struct vss_front_found *f, const struct vss_front_wish *wish, struct vss_err *err)
{
	for (size_t i = 1; i < f->n; i++) {
		if (wish->shadow)
			return vss_fail(err, VSS_INVALID, 0, "'%s' fits several shadow copies", wish->shadow);
		if (wish->set && f->v[i].set != f->v[0].set)
			return vss_fail(err, VSS_INVALID, 0, "'%s' fits several sets", wish->set);
	}
	return 0;
}

/*
 * The volume that is meant; NULL: one that is gone, or none.  Where /mnt/a is not mounted any more, that word must
 * not mean the volume that the empty directory lies on, least of all to delete-shadow.
 */
static struct vss_volume *
find_volume(const struct vss_set_list *sets, const char *word, struct vss_err *err)
{
	struct vss_volume *v = vss_volume_named(word, err);
	if (!v || vss_str_eq(v->mount, word))
		return v;
	for (size_t i = 0; i < sets->n; i++)
		for (size_t k = 0; k < sets->v[i]->nshadows; k++)
			if (vss_str_eq(sets->v[i]->shadows[k].volume, word)) {
				vss_volume_free(v);
				return NULL;
			}
	return v;
}

int
vss_front_find(const struct vss_set_list *sets, const struct vss_front_wish *wish, struct vss_front_found *out,
	struct vss_err *err)
{
	static const struct {
		const char *shadow, *set;
	} names[] = {
		[VSS_SHAPE_OWN] = { "--shadow", "--set" },
		[VSS_SHAPE_DISKSHADOW] = { "ID", "SET" },
		[VSS_SHAPE_VSSADMIN] = { "/Shadow", "/Set" },
	};
	struct vss_err unknown = VSS_ERR_INIT;
	if (check_id(names[wish->shape].shadow, wish->shadow, err) || check_id(names[wish->shape].set, wish->set, err))
		return -1;
	VSS_AUTOFREE char *word = clean_word(wish->volume);
	struct vss_volume *v = word ? find_volume(sets, word, &unknown) : NULL;
	for (size_t i = 0; i < sets->n; i++) {
		struct vss_set *set = sets->v[i];
		if (wish->set && !vss_uuid_has_prefix(&set->id, wish->set))
			continue;
		for (size_t k = 0; k < set->nshadows; k++) {
			if (wish->shadow && !vss_uuid_has_prefix(&set->shadows[k].id, wish->shadow))
				continue;
			if (!word || is_volume(&set->shadows[k], v, word))
				add(out, set, k);
		}
	}
	if (unknown.code != VSS_OK && !out->n) {
		*err = unknown;
		return -1;
	}
	vss_volume_free(v);
	return check_unique(out, wish, err);
}

int
vss_front_find_word(const struct vss_set_list *sets, const char *word, struct vss_front_found *out, struct vss_err *err)
{
	struct vss_err no_set = VSS_ERR_INIT;
	struct vss_set *set;
	size_t index;
	if (check_id("ID", word, err))
		return -1;
	if (vss_copies_find_set(sets, word, &set, &no_set) == 0) {
		for (size_t i = 0; i < set->nshadows; i++)
			add(out, set, i);
		return 0;
	}
	if (no_set.code != VSS_E_OBJECT_NOT_FOUND) {
		*err = no_set;
		return -1;
	}
	if (vss_copies_find_shadow(sets, word, &set, &index, err))
		return -1;
	add(out, set, index);
	return 0;
}

int
vss_front_find_exposed(const struct vss_set_list *sets, const char *path, const char *share,
	struct vss_front_found *out, struct vss_err *err)
{
	VSS_AUTOFREE char *at = path ? vss_front_absolute(path, err) : NULL;

	if (path && !at)
		return -1;
	for (size_t i = 0; i < sets->n; i++)
		for (size_t k = 0; k < sets->v[i]->nshadows; k++) {
			const struct vss_shadow *s = &sets->v[i]->shadows[k];
			if (at ? vss_str_eq(s->exposed, at) : vss_str_caseeq(s->share, share))
				add(out, sets->v[i], k);
		}
	return out->n ? 0
		      : vss_fail(
				err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: no shadow copy is exposed there", at ? at : share);
}
