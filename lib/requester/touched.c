/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* --- paths and volumes --- */

static bool
is_in_set(const struct vss_plan *p, const char *dir)
{
	struct vss_err ignored;
	struct vss_volume *v = vss_volume_near(dir, &ignored);
	bool in = false;

	for (size_t i = 0; v && !in && i < p->nvolumes; i++)
		in = strcmp(p->volumes[i].volume->id, v->id) == 0;
	vss_volume_free(v);
	return in;
}

/* Does a plain path name something of the set's directory: a directory in it, or a file? */
static bool
is_named_in(const struct vss_choice *c, const struct vss_fileset *f, const char *dir)
{
	struct vss_fileset real = *f;

	real.path = vss_strdup(dir);
	bool found = false;
	for (size_t i = 0; i < c->npaths && !found; i++) {
		VSS_AUTOFREE char *above = vss_path_dir(c->paths[i].path);
		found = (f->recursive && vss_path_is_below(c->paths[i].path, dir)) ||
			vss_fileset_matches(&real, above, vss_path_base(c->paths[i].path));
	}
	free(real.path);
	return found;
}

static bool
set_touched(const struct vss_parts *ps, const struct vss_fileset *f)
{
	VSS_AUTOFREE char *dir = vss_choice_real_path(f->path);

	if (ps->wishes->fixed_volumes)
		return is_in_set(ps->plan, dir);
	return vss_plan_reaches(ps->plan, dir) || is_named_in(&ps->plan->choice, f, dir);
}

static bool
is_touched(const struct vss_parts *ps, const struct vss_component *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (set_touched(ps, &c->files[i]))
			return true;
	return false;
}

/* Is `j` the component itself, or one that comes with it? */
static bool
is_of_set(const struct vss_metadata *m, size_t i, size_t j)
{
	return i == j ||
	       (m->components[i].selectable && vss_component_is_ancestor(&m->components[i], &m->components[j]));
}

const char *
vss_part_outside(const struct vss_parts *ps, const struct vss_part *part, size_t component)
{
	const struct vss_metadata *m = part->writer->metadata;

	for (size_t j = 0; ps->wishes->fixed_volumes && j < m->ncomponents; j++) {
		const struct vss_component *c = &m->components[j];
		for (size_t k = 0; is_of_set(m, component, j) && k < c->nfiles; k++)
			if (!set_touched(ps, &c->files[k]))
				return c->files[k].path;
	}
	return NULL;
}

/* --- wishes --- */

/* A component of which nothing is for this type of backup is no part of it. */
static bool
is_in_backup(const struct vss_parts *ps, const struct vss_part *part, const struct vss_component *c)
{
	bool in = !c->nfiles;

	for (size_t i = 0; i < c->nfiles && !in; i++)
		in = vss_choice_is_in_backup(&ps->plan->choice, part->writer, &c->files[i]);
	return in;
}

static bool
set_is_in_backup(const struct vss_parts *ps, const struct vss_part *part, size_t i)
{
	const struct vss_metadata *m = part->writer->metadata;

	for (size_t j = 0; j < m->ncomponents; j++)
		if (is_of_set(m, i, j) && is_in_backup(ps, part, &m->components[j]))
			return true;
	return false;
}

/* The nearest component that can be wished for when `i` is wanted: itself, or the selectable one above it. */
static size_t
wishable(const struct vss_metadata *m, size_t i)
{
	size_t best = i;

	for (size_t j = 0; !m->components[i].selectable && j < m->ncomponents; j++) {
		const struct vss_component *c = &m->components[j];
		if (c->selectable && vss_component_is_ancestor(c, &m->components[i]) &&
			(best == i || vss_component_is_ancestor(&m->components[best], c)))
			best = j;
	}
	return best; /* itself, too, when it is compulsory */
}

static void
draw_in(const struct vss_parts *ps, struct vss_part *part)
{
	const struct vss_metadata *m = part->writer->metadata;

	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];
		if (!is_in_backup(ps, part, c) || !(part->whole || is_touched(ps, c)))
			continue;
		size_t top = wishable(m, i);
		part->wanted[top] |= !part->barred[top];
	}
}

/* create-shadow: a component that needs a volume outside the set cannot take part (diskshadow's rule). */
static void
leave_out_torn(const struct vss_parts *ps, struct vss_part *part)
{
	const struct vss_metadata *m = part->writer->metadata;

	for (size_t i = 0; i < m->ncomponents; i++) {
		const char *dir = part->wanted[i] ? vss_part_outside(ps, part, i) : NULL;
		if (!dir)
			continue;
		VSS_AUTOFREE char *full = vss_component_path(&m->components[i]);
		vss_log(ps->wishes->lists_left ? VSS_LOG_INFO : VSS_LOG_WARN,
			"component %s of writer \"%s\" is left out: it needs the volume of %s, which is not in the set",
			full, m->name, dir);
		part->wanted[i] = false;
	}
}

static int
want_asked(const struct vss_parts *ps, struct vss_part *part, size_t i, struct vss_err *err)
{
	const struct vss_metadata *m = part->writer->metadata;
	VSS_AUTOFREE char *full = vss_component_path(&m->components[i]);
	const char *dir = vss_part_outside(ps, part, i);

	if (dir)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": component %s needs the volume of %s, which is not in the set: name it, too",
			m->name, full, dir);
	if (!set_is_in_backup(ps, part, i))
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0,
			"writer \"%s\": component %s has no files for a backup of type %s", m->name, full,
			vss_backup_type_word(ps->plan->choice.type));
	part->wanted[i] = true;
	return 0;
}

/* A writer that was named must not be missing without a word. */
static int
refuse_nothing(const struct vss_parts *ps, const struct vss_part *part, struct vss_err *err)
{
	const char *name = part->writer->metadata->name;

	for (size_t i = 0; i < vss_part_components(part); i++)
		if (part->wanted[i])
			return 0;
	if (ps->plan->choice.type == VSS_BT_LOG)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": has no log files to back up", name);
	if (ps->wishes->fixed_volumes)
		return vss_fail(err, VSS_GRADE, 0,
			"writer \"%s\": none of its components lies on these volumes as a whole: name the others too",
			name);
	return 0;
}

int
vss_part_wish(const struct vss_parts *ps, struct vss_part *part, struct vss_err *err)
{
	draw_in(ps, part);
	leave_out_torn(ps, part);
	for (size_t i = 0; i < vss_part_components(part); i++)
		if (part->asked[i] && want_asked(ps, part, i, err) < 0)
			return -1;
	return part->named ? refuse_nothing(ps, part, err) : 0;
}
