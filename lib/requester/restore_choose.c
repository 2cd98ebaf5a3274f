/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_writers.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/depend.h"
#include "model/logical.h"
#include "model/named.h"
#include "model/ranges.h"
#include "model/restore_select.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* By name, registration or ID; an instance ID is good for the one archive that it stands in. */
bool
vss_stored_is(const struct vss_stored *s, const char *word)
{
	struct vss_uuid id;

	if (vss_str_caseeq(word, s->writer->name) || vss_str_caseeq(word, s->registration))
		return true;
	return vss_uuid_parse(word, &id) == 0 &&
	       (vss_uuid_eq(&id, &s->writer->writer_id) || vss_uuid_eq(&id, &s->writer->instance_id));
}

/* The index of a component of the components document in its writer's. */
static size_t
index_of(const struct vss_stored *s, const struct vss_bcd_component *c)
{
	const struct vss_component *found = vss_metadata_find(s->metadata, c->logical_path, c->name);

	return found ? (size_t)(found - s->metadata->components) : SIZE_MAX;
}

static void
mark_all(const struct vss_stored *s, bool *marks)
{
	for (size_t k = 0; k < s->writer->ncomponents; k++)
		marks[index_of(s, &s->writer->components[k])] = true;
}

/* One of WRITER[:/LOGICAL/PATH/NAME]; `marks` gives the array of a writer. */
static int
mark_named(struct vss_comeback *c, const char *word, bool spare, struct vss_err *err)
{
	struct vss_named n;
	bool found = false, component = false;

	vss_named_parse(&n, word);
	for (size_t i = 0; i < c->nstored; i++) {
		struct vss_stored *s = &c->stored[i];
		bool *marks = spare ? s->spared : s->wanted;
		if (!vss_stored_is(s, n.writer))
			continue;
		found = true;
		if (!n.component)
			mark_all(s, marks);
		else if (vss_named_mark(s->metadata, n.component, marks))
			component = true;
	}
	int rc = 0;
	if (!found && !c->more) { /* the last archive of a chain knows what there is */
		rc = vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": not in the archive", n.writer);
	} else if (n.component && !component && !c->more) {
		rc = vss_fail(
			err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": has no component %s", n.writer, n.component);
	}
	vss_named_clear(&n);
	return rc;
}

static int
mark_words(struct vss_comeback *c, const struct vss_strv *words, bool spare, struct vss_err *err)
{
	for (size_t k = 0; words && k < words->n; k++)
		if (mark_named(c, words->v[k], spare, err) < 0)
			return -1;
	return 0;
}

/* Is it restored because it was named, or because everything is? */
static bool
is_restored(const struct vss_stored *s, bool everything)
{
	for (size_t i = 0; i < s->metadata->ncomponents; i++)
		if (s->wanted[i])
			return true;
	for (size_t k = 0; everything && k < s->writer->ncomponents; k++)
		if (!s->spared[index_of(s, &s->writer->components[k])])
			return true;
	return false;
}

/* One that could not say who it is may be the one that is missed: its application may be running on the files that would be
 * replaced. */
static int
refuse_unknown(struct vss_session *session, const struct vss_bcd_writer *missed, struct vss_err *err)
{
	struct vss_writers *ws = vss_session_writers(session);

	for (size_t i = 0; ws && i < vss_writers_count(ws); i++) {
		const struct vss_writer *w = vss_writers_at(ws, i);
		if (!w->metadata)
			return vss_fail(err, VSS_GRADE, 0,
				"writer \"%s\" is not here, unless it is \"%s\", which failed to identify itself: mend "
				"that one, or switch it off: %s",
				missed->name, w->registration, w->message ? w->message : "it does not answer");
	}
	return 0;
}

static int
tell_missing(void *ctx, const struct vss_metadata *m, const struct vss_component *c, const struct vss_dependency *d,
	bool remote, struct vss_err *err)
{
	VSS_AUTOFREE char *from = vss_logical_full(c->logical_path, c->name, '/');
	VSS_AUTOFREE char *to = vss_logical_full(d->logical_path, d->name, '/');

	(void)ctx;
	(void)err;
	vss_warn("writer \"%s\": component %s depends on %s of another writer, which %s: it is not restored with it",
		m->name, from, to, remote ? "is on another machine" : "is not in the archive");
	return 0;
}

