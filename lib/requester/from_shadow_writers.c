/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/from_shadow.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "doc/doc.h"
#include "model/named.h"
#include "requester/parts.h"

#include <stdlib.h>
#include <string.h>

/* --- documents --- */

static int
read_writer(struct vss_from_shadow *f, const struct vss_set_document *d, struct vss_err *err)
{
	const char *base = d->name + strlen("writers/");
	struct vss_metadata *m = vss_doc_read_metadata(d->text, strlen(d->text), err);

	if (!m)
		return vss_wrap(err, "set document: %s", d->name);
	VSS_PUSH(f->writers, f->nwriters, f->cwriters) = (struct vss_kept_writer){
		.registration = vss_strndup(base, strlen(base) - (vss_str_ends(base, ".xml") ? strlen(".xml") : 0)),
		.metadata = m,
	};
	return 0;
}

static int
read_document(struct vss_from_shadow *f, const struct vss_set_document *d, struct vss_err *err)
{
	if (vss_str_starts(d->name, "writers/"))
		return read_writer(f, d, err);
	if (strcmp(d->name, VSS_SET_COMPONENTS) != 0 || f->made_with)
		return 0;
	f->made_with = vss_doc_read_bcd(d->text, strlen(d->text), err);
	return f->made_with ? 0 : vss_wrap(err, "set document: %s", d->name);
}

int
vss_from_shadow_read_documents(struct vss_from_shadow *f, struct vss_err *err)
{
	for (size_t i = 0; i < f->set->ndocuments; i++)
		if (read_document(f, &f->set->documents[i], err) < 0)
			return -1;
	for (size_t i = 0; i < f->nwriters; i++) /* the array moves no more */
		f->writers[i].writer = (struct vss_writer){
			.registration = f->writers[i].registration,
			.metadata = f->writers[i].metadata,
			.taking_part = true,
		};
	if (f->set->nwriters && !f->made_with)
		vss_warn("the set does not hold the documents of its writers: their files are plain files");
	return 0;
}

void
vss_from_shadow_clear_writers(struct vss_from_shadow *f)
{
	for (size_t i = 0; i < f->nwriters; i++) {
		free(f->writers[i].registration);
		vss_metadata_free(f->writers[i].metadata);
	}
	free(f->writers);
}

/* --- components --- */

/* One writer's part of the set, and what is wanted of it. */
struct kept {
	struct vss_from_shadow *from;
	const struct vss_backup_request *request;
	struct vss_plan *plan;
	struct vss_kept_writer *writer;
	const struct vss_bcd_writer *record; /* in the document that the set was made with */
	bool *wanted;			     /* for each component */
	unsigned char *how;
};

/* The component of the record that stands for this one: itself, or the one above it that it came with (C12). */
static const struct vss_bcd_component *
recorded_in(const struct vss_bcd_writer *record, const struct vss_metadata *m, const struct vss_component *c)
{
	const struct vss_bcd_component *own = vss_bcd_find_component(record, c->logical_path, c->name);

	for (size_t j = 0; !own && j < m->ncomponents; j++) {
		const struct vss_component *above = &m->components[j];
		if (above->selectable && vss_component_is_ancestor(above, c))
			own = vss_bcd_find_component(record, above->logical_path, above->name);
	}
	return own && own->failure == VSS_OK ? own : NULL;
}

static const struct vss_bcd_component *
recorded(const struct kept *k, size_t i)
{
	const struct vss_metadata *m = k->writer->metadata;

	return recorded_in(k->record, m, &m->components[i]);
}

enum vss_grade
vss_from_shadow_grade(const struct vss_from_shadow *f, const struct vss_choice_component *c)
{
	const struct vss_metadata *m = c->writer->metadata;
	const struct vss_bcd_writer *w = vss_bcd_find_writer(f->made_with, &m->writer_id, &m->instance_id);
	const struct vss_bcd_component *own = w ? recorded_in(w, m, c->component) : NULL;

	return own ? own->grade : VSS_GRADE_NONE;
}

static bool
names_whole(const struct kept *k, const struct vss_strv *words)
{
	bool whole = false;

	for (size_t i = 0; words && i < words->n && !whole; i++) {
		struct vss_named n;
		vss_named_parse(&n, words->v[i]);
		whole = !n.component && vss_writer_is_meant(&k->writer->writer, n.writer);
		vss_named_clear(&n);
	}
	return whole;
}

