/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "model/components.h"
#include "model/logical.h"

#include <string.h>

bool
vss_component_is_ancestor(const struct vss_component *a, const struct vss_component *b)
{
	return vss_logical_is_above(a->logical_path, a->name, b->logical_path);
}

/* The selectable ancestors of one component: is there any, and is one of them wished for? */
struct ancestry {
	const struct vss_component *selectable;
	bool covered;
};

static struct ancestry
ancestry_of(const struct vss_metadata *m, const bool *wanted, size_t i)
{
	struct ancestry a = { NULL, false };

	for (size_t j = 0; j < m->ncomponents && !a.covered; j++) {
		const struct vss_component *c = &m->components[j];
		if (j == i || !c->selectable || !vss_component_is_ancestor(c, &m->components[i]))
			continue;
		a.selectable = c;
		a.covered = wanted[j];
	}
	return a;
}

static int
unreachable(const struct vss_component *c, const struct vss_component *ancestor, struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
	VSS_AUTOFREE char *above = vss_logical_full(ancestor->logical_path, ancestor->name, '/');

	return vss_fail(err, VSS_USAGE, 0, "component %s: cannot be chosen on its own, only with %s", full, above);
}

/*
 * The table of C9.  "An ancestor is included explicitly" may be read as "an ancestor is wished for": of the wished ones
 * above a component the topmost is explicit by the same table.
 */
int
vss_select_for_backup(const struct vss_metadata *m, const bool *wanted, unsigned char *out, struct vss_err *err)
{
	bool any = false;

	memset(out, VSS_SELECT_OUT, m->ncomponents);
	for (size_t i = 0; i < m->ncomponents; i++)
		any = any || wanted[i];
	if (!any)
		return 0; /* a writer of which nothing is wished for stays out, compulsory components and all (C10) */

	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];
		struct ancestry above = ancestry_of(m, wanted, i);

		if (above.covered)
			out[i] = VSS_SELECT_IMPLICIT;
		else if (c->selectable)
			out[i] = wanted[i] ? VSS_SELECT_EXPLICIT : VSS_SELECT_OUT;
		else if (!above.selectable)
			out[i] = VSS_SELECT_EXPLICIT; /* compulsory */
		else if (wanted[i])
			return unreachable(c, above.selectable, err);
	}
	return 0;
}
