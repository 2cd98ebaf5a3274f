/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/restore_select.h"

#include "base/mem.h"
#include "model/logical.h"

/* What was backed up, and what is wished for. */
struct selection {
	const struct vss_metadata *m;
	const struct vss_bcd_writer *stored;
	const bool *wanted; /* or NULL */
};
typedef bool test_fn(const struct selection *s, size_t at);

/* The lowest component above `i` that passes the test, or SIZE_MAX. */
static size_t
closest_above(const struct selection *s, size_t i, test_fn *passes)
{
	const struct vss_component *all = s->m->components;
	size_t found = SIZE_MAX;

	for (size_t j = 0; j < s->m->ncomponents; j++) {
		if (!vss_component_is_ancestor(&all[j], &all[i]) || !passes(s, j))
			continue;
		if (found == SIZE_MAX || vss_component_is_ancestor(&all[found], &all[j]))
			found = j;
	}
	return found;
}

static bool
is_explicit(const struct selection *s, size_t at)
{
	const struct vss_component *c = &s->m->components[at];
	return vss_bcd_find_component(s->stored, c->logical_path, c->name) != NULL;
}

/* Only a component that is selectable for backup brought others with it: below an explicit one that is not, each stands
 * for itself (C8). */
static bool
is_explicit_set(const struct selection *s, size_t at)
{
	return s->m->components[at].selectable && is_explicit(s, at);
}

static size_t
owner_of(const struct selection *s, size_t i)
{
	return is_explicit(s, i) ? i : closest_above(s, i, is_explicit_set);
}

/* Implicit at backup, but selectable for restore: it defines a set for restore (C17). */
static bool
is_restore_set(const struct selection *s, size_t at)
{
	if (!s->m->components[at].selectable_for_restore)
		return false;
	size_t owner = owner_of(s, at);
	return owner != at && owner != SIZE_MAX;
}

static bool
is_wanted_restore_set(const struct selection *s, size_t at)
{
	return s->wanted[at] && is_restore_set(s, at);
}

/* The closest component that can be wished for and brings `i`: by the rows of C15 itself, one above it, the explicit one. */
static size_t
bringer_of(const struct selection *s, size_t i)
{
	size_t owner = owner_of(s, i);
	if (owner == i || owner == SIZE_MAX || s->m->components[i].selectable_for_restore)
		return owner == SIZE_MAX ? SIZE_MAX : i;
	size_t above = closest_above(s, i, is_restore_set);
	return above == SIZE_MAX ? owner : above;
}

size_t
vss_restorable_with(const struct vss_metadata *m, const struct vss_bcd_writer *stored, size_t i)
{
	return bringer_of(&(struct selection){ m, stored, NULL }, i);
}

static int
refuse(const struct selection *s, size_t i, struct vss_err *err)
{
	const struct vss_component *c = &s->m->components[i];
	VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
	size_t with = bringer_of(s, i);

	if (with == SIZE_MAX)
		return vss_fail(err, VSS_USAGE, 0, "component %s: was not backed up", full);
	const struct vss_component *a = &s->m->components[with];
	VSS_AUTOFREE char *above = vss_logical_full(a->logical_path, a->name, '/');
	return vss_fail(err, VSS_USAGE, 0, "component %s: cannot be restored on its own, only with %s", full, above);
}

/* The row of C15 that holds for component `i`; -1 for a wish that none of them grants. */
static int
how_of(const struct selection *s, size_t i, size_t owner)
{
	if (owner == SIZE_MAX)
		return s->wanted[i] ? -1 : VSS_SELECT_OUT;
	if (owner == i)
		return s->wanted[i] ? VSS_SELECT_EXPLICIT : VSS_SELECT_OUT;
	if (s->wanted[owner] || closest_above(s, i, is_wanted_restore_set) != SIZE_MAX)
		return VSS_SELECT_IMPLICIT;
	if (!s->wanted[i])
		return VSS_SELECT_OUT;
	return s->m->components[i].selectable_for_restore ? VSS_SELECT_SUBCOMPONENT : -1;
}

int
vss_select_for_restore(const struct vss_metadata *m, const struct vss_bcd_writer *stored, const bool *wanted,
	unsigned char *how, size_t *owner, struct vss_err *err)
{
	const struct selection s = { m, stored, wanted };

	for (size_t i = 0; i < m->ncomponents; i++) {
		size_t of = owner_of(&s, i);
		int h = how_of(&s, i, of);
		if (h < 0)
			return refuse(&s, i, err);
		how[i] = (unsigned char)h;
		owner[i] = h == VSS_SELECT_OUT ? SIZE_MAX : of;
	}
	return 0;
}