static void
mark_named(const struct kept *k, const struct vss_strv *words, bool *marks)
{
	for (size_t i = 0; words && i < words->n; i++) {
		struct vss_named n;
		vss_named_parse(&n, words->v[i]);
		if (n.component && vss_writer_is_meant(&k->writer->writer, n.writer))
			(void)vss_named_mark(k->writer->metadata, n.component, marks);
		vss_named_clear(&n);
	}
}

/* Do the plain paths of the backup reach what the file set names? */
static bool
is_reached(const struct kept *k, const struct vss_fileset *f)
{
	VSS_AUTOFREE char *dir = vss_choice_real_path(f->path);
	const struct vss_plan_place *at = vss_plan_place_of(k->plan, dir);

	if (at && vss_choice_is_plain(&k->plan->choice, dir, (struct vss_choice_place){ at->volume->mount, at->plain }))
		return true;
	for (size_t i = 0; i < k->plan->choice.npaths; i++) {
		const char *path = k->plan->choice.paths[i].path;
		VSS_AUTOFREE char *above = vss_path_dir(path);
		if ((f->recursive && vss_path_is_below(path, dir)) ||
			(strcmp(above, dir) == 0 && vss_fileset_matches(f, f->path, vss_path_base(path))))
			return true;
	}
	return false;
}

static bool
is_touched(const struct kept *k, const struct vss_component *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (is_reached(k, &c->files[i]))
			return true;
	return false;
}

/* What was named, and what the paths draw in; of the set nothing else. */
static bool
wish(struct kept *k)
{
	const struct vss_metadata *m = k->writer->metadata;
	const struct vss_backup_request *r = k->request;
	VSS_AUTOFREE bool *asked = vss_alloc(m->ncomponents * sizeof *asked);
	VSS_AUTOFREE bool *excluded = vss_alloc(m->ncomponents * sizeof *excluded);
	bool all = names_whole(k, r->writers), any = false;

	mark_named(k, r->writers, asked);
	mark_named(k, r->exclude_writers, excluded);
	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];
		bool own = vss_bcd_find_component(k->record, c->logical_path, c->name);
		if (excluded[i] || !recorded(k, i))
			continue;
		k->wanted[i] = asked[i] || (own && (all || is_touched(k, c)));
		any |= k->wanted[i];
	}
	return any;
}

/* --- what is taken --- */

/* The volumes of the set that it lies on, and below it when it is a hierarchy. */
static int
need(const struct kept *k, const struct vss_fileset *f, struct vss_err *err)
{
	struct vss_plan *p = k->plan;
	VSS_AUTOFREE char *dir = vss_choice_real_path(f->alternate ? f->alternate : f->path);

	if (!vss_plan_place_of(p, dir))
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: lies on no volume of the set", dir);
	for (size_t i = 0; f->recursive && i < p->nplaces; i++)
		if (strcmp(p->places[i].volume->mount, dir) != 0 && vss_path_is_below(p->places[i].volume->mount, dir))
			p->places[i].enter = true;
	return 0;
}

static int
need_all(const struct kept *k, const struct vss_component *c, struct vss_err *err)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (vss_choice_is_in_backup(&k->plan->choice, &k->writer->writer, &c->files[i]) &&
			need(k, &c->files[i], err) < 0)
			return vss_wrap(err, "component %s", c->name);
	return 0;
}

static int
check_bar(const struct kept *k, const struct vss_component *c, enum vss_grade grade, struct vss_err *err)
{
	enum vss_grade bar = k->request->min_grade ? k->request->min_grade : VSS_GRADE_RECOVERABLE;
	VSS_AUTOFREE char *full = vss_component_path(c);

	if (grade >= bar)
		return 0;
	return vss_fail(err, VSS_GRADE, 0,
		"writer \"%s\": component %s: its copy is only %s, %s is wanted: accept it with --min-grade %s",
		k->writer->metadata->name, full, vss_grade_word(grade), vss_grade_word(bar), vss_grade_word(grade));
}

/* Into the document of the backup, with what the writer noted when the set was made. */
static int
record(const struct kept *k, struct vss_bcd_writer *w, size_t i, struct vss_err *err)
{
	const struct vss_component *c = &k->writer->metadata->components[i];
	const struct vss_bcd_component *was = recorded(k, i);
	struct vss_bcd_component *now = vss_bcd_add_component(w, c, err);