/* C43: what others depend on comes back with them.  Files of a writer that is not here are plain, unless it was named. */
static int
follow_dependencies(struct vss_comeback *c, bool by_name, struct vss_err *err)
{
	VSS_AUTOFREE struct vss_depend_writer *v = vss_alloc((c->nstored + 1) * sizeof *v);

	for (size_t i = 0; i < c->nstored; i++)
		v[i] = (struct vss_depend_writer){
			.m = c->stored[i].metadata, .wanted = c->stored[i].wanted, .stored = c->stored[i].writer
		};
	if (vss_depend_follow(v, c->nstored, tell_missing, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < c->nstored; i++)
		if (!by_name && !c->stored[i].present)
			memset(c->stored[i].wanted, 0, c->stored[i].metadata->ncomponents * sizeof(bool));
	return 0;
}

/* Out means out: what would come along all the same is said instead. */
static int
check_spared(const struct vss_stored *s, struct vss_err *err)
{
	for (size_t k = 0; k < s->metadata->ncomponents; k++) {
		const struct vss_component *c = &s->metadata->components[k];
		if (!s->spared[k] || s->how[k] == VSS_SELECT_OUT)
			continue;
		const struct vss_component *with = &s->metadata->components[s->owner[k]];
		VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '/');
		VSS_AUTOFREE char *top = vss_logical_full(with->logical_path, with->name, '/');
		if (with == c)
			return vss_fail(err, VSS_USAGE, 0,
				"writer \"%s\": component %s cannot be left out, others that come back depend on it: "
				"leave those out, too",
				s->writer->name, full);
		return vss_fail(err, VSS_USAGE, 0,
			"writer \"%s\": component %s cannot be left out, it comes back with %s: name what you want "
			"with --writer",
			s->writer->name, full, top);
	}
	return 0;
}

static int
select_components(struct vss_comeback *c, bool all_present, bool by_name, struct vss_err *err)
{
	for (size_t i = 0; all_present && i < c->nstored; i++)
		if (c->stored[i].present)
			mark_all(&c->stored[i], c->stored[i].wanted);
	for (size_t i = 0; i < c->nstored; i++)
		for (size_t k = 0; k < c->stored[i].metadata->ncomponents; k++)
			if (c->stored[i].spared[k])
				c->stored[i].wanted[k] = false;
	return follow_dependencies(c, by_name, err);
}

static struct vss_wanted_files *
add_noted_files(struct vss_wanted *wanted, struct vss_fileset f, size_t number)
{
	/* of this backup alone: another archive of the chain may not have them */
	f.mask = VSS_FSBT_DEFAULT | VSS_FSBT_CREATED_DURING_BACKUP;
	for (size_t i = 0; i < wanted->nfiles; i++)
		if (wanted->files[i].component == number && vss_fileset_same(&wanted->files[i].as_given, &f))
			return &wanted->files[i];
	struct vss_wanted_files *added = vss_wanted_add_files(wanted, &f, number);
	added->as_given.path = added->files.path;
	return added;
}

/* B52: it is in no component, and comes back with the one that needs it. */
static void
add_ranges_file(struct vss_wanted *wanted, const struct vss_bcd_partial *p, size_t number)
{
	const char *file = p->ranges ? vss_ranges_file(p->ranges) : NULL;
	char *name = file ? p->ranges + (vss_path_base(file) - p->ranges) : NULL;

	if (!name || strpbrk(name, "*?"))
		return;
	VSS_AUTOFREE char *dir = vss_path_dir(file);
	add_noted_files(wanted, (struct vss_fileset){ .path = dir, .spec = name }, number)->ranges = true;
}

