/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "model/components.h"
#include "model/depend.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

/* --- who needs what --- */

static const struct vss_part *
part_with(const struct vss_parts *ps, const struct vss_metadata *m)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].writer->metadata == m)
			return &ps->v[i];
	return NULL;
}

static const struct vss_part *
part_of_class(const struct vss_parts *ps, const struct vss_uuid *id)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].writer->metadata && vss_uuid_eq(&ps->v[i].writer->metadata->writer_id, id))
			return &ps->v[i];
	return NULL;
}

/* On the component, or on one that comes with it? */
static bool
depends_on(const struct vss_component *c, const struct vss_metadata *m, const struct vss_component *target)
{
	for (size_t i = 0; i < c->ndeps; i++) {
		const struct vss_dependency *d = &c->deps[i];
		if (!vss_uuid_eq(&d->writer, &m->writer_id))
			continue;
		const struct vss_component *on = vss_metadata_find(m, d->logical_path, d->name);
		if (on && (on == target || vss_component_is_ancestor(target, on)))
			return true;
	}
	return false;
}

static bool
is_chosen(const struct vss_part *p, size_t i)
{
	return p->wanted[i] || p->how[i] != VSS_SELECT_OUT;
}

/* One that is chosen and depends on component `i` of `target`: *of is its writer.  NULL: nobody does. */
static const struct vss_component *
dependent_on(const struct vss_parts *ps, const struct vss_part *target, size_t i, const struct vss_part **of)
{
	const struct vss_metadata *m = target->writer->metadata;

	for (size_t k = 0; k < ps->n; k++)
		for (size_t j = 0; j < vss_part_components(&ps->v[k]); j++) {
			const struct vss_component *c = &ps->v[k].writer->metadata->components[j];
			if (is_chosen(&ps->v[k], j) && depends_on(c, m, &m->components[i])) {
				*of = &ps->v[k];
				return c;
			}
		}
	return NULL;
}

/* --- what cannot be forced --- */

/*
 * C43: together or not at all, and the way out is to leave the dependent out.  What the user left out himself contradicts his
 * other words; what is not there is the machine's fault, and no backup of half is made of it, whoever may be skipped.
 */
static int
refuse_missing(const struct vss_parts *ps, const struct vss_part *of, const struct vss_component *c,
	const struct vss_dependency *d, struct vss_err *err)
{
	const struct vss_part *target = part_of_class(ps, &d->writer);
	VSS_AUTOFREE char *full = vss_component_path(c);
	VSS_AUTOFREE char *needs = vss_logical_full(d->logical_path, d->name, '/');
	VSS_AUTOFREE char *who = NULL;
	char id[VSS_UUID_BRACED];
	const char *why = "which is not there";

	vss_uuid_braced(&d->writer, id);
	who = target ? vss_strf("writer \"%s\"", target->writer->metadata->name) : vss_strf("writer %s", id);
	if (target && target->out)
		why = "which is left out";
	else if (target)
		why = "which has no such component";
	return vss_fail(err, target && target->out ? VSS_USAGE : VSS_GRADE, 0,
		"writer \"%s\": component %s depends on %s of %s, %s: leave out both (%s %s:%s)",
		of->writer->metadata->name, full, needs, who, why, vss_plan_leave_out(ps->plan),
		of->writer->registration, full);
}

static int
missing(void *ctx, const struct vss_metadata *m, const struct vss_component *c, const struct vss_dependency *d,
	bool remote, struct vss_err *err)
{
	const struct vss_parts *ps = ctx;

	if (!remote)
		return refuse_missing(ps, part_with(ps, m), c, d, err);
	VSS_AUTOFREE char *full = vss_component_path(c);
	vss_warn("component %s of writer \"%s\" depends on %s%s%s, on another machine: back that up there, too", full,
		m->name, d->logical_path ? d->logical_path : "", d->logical_path && *d->logical_path ? "\\" : "",
		d->name);
	return 0;
}

/* It takes part as if it had been named, and must find its volumes. */
static int
force(const struct vss_parts *ps, struct vss_part *p, size_t i, struct vss_err *err)
{
	const struct vss_metadata *m = p->writer->metadata;
	const char *dir = vss_part_outside(ps, p, i);
	const struct vss_part *of = NULL;

	p->named = true;
	if (!dir)
		return 0;
	const struct vss_component *c = dependent_on(ps, p, i, &of);
	VSS_AUTOFREE char *full = vss_component_path(&m->components[i]);
	VSS_AUTOFREE char *needs = c ? vss_component_path(c) : NULL;
	return vss_fail(err, VSS_GRADE, 0,
		"writer \"%s\": component %s depends on %s of writer \"%s\", which needs the volume of %s: name that, "
		"too",
		of ? of->writer->metadata->name : m->name, needs ? needs : full, full, m->name, dir);
}