	if (!now || check_bar(k, c, was->grade, err) < 0)
		return -1;
	now->grade = was->grade;
	if (vss_str_eq(was->name, c->name)) {
		now->backup_metadata = vss_strdup(was->backup_metadata);
		now->restore_metadata = vss_strdup(was->restore_metadata);
		now->stamp = vss_strdup(was->stamp);
		now->backup_options = vss_strdup(was->backup_options);
	}
	return 0;
}

/* The index in the choice of the explicit component that brings `i`. */
static size_t
owner_of(const struct kept *k, const size_t *index, size_t i)
{
	const struct vss_metadata *m = k->writer->metadata;

	for (size_t j = 0; k->how[i] == VSS_SELECT_IMPLICIT && j < m->ncomponents; j++)
		if (k->how[j] == VSS_SELECT_EXPLICIT && vss_component_is_ancestor(&m->components[j], &m->components[i]))
			return index[j];
	return SIZE_MAX;
}

static int
take(const struct kept *k, struct vss_err *err)
{
	const struct vss_metadata *m = k->writer->metadata;
	struct vss_bcd_writer *w = vss_bcd_add_writer(k->from->bcd, m);
	VSS_AUTOFREE size_t *index = vss_alloc(m->ncomponents * sizeof *index);

	for (int pass = VSS_SELECT_EXPLICIT; pass <= VSS_SELECT_IMPLICIT; pass++)
		for (size_t i = 0; i < m->ncomponents; i++) {
			if (k->how[i] != pass || !recorded(k, i))
				continue;
			if ((pass == VSS_SELECT_EXPLICIT && record(k, w, i, err) < 0) ||
				need_all(k, &m->components[i], err) < 0)
				return -1;
			index[i] = vss_choice_add_component(
				&k->plan->choice, &k->writer->writer, &m->components[i], owner_of(k, index, i));
		}
	vss_choice_add_excludes(&k->plan->choice, m);
	return 0;
}

static int
choose(struct kept *k, struct vss_err *err)
{
	const struct vss_metadata *m = k->writer->metadata;

	k->record = vss_bcd_find_writer(k->from->made_with, &m->writer_id, &m->instance_id);
	if (!k->record || names_whole(k, k->request->exclude_writers))
		return 0;
	VSS_AUTOFREE bool *wanted = vss_alloc(m->ncomponents * sizeof *wanted);
	VSS_AUTOFREE unsigned char *how = vss_alloc(m->ncomponents);
	k->wanted = wanted;
	k->how = how;
	if (!wish(k))
		return 0;
	if (vss_select_for_backup(m, wanted, how, err) < 0 || take(k, err) < 0)
		return vss_wrap(err, "writer \"%s\"", m->name);
	return 0;
}

/* What is named has to be in the set. */
static int
check_word(const struct vss_from_shadow *f, const char *word, struct vss_err *err)
{
	struct vss_named n;
	bool found = false;

	vss_named_parse(&n, word);
	for (size_t i = 0; i < f->nwriters && !found; i++) {
		const struct vss_metadata *m = f->writers[i].metadata;
		VSS_AUTOFREE bool *marks = vss_alloc(m->ncomponents * sizeof *marks);
		found = vss_writer_is_meant(&f->writers[i].writer, n.writer) &&
			(!n.component || vss_named_mark(m, n.component, marks));
	}
	vss_named_clear(&n);
	return found ? 0 : vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": had no part in the set", word);
}

int
vss_from_shadow_choose(
	struct vss_from_shadow *f, const struct vss_backup_request *r, struct vss_plan *p, struct vss_err *err)
{
	for (size_t i = 0; r->writers && i < r->writers->n; i++)
		if (check_word(f, r->writers->v[i], err) < 0)
			return -1;
	for (size_t i = 0; f->made_with && !r->no_writers && i < f->nwriters; i++) {
		struct kept k = { .from = f, .request = r, .plan = p, .writer = &f->writers[i] };
		if (choose(&k, err) < 0)
			return -1;
	}
	if (r->writers && r->writers->n && !p->choice.ncomponents)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the set has nothing of the writers that were named");
	return 0;
}