/* What its writer added to the backup by name (B46, B54), behind all file sets: these come first. */
static void
add_noted(struct vss_wanted *wanted, const struct vss_bcd_component *b, size_t number)
{
	for (size_t i = 0; i < b->ndifferenced; i++) {
		const struct vss_bcd_differenced *d = &b->differenced[i];
		add_noted_files(wanted,
			(struct vss_fileset){ .path = d->path, .spec = d->spec, .recursive = d->recursive }, number);
	}
	for (size_t i = 0; i < b->npartials; i++) {
		const struct vss_bcd_partial *p = &b->partials[i];
		add_ranges_file(wanted, p, number);
		if (!strpbrk(p->name, "*?"))
			add_noted_files(wanted, (struct vss_fileset){ .path = p->path, .spec = p->name }, number);
	}
}

/* Its own files and those of the rest of its set, each where it belongs: to be restored, left out, or not to be touched. */
static void
add_set(struct vss_comeback *c, const struct vss_stored *s, struct vss_returning *r, struct vss_wanted *wanted)
{
	const struct vss_component *top = &s->metadata->components[r->index];
	size_t number = (size_t)(r - c->v);

	for (size_t j = 0; j < s->metadata->ncomponents; j++) {
		const struct vss_component *each = &s->metadata->components[j];
		bool takes = s->how[j] != VSS_SELECT_OUT && s->owner[j] == r->index;
		if (!takes && each != top && !vss_component_is_ancestor(top, each))
			continue;
		for (size_t k = 0; k < each->nfiles; k++) {
			if (takes)
				vss_wanted_add_files(wanted, &each->files[k], number);
			else if (s->spared[r->index])
				vss_wanted_add_files(wanted, &each->files[k], SIZE_MAX);
			if (!takes && s->present)
				vss_wanted_add_files(&c->guarded, &each->files[k], number);
		}
		r->chosen = r->chosen || takes;
	}
	if (s->how[r->index] == VSS_SELECT_EXPLICIT)
		add_noted(wanted, r->component, number);
	else if (s->spared[r->index])
		add_noted(wanted, r->component, SIZE_MAX);
	if (!r->chosen && s->present)
		add_noted(&c->guarded, r->component, number);
}

static int
select_for_restore(struct vss_stored *s, struct vss_err *err)
{
	if (vss_select_for_restore(s->metadata, s->writer, s->wanted, s->how, s->owner, err) < 0)
		return vss_wrap(err, "writer \"%s\"", s->writer->name);
	return check_spared(s, err);
}

static void
add_components(struct vss_comeback *c, const struct vss_stored *s)
{
	for (size_t k = 0; k < s->writer->ncomponents; k++) {
		const struct vss_bcd_component *b = &s->writer->components[k];
		VSS_PUSH(c->v, c->n, c->cap) = (struct vss_returning){
			.writer = s->writer,
			.component = b,
			.metadata = s->metadata,
			.index = index_of(s, b),
			.present = s->present,
		};
	}
}

int
vss_comeback_choose(
	struct vss_comeback *c, const struct vss_restore_request *q, struct vss_wanted *wanted, struct vss_err *err)
{
	bool by_path = q->what && q->what->n, by_name = q->writers && q->writers->n;
	size_t at = 0;

	if (mark_words(c, q->writers, false, err) < 0 || mark_words(c, q->exclude_writers, true, err) < 0 ||
		select_components(c, !by_name && !by_path, by_name, err) < 0)
		return -1;
	for (size_t i = 0; i < c->nstored; i++) {
		struct vss_stored *s = &c->stored[i];
		bool meant = is_restored(s, !by_name && !by_path);
		if (meant && !s->present && refuse_unknown(c->session, s->writer, err) < 0)
			return -1;
		if (meant && !s->present && !c->more)
			vss_warn("writer \"%s\" is not here: its files are restored as plain files", s->writer->name);
		if (select_for_restore(s, err) < 0)
			return -1;
		add_components(c, s);
		for (; at < c->n; at++)
			add_set(c, s, &c->v[at], wanted);
	}
	for (size_t i = 0; i < c->n; i++)
		c->v[i].hears = c->v[i].chosen && c->v[i].present && c->v[i].metadata->writer_restore != VSS_WRE_NEVER;
	wanted->components_only = by_name;
	return 0;
}