static int
follow(struct vss_parts *ps, struct vss_err *err)
{
	struct vss_depend_writer *v = vss_alloc(ps->n * sizeof *v);
	bool **before = vss_alloc(ps->n * sizeof *before);
	int rc;

	for (size_t i = 0; i < ps->n; i++) {
		struct vss_part *p = &ps->v[i];
		size_t n = vss_part_components(p);
		v[i] = (struct vss_depend_writer){ .m = p->out || !n ? NULL : p->writer->metadata,
			.wanted = p->wanted };
		before[i] = vss_alloc(n * sizeof **before);
		for (size_t j = 0; j < n; j++)
			before[i][j] = p->wanted[j];
	}
	rc = vss_depend_follow(v, ps->n, missing, ps, err);
	for (size_t i = 0; i < ps->n; i++) {
		for (size_t j = 0; rc == 0 && v[i].m && j < v[i].m->ncomponents; j++)
			if (ps->v[i].wanted[j] && !before[i][j])
				rc = force(ps, &ps->v[i], j, err);
		free(before[i]);
	}
	free(before);
	free(v);
	return rc;
}

/* --- what comes along --- */

/* Left out by the user, and in it all the same: he is told what to leave out instead. */
static int
refuse_barred(const struct vss_parts *ps, const struct vss_part *p, size_t i, struct vss_err *err)
{
	const struct vss_metadata *m = p->writer->metadata;
	const struct vss_component *c = &m->components[i];
	const char *name = m->name, *reg = p->writer->registration, *out = vss_plan_leave_out(ps->plan);
	VSS_AUTOFREE char *full = vss_component_path(c);
	const struct vss_part *of = NULL;

	for (size_t j = 0; p->how[i] == VSS_SELECT_IMPLICIT && j < m->ncomponents; j++) {
		if (p->how[j] != VSS_SELECT_EXPLICIT || !vss_component_is_ancestor(&m->components[j], c))
			continue;
		VSS_AUTOFREE char *top = vss_component_path(&m->components[j]);
		return vss_fail(err, VSS_USAGE, 0,
			"writer \"%s\": component %s comes with %s: leave out that (%s %s:%s)", name, full, top, out,
			reg, top);
	}
	const struct vss_component *by = dependent_on(ps, p, i, &of);
	if (!by)
		return vss_fail(err, VSS_USAGE, 0,
			"writer \"%s\": component %s has part in all that is done with its writer: leave out the "
			"writer "
			"(%s %s)",
			name, full, out, reg);
	VSS_AUTOFREE char *needs = vss_component_path(by);
	return vss_fail(err, VSS_USAGE, 0,
		"writer \"%s\": component %s is needed by %s of writer \"%s\": leave out that, too (%s %s:%s)", name,
		full, needs, of->writer->metadata->name, out, of->writer->registration, needs);
}

static int
select_all(struct vss_parts *ps, struct vss_err *err)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct vss_part *p = &ps->v[i];
		if (vss_part_components(p) && vss_select_for_backup(p->writer->metadata, p->wanted, p->how, err) < 0)
			return vss_wrap(err, "writer \"%s\"", p->writer->metadata->name);
	}
	return 0;
}

/* create-shadow: what has part in everything must be in the set, too. */
static int
check_compulsory(const struct vss_parts *ps, const struct vss_part *p, size_t i, struct vss_err *err)
{
	const struct vss_metadata *m = p->writer->metadata;
	const char *dir = p->how[i] == VSS_SELECT_EXPLICIT ? vss_part_outside(ps, p, i) : NULL;

	if (!dir)
		return 0;
	VSS_AUTOFREE char *full = vss_component_path(&m->components[i]);
	return vss_fail(err, VSS_GRADE, 0,
		"writer \"%s\": component %s has part in all that is done with its writer, and needs the volume of %s: "
		"name that, too, or leave out the writer (%s %s)",
		m->name, full, dir, vss_plan_leave_out(ps->plan), p->writer->registration);
}

int
vss_parts_force(struct vss_parts *ps, struct vss_err *err)
{
	if (follow(ps, err) < 0 || select_all(ps, err) < 0)
		return -1;
	for (size_t i = 0; i < ps->n; i++)
		for (size_t j = 0; j < vss_part_components(&ps->v[i]); j++) {
			const struct vss_part *p = &ps->v[i];
			if (p->barred[j] && p->how[j] != VSS_SELECT_OUT)
				return refuse_barred(ps, p, j, err);
			if (check_compulsory(ps, p, j, err) < 0)
				return -1;
		}
	return 0;
}
