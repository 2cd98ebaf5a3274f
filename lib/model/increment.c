/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/increment.h"

#include "base/mem.h"
#include "model/logical.h"
#include "model/ranges.h"

#include <string.h>

static struct vss_fileset
fileset_of(const struct vss_bcd_differenced *d)
{
	return (struct vss_fileset){ .path = d->path, .spec = d->spec, .recursive = d->recursive };
}

static const struct vss_bcd_differenced *
differenced_of(const struct vss_bcd_component *c, const char *dir, const char *name)
{
	for (size_t i = 0; i < c->ndifferenced; i++) {
		const struct vss_fileset f = fileset_of(&c->differenced[i]);
		if (vss_fileset_matches(&f, dir, name))
			return &c->differenced[i];
	}
	return NULL;
}

static bool
is_partial(const struct vss_bcd_partial *p, const char *dir, const char *name)
{
	char any[] = "*";
	const struct vss_fileset place = { .path = p->path, .spec = any };

	return strcmp(p->name, name) == 0 && vss_fileset_matches(&place, dir, name);
}

static const struct vss_bcd_partial *
partial_of(const struct vss_bcd_component *c, const char *dir, const char *name)
{
	for (size_t i = 0; i < c->npartials; i++)
		if (is_partial(&c->partials[i], dir, name))
			return &c->partials[i];
	return NULL;
}

/* A type that builds on another backup: there the document may leave out what the base has. */
static bool
has_base(enum vss_backup_type t)
{
	return t == VSS_BT_INCREMENTAL || t == VSS_BT_DIFFERENTIAL || t == VSS_BT_LOG;
}

struct vss_file_taken
vss_file_take_of(const struct vss_bcd_component *c, const struct vss_fileset *set, enum vss_backup_type type,
	const char *dir, const char *name)
{
	const struct vss_bcd_differenced *d = differenced_of(c, dir, name);
	bool masked_in = set && vss_fileset_is_in_backup(set, type);

	if (!has_base(type) && (d || masked_in))
		return (struct vss_file_taken){ .take = VSS_FILE_WHOLE };
	if (d) /* B56: first; and B55: before a partial entry for the same file */
		return (struct vss_file_taken){ .take = VSS_FILE_CHANGED, .since_ns = d->since_ns };
	const struct vss_bcd_partial *partial = partial_of(c, dir, name);
	if (partial)
		return (struct vss_file_taken){ .take = VSS_FILE_PARTS, .partial = partial };
	return (struct vss_file_taken){ .take = masked_in ? VSS_FILE_WHOLE : VSS_FILE_OUT }; /* B33, B34 */
}

/* What the checks need at hand, and whom they tell. */
struct check {
	const struct vss_metadata *m;
	const struct vss_component *c;
	const struct vss_bcd_component *stored;
	void (*bad)(void *ctx, const char *text);
	void *ctx;
	size_t found;
};

static void __attribute__((format(printf, 2, 3))) tell(struct check *k, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	k->found++;
	k->bad(k->ctx, text.data);
}

static bool
is_of_set(const struct check *k, const struct vss_component *c)
{
	return c == k->c || vss_component_is_ancestor(k->c, c);
}

/* The file set of `c` that equals `d` exactly, or the first that only overlaps it; *exact tells which. */
static const struct vss_fileset *
related(const struct vss_component *c, const struct vss_fileset *d, bool *exact)
{
	const struct vss_fileset *overlap = NULL;

	for (size_t i = 0; i < c->nfiles; i++) {
		*exact = vss_fileset_same(&c->files[i], d);
		if (*exact)
			return &c->files[i];
		if (!overlap && vss_fileset_overlaps(&c->files[i], d))
			overlap = &c->files[i];
	}
	return overlap;
}

/* B45: all of a file set of this component, or new files only. */
static void
check_place(struct check *k, const struct vss_bcd_differenced *entry)
{
	const struct vss_fileset d = fileset_of(entry);
	const struct vss_component *other = NULL;
	const struct vss_fileset *part = NULL;

	for (size_t i = 0; i < k->m->ncomponents; i++) {
		const struct vss_component *c = &k->m->components[i];
		bool exact = false, own = is_of_set(k, c);
		const struct vss_fileset *f = related(c, &d, &exact);
		if (exact && own)
			return;
		if (f && own)
			part = f;
		else if (f)
			other = c;
	}
	if (part)
		tell(k, "differenced files %s in %s: are not all of the file set %s in %s", d.spec, d.path, part->spec,
			part->path);
	if (other) {
		VSS_AUTOFREE char *full = vss_logical_full(other->logical_path, other->name, '/');
		tell(k, "differenced files %s in %s: are of component %s", d.spec, d.path, full);
	}
}

static void
check_differenced(struct check *k)
{
	const struct vss_bcd_component *s = k->stored;

	if (s->ndifferenced && !(k->m->schema & VSS_BS_LAST_MODIFY)) /* B42 */
		tell(k, "differenced files: the backup schema does not have last-modify");
	for (size_t i = 0; i < s->ndifferenced; i++)
		check_place(k, &s->differenced[i]);
}

static void
check_ranges(struct check *k, const struct vss_bcd_partial *p)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_ranges r;

	if (p->ranges && vss_ranges_file(p->ranges))
		return;
	if (vss_ranges_parse(p->ranges ? p->ranges : "", &r, &err) < 0)
		tell(k, "partial file %s/%s: %s", p->path, p->name, err.text);
	else
		vss_ranges_clear(&r);
}

static void
check_partials(struct check *k)
{
	const struct vss_bcd_component *s = k->stored;

	for (size_t i = 0; i < s->npartials; i++) {
		const struct vss_bcd_partial *p = &s->partials[i];
		if (!*p->name || strpbrk(p->name, "/*?")) { /* B49 */
			tell(k, "partial file %s in %s: not the name of one file", p->name, p->path);
			continue;
		}
		if (partial_of(s, p->path, p->name) != p)
			tell(k, "partial file %s/%s: named twice", p->path, p->name);
		if (differenced_of(s, p->path, p->name)) /* B55 */
			tell(k, "partial file %s/%s: is among the differenced files, too", p->path, p->name);
		check_ranges(k, p);
	}
}

size_t
vss_increment_check(const struct vss_metadata *m, const struct vss_component *c, const struct vss_bcd_component *stored,
	void (*bad)(void *ctx, const char *text), void *ctx)
{
	struct check k = { m, c, stored, bad, ctx, 0 };

	check_differenced(&k);
	check_partials(&k);
	return k.found;
}
