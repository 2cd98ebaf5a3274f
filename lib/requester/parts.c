/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/parts.h"

#include "base/mem.h"
#include "model/components.h"
#include "model/logical.h"
#include "model/named.h"

#include <stdlib.h>

enum { LISTED_MOST = 8, LISTED_BYTES = 48 }; /* components in a message, and how much of each */

size_t
vss_part_components(const struct vss_part *p)
{
	return p->writer->metadata ? p->writer->metadata->ncomponents : 0;
}

void
vss_parts_init(struct vss_parts *ps, struct vss_plan *p, const struct vss_plan_wishes *w, struct vss_writers *ws)
{
	*ps = (struct vss_parts){ .plan = p, .wishes = w, .n = ws ? vss_writers_count(ws) : 0 };
	ps->v = vss_alloc(ps->n * sizeof *ps->v);
	for (size_t i = 0; i < ps->n; i++) {
		struct vss_part *part = &ps->v[i];
		part->writer = vss_writers_at(ws, i);
		size_t n = vss_part_components(part);
		if (!n)
			continue;
		part->asked = vss_alloc(n * sizeof *part->asked);
		part->excluded = vss_alloc(n * sizeof *part->excluded);
		part->barred = vss_alloc(n * sizeof *part->barred);
		part->wanted = vss_alloc(n * sizeof *part->wanted);
		part->how = vss_alloc(n);
	}
}

void
vss_parts_clear(struct vss_parts *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->v[i].asked);
		free(ps->v[i].excluded);
		free(ps->v[i].barred);
		free(ps->v[i].wanted);
		free(ps->v[i].how);
	}
	free(ps->v);
}

bool
vss_writer_is_meant(const struct vss_writer *w, const char *word)
{
	struct vss_uuid id;

	if (vss_str_caseeq(word, w->registration))
		return true;
	if (!w->metadata)
		return false;
	return vss_str_caseeq(word, w->metadata->name) ||
	       (vss_uuid_parse(word, &id) == 0 &&
		       (vss_uuid_eq(&id, &w->metadata->writer_id) || vss_uuid_eq(&id, &w->metadata->instance_id)));
}

char *
vss_component_path(const struct vss_component *c)
{
	return vss_logical_full(c->logical_path, c->name, '/');
}

/* --- what is not there --- */

static int
no_such_writer(struct vss_writers *ws, const char *name, struct vss_err *err)
{
	for (size_t i = 0; ws && i < vss_writers_all(ws); i++) {
		const struct vss_writer *w = vss_writers_at(ws, i);
		if (w->absent && vss_writer_is_meant(w, name))
			return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": not on this machine: %s", name,
				w->absent);
	}
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
		"writer \"%s\": there is none of that name, see list-writers --all", name);
}

static int
no_such_component(const struct vss_part *p, const char *component, struct vss_err *err)
{
	const struct vss_metadata *m = p->writer->metadata;
	VSS_AUTOBUF struct vss_buf has = VSS_BUF_INIT;
	size_t shown = m->ncomponents > LISTED_MOST + 1 ? LISTED_MOST : m->ncomponents;

	for (size_t i = 0; i < shown; i++) {
		VSS_AUTOFREE char *full = vss_component_path(&m->components[i]);
		VSS_AUTOFREE char *brief = vss_shorten(full, LISTED_BYTES);
		vss_buf_str(&has, i ? ", " : "");
		vss_buf_str(&has, brief);
	}
	if (!shown)
		vss_buf_str(&has, "none");
	if (shown < m->ncomponents) {
		VSS_AUTOFREE char *rest = vss_strf(" and %zu more", m->ncomponents - shown);
		vss_buf_str(&has, rest);
	}
	return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": no component %s; it has %s", m->name, component,
		has.data);
}

/* --- words --- */

/* What the word names of one writer that it means; false: the writer has no such component. */
static bool
mark(struct vss_part *p, const struct vss_named *n, bool exclude)
{
	if (!n->component) {
		*(exclude ? &p->out : &p->whole) = true;
	} else if (!p->writer->metadata) { /* it failed, which is told in its place */
		p->named |= !exclude;
		return true;
	} else if (!vss_named_mark(p->writer->metadata, n->component, exclude ? p->excluded : p->asked)) {
		return false;
	}
	p->named |= !exclude;
	return true;
}

/* Several instances of a writer have one name, and one of them the component. */
static int
apply(struct vss_parts *ps, struct vss_writers *ws, const struct vss_named *n, bool exclude, struct vss_err *err)
{
	struct vss_part *meant = NULL;
	bool marked = false;

	for (size_t i = 0; i < ps->n; i++)
		if (vss_writer_is_meant(ps->v[i].writer, n->writer)) {
			meant = &ps->v[i];
			marked |= mark(meant, n, exclude);
		}
	if (marked || (exclude && (!meant || ps->wishes->lenient))) /* what is not there stays out */
		return 0;
	return meant ? no_such_component(meant, n->component, err) : no_such_writer(ws, n->writer, err);
}

static int
apply_all(struct vss_parts *ps, struct vss_writers *ws, bool exclude, struct vss_err *err)
{
	const struct vss_strv *words = exclude ? ps->wishes->exclude_writers : ps->wishes->writers;
	int rc = 0;

	for (size_t i = 0; words && i < words->n && rc == 0; i++) {
		struct vss_named n;
		vss_named_parse(&n, words->v[i]);
		rc = apply(ps, ws, &n, exclude, err);
		vss_named_clear(&n);
	}
	return rc;
}

/* To leave out the top of a set is to leave out the set. */
static void
bar_sets(struct vss_part *p)
{
	const struct vss_metadata *m = p->writer->metadata;

	for (size_t i = 0; i < vss_part_components(p); i++)
		for (size_t j = 0; p->excluded[i] && j < m->ncomponents; j++)
			p->barred[j] |= i == j || vss_component_is_ancestor(&m->components[i], &m->components[j]);
}

static int
refuse_both(const struct vss_part *p, struct vss_err *err)
{
	const struct vss_metadata *m = p->writer->metadata;

	if (p->out && p->named)
		return vss_fail(err, VSS_USAGE, 0, "writer \"%s\": is both wanted and excluded",
			m ? m->name : p->writer->registration);
	for (size_t i = 0; i < vss_part_components(p); i++) {
		if (!p->asked[i] || !p->barred[i])
			continue;
		VSS_AUTOFREE char *full = vss_component_path(&m->components[i]);
		return vss_fail(
			err, VSS_USAGE, 0, "writer \"%s\": component %s is both wanted and excluded", m->name, full);
	}
	return 0;
}

int
vss_parts_name(struct vss_parts *ps, struct vss_writers *ws, struct vss_err *err)
{
	if (apply_all(ps, ws, false, err) < 0 || apply_all(ps, ws, true, err) < 0)
		return -1;
	for (size_t i = 0; i < ps->n; i++) {
		bar_sets(&ps->v[i]);
		if (refuse_both(&ps->v[i], err) < 0)
			return -1;
	}
	return 0;
}
