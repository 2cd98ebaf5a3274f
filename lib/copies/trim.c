/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/storage_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include <string.h>

/* --- one area --- */

static bool
is_above(const struct vss_storage_area *a)
{
	return a->ncopies > a->max_copies || (a->known && a->use.used > a->max_bytes);
}

/* The oldest that may go, or ncopies. */
static size_t
oldest_to_go(const struct vss_storage_area *a, const struct vss_uuid *spare)
{
	size_t i = 0;

	while (i < a->ncopies) {
		const struct vss_storage_copy *c = &a->copies[i];
		const struct vss_shadow *s = &c->set->shadows[copies_index_of(c)];
		if (!(spare && vss_uuid_eq(&c->set->id, spare)) && !vss_storage_in_use(c->set, s))
			break;
		i++;
	}
	return i;
}

static int
let_go(struct vss_storage_area *a, size_t at, const struct vss_storage_trim *how, struct vss_err *err)
{
	struct vss_storage_copy c = a->copies[at];
	size_t index = copies_index_of(&c);

	if (how->going)
		how->going(how->ctx, a, c.set, &c.set->shadows[index]);
	if (!how->dry_run && vss_copies_delete_shadow(c.set, index, err) < 0)
		return -1;
	memmove(&a->copies[at], &a->copies[at + 1], (a->ncopies - at - 1) * sizeof *a->copies);
	a->ncopies--;
	copies_area_ask(a);
	return 0;
}

static void
tell_above(const struct vss_storage_area *a)
{
	char used[32], most[32];

	vss_format_size(used, a->use.used);
	vss_format_size(most, a->max_bytes);
	if (a->ncopies > a->max_copies)
		vss_warn("%s: %zu shadow copies are left where %llu may be: the others are in use", a->volume,
			a->ncopies, (unsigned long long)a->max_copies);
	else
		vss_warn("%s: its shadow copies take %s where they may take %s: what is left of them is in use",
			a->volume, used, most);
}

int
vss_storage_trim(struct vss_storage_area *a, const struct vss_storage_trim *how, struct vss_err *err)
{
	if (!a->limited)
		return 0;
	while (is_above(a)) {
		size_t at = oldest_to_go(a, how->spare);
		if (at == a->ncopies) {
			tell_above(a);
			return 0;
		}
		if (let_go(a, at, how, err) < 0)
			return -1;
	}
	return 0;
}

/* --- around a creation --- */

static void
tell_going(void *ctx, const struct vss_storage_area *a, const struct vss_set *set, const struct vss_shadow *s)
{
	char id[VSS_UUID_BRACED];

	(void)ctx;
	(void)set;
	vss_uuid_braced(&s->id, id);
	vss_warn("%s: the oldest shadow copy %s goes: the storage is limited (resize-storage)", a->volume, id);
}

static bool
is_of(const struct vss_set *set, const struct vss_storage_area *a)
{
	for (size_t i = 0; i < set->nshadows; i++)
		if (vss_str_caseeq(set->shadows[i].volume_id, a->volume_id))
			return true;
	return false;
}

static bool
is_limited(const struct vss_set *set, const struct vss_limits *limits)
{
	for (size_t i = 0; i < set->nshadows; i++)
		for (size_t k = 0; k < limits->n; k++)
			if (vss_str_caseeq(set->shadows[i].volume_id, limits->v[k].volume_id))
				return true;
	return false;
}

static void
trim_all(const struct vss_set *made, struct vss_storage_areas *areas)
{
	struct vss_storage_trim how = { .spare = &made->id, .going = tell_going };

	for (size_t i = 0; i < areas->n; i++) {
		struct vss_err err = VSS_ERR_INIT;
		if (is_of(made, &areas->v[i]) && vss_storage_trim(&areas->v[i], &how, &err) < 0)
			vss_warn("%s: its storage does not keep to its limit: %s", areas->v[i].volume, err.text);
	}
}

void
vss_storage_after_creation(const struct vss_set *made)
{
	struct vss_limits limits = { 0 };
	struct vss_set_list sets = { 0 };
	struct vss_storage_areas areas = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (vss_limits_read(&limits, &err) < 0 || (is_limited(made, &limits) && vss_copies_list(&sets, &err) < 0))
		vss_warn("the limits of shadow copy storage are not applied: %s", err.text);
	else if (sets.n)
		vss_storage_areas(&sets, &limits, &areas);
	trim_all(made, &areas);
	vss_storage_areas_free(&areas);
	vss_set_list_free(&sets);
	vss_limits_free(&limits);
}

static void
count(const struct vss_set_list *sets, const char *volume_id, size_t *all, size_t *accessible)
{
	for (size_t i = 0; i < sets->n; i++) {
		for (size_t k = 0; k < sets->v[i]->nshadows; k++) {
			const struct vss_shadow *s = &sets->v[i]->shadows[k];
			if (s->missing || !vss_str_caseeq(s->volume_id, volume_id))
				continue;
			++*all;
			*accessible += (s->attributes & VSS_ATTR_CLIENT_ACCESSIBLE) != 0;
		}
	}
}

static int
check_volume(const struct vss_volume *v, const struct vss_set_list *sets, const struct vss_limits *limits,
	uint32_t context, struct vss_err *err)
{
	size_t all = 0, accessible = 0;

	count(sets, v->id, &all, &accessible);
	return vss_limit_check_number(vss_limits_for(limits, v->id, ""), v->mount, all, accessible, context, err);
}

int
vss_storage_before_creation(const struct vss_volume *const *v, size_t n, uint32_t context, struct vss_err *err)
{
	struct vss_limits limits = { 0 };
	struct vss_set_list sets = { 0 };
	int rc = vss_limits_read(&limits, err) < 0 || vss_copies_list(&sets, err) < 0 ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = check_volume(v[i], &sets, &limits, context, err);
	vss_set_list_free(&sets);
	vss_limits_free(&limits);
	return rc;
}
