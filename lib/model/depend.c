/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/depend.h"

#include "base/mem.h"
#include "base/str.h"
#include "model/restore_select.h"

struct follow {
	struct vss_depend_writer *v;
	size_t n;
	bool changed; /* something was forced since it was last cleared */
	int (*missing)(void *ctx, const struct vss_metadata *m, const struct vss_component *c,
		const struct vss_dependency *d, bool remote, struct vss_err *err);
	void *ctx;
};
typedef int dependency_fn(struct follow *f, const struct vss_depend_writer *w, const struct vss_component *c,
	const struct vss_dependency *d, struct vss_err *err);

/* "\\computer\" in front of the logical path or, as some writers have it, of the name (Q11). */
static bool
is_remote(const struct vss_dependency *d)
{
	return (d->logical_path && vss_str_starts(d->logical_path, "\\\\")) ||
	       (d->name && vss_str_starts(d->name, "\\\\"));
}

/* The writer that has the target, and the target's place in it. */
static struct vss_depend_writer *
find(const struct follow *f, const struct vss_dependency *d, size_t *at)
{
	for (size_t i = 0; i < f->n && !is_remote(d); i++) {
		struct vss_depend_writer *w = &f->v[i];
		if (!w->m || !vss_uuid_eq(&w->m->writer_id, &d->writer))
			continue;
		const struct vss_component *c = vss_metadata_find(w->m, d->logical_path, d->name);
		*at = c ? (size_t)(c - w->m->components) : SIZE_MAX;
		if (c && w->stored)
			*at = vss_restorable_with(w->m, w->stored, *at);
		if (*at != SIZE_MAX)
			return w;
	}
	return NULL;
}

/* A nonselectable target comes with the lowest selectable one above it, if there is any (C9). */
static size_t
chooser_of(const struct vss_metadata *m, size_t target)
{
	size_t found = target;

	for (size_t j = 0; j < m->ncomponents && !m->components[target].selectable; j++) {
		const struct vss_component *c = &m->components[j];
		if (!c->selectable || !vss_component_is_ancestor(c, &m->components[target]))
			continue;
		if (found == target || vss_component_is_ancestor(&m->components[found], c))
			found = j;
	}
	return found;
}

/* Does it come already, with or without a wish of its own? */
static bool
is_in(const struct vss_depend_writer *w, size_t target, size_t chooser)
{
	if (w->wanted[target] || w->wanted[chooser])
		return true;
	for (size_t j = 0; j < w->m->ncomponents; j++)
		if (w->wanted[j] && w->m->components[j].selectable &&
			vss_component_is_ancestor(&w->m->components[j], &w->m->components[target]))
			return true;
	return false;
}

static int
force(struct follow *f, const struct vss_depend_writer *w, const struct vss_component *c,
	const struct vss_dependency *d, struct vss_err *err)
{
	size_t target;
	struct vss_depend_writer *owner = find(f, d, &target);
	(void)w;
	(void)c;
	(void)err;

	if (!owner)
		return 0;
	size_t chooser = owner->stored ? target : chooser_of(owner->m, target);
	if (!is_in(owner, target, chooser))
		f->changed = owner->wanted[chooser] = true;
	return 0;
}

static int
report(struct follow *f, const struct vss_depend_writer *w, const struct vss_component *c,
	const struct vss_dependency *d, struct vss_err *err)
{
	size_t target;
	return find(f, d, &target) ? 0 : f->missing(f->ctx, w->m, c, d, is_remote(d), err);
}

static int
select_all(const struct vss_depend_writer *w, unsigned char *how, struct vss_err *err)
{
	if (!w->stored)
		return vss_select_for_backup(w->m, w->wanted, how, err);
	VSS_AUTOFREE size_t *owner = vss_alloc(w->m->ncomponents * sizeof *owner);
	return vss_select_for_restore(w->m, w->stored, w->wanted, how, owner, err);
}

/* Each dependency of what takes part of one writer. */
static int
each_of_writer(struct follow *f, const struct vss_depend_writer *w, dependency_fn *each, struct vss_err *err)
{
	VSS_AUTOFREE unsigned char *how = vss_alloc(w->m->ncomponents);

	if (select_all(w, how, err) < 0)
		return -1;
	for (size_t i = 0; i < w->m->ncomponents; i++) {
		const struct vss_component *c = &w->m->components[i];
		for (size_t k = 0; how[i] != VSS_SELECT_OUT && k < c->ndeps; k++)
			if (each(f, w, c, &c->deps[k], err) < 0)
				return -1;
	}
	return 0;
}

static bool
has_dependencies(const struct vss_metadata *m)
{
	for (size_t i = 0; i < m->ncomponents; i++)
		if (m->components[i].ndeps)
			return true;
	return false;
}

static int
each_dependency(struct follow *f, dependency_fn *each, struct vss_err *err)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].m && has_dependencies(f->v[i].m) && each_of_writer(f, &f->v[i], each, err) < 0)
			return -1;
	return 0;
}

int
vss_depend_follow(struct vss_depend_writer *v, size_t n,
	int (*missing)(void *ctx, const struct vss_metadata *m, const struct vss_component *c,
		const struct vss_dependency *d, bool remote, struct vss_err *err),
	void *ctx, struct vss_err *err)
{
	struct follow f = { v, n, false, missing, ctx };

	do { /* ends: each round forces one component more */
		f.changed = false;
		if (each_dependency(&f, force, err) < 0)
			return -1;
	} while (f.changed);
	return missing ? each_dependency(&f, report, err) : 0;
}
