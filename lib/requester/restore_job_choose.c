/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_job_internal.h"

#include "base/mem.h"
#include "model/decide.h"
#include "model/logical.h"
#include "model/named.h"
#include "requester/restore_writers.h"

#include <stdlib.h>

/* --- who is meant --- */

static bool
is_meant(const struct restore_writer *w, const char *word)
{
	struct vss_uuid id;

	if (vss_str_caseeq(word, w->stored->name) || (w->running && vss_str_caseeq(word, w->running->registration)))
		return true;
	return vss_uuid_parse(word, &id) == 0 &&
	       (vss_uuid_eq(&id, &w->stored->writer_id) || vss_uuid_eq(&id, &w->stored->instance_id));
}

static const struct vss_metadata *
document_of(const struct vss_metadata_file *f, const struct vss_bcd_writer *w)
{
	for (size_t i = 0; i < f->nwriters; i++) {
		const struct vss_metadata *m = f->writers[i].metadata;
		if (vss_uuid_eq(&m->writer_id, &w->writer_id) && vss_uuid_eq(&m->instance_id, &w->instance_id))
			return m;
	}
	return NULL;
}

static const struct vss_writer *
running_writer(struct vss_session *s, const struct vss_bcd_writer *w)
{
	const struct vss_metadata *m = vss_comeback_running(s, w);
	struct vss_writers *ws = vss_session_writers(s);

	for (size_t i = 0; m && i < vss_writers_count(ws); i++)
		if (vss_writers_at(ws, i)->metadata == m)
			return vss_writers_at(ws, i);
	return NULL;
}

static void
find_writers(struct vss_restore_job *j, const struct vss_metadata_file *f)
{
	const struct vss_bcd *bcd = vss_session_bcd(j->session);

	j->nwriters = bcd->nwriters;
	j->writers = vss_alloc(j->nwriters * sizeof *j->writers);
	for (size_t i = 0; i < j->nwriters; i++) {
		struct restore_writer *w = &j->writers[i];
		w->stored = &bcd->writers[i];
		w->metadata = document_of(f, w->stored);
		w->running = running_writer(j->session, w->stored);
		w->parts = vss_alloc(w->stored->ncomponents * sizeof *w->parts);
		w->excluded = vss_alloc((w->metadata ? w->metadata->ncomponents : 0) * sizeof *w->excluded);
		for (size_t k = 0; k < w->stored->ncomponents; k++)
			w->parts[k].component = &w->stored->components[k];
	}
}

static bool
is_same(const struct vss_bcd_component *b, const struct vss_component *c)
{
	return vss_logical_same(b->logical_path, c->logical_path) && vss_str_eq(b->name, c->name);
}

/* What stands for component `k` of the writer's document: itself, or the closest above it; NULL: it was not backed up. */
static struct restore_part *
part_of(const struct restore_writer *w, size_t k)
{
	const struct vss_component *c = &w->metadata->components[k];
	const struct vss_bcd_component *closest = NULL;

	for (size_t i = 0; i < w->stored->ncomponents; i++) {
		const struct vss_bcd_component *b = &w->stored->components[i];
		if (is_same(b, c))
			return &w->parts[i];
		if (vss_logical_is_above(b->logical_path, b->name, c->logical_path) &&
			(!closest || vss_logical_is_above(closest->logical_path, closest->name, b->logical_path)))
			closest = b;
	}
	return closest ? &w->parts[closest - w->stored->components] : NULL;
}

/* --- WRITER EXCLUDE --- */

static void
exclude_word(struct vss_restore_job *j, const char *word)
{
	struct vss_named n;

	vss_named_parse(&n, word);
	for (size_t i = 0; i < j->nwriters; i++) {
		struct restore_writer *w = &j->writers[i];
		if (!is_meant(w, n.writer))
			continue;
		for (size_t k = 0; !n.component && k < w->stored->ncomponents; k++)
			w->parts[k].excluded = true;
		if (n.component && w->metadata)
			(void)vss_named_mark(w->metadata, n.component, w->excluded);
	}
	vss_named_clear(&n);
}

/* Only what is in the stored document by itself can be left out: the rest comes back with what is above it (C16). */
static int
settle_excluded(struct restore_writer *w, struct vss_err *err)
{
	size_t n = w->metadata ? w->metadata->ncomponents : 0;

	for (size_t k = 0; k < n; k++) {
		struct restore_part *p = w->excluded[k] ? part_of(w, k) : NULL;
		if (p && is_same(p->component, &w->metadata->components[k]))
			p->excluded = true;
	}
	for (size_t k = 0; k < n; k++) {
		const struct vss_component *c = &w->metadata->components[k];
		const struct restore_part *p = w->excluded[k] ? part_of(w, k) : NULL;
		if (!p || p->excluded)
			continue;
		VSS_AUTOFREE char *full = vss_logical_full(c->logical_path, c->name, '\\');
		VSS_AUTOFREE char *top = vss_logical_full(p->component->logical_path, p->component->name, '\\');
		return vss_fail(err, VSS_USAGE, 0,
			"writer \"%s\": component %s cannot be left out: it comes back with %s", w->stored->name, full,
			top);
	}
	return 0;
}

static int
exclude(struct vss_restore_job *j, const struct vss_strv *words, struct vss_err *err)
{
	for (size_t i = 0; words && i < words->n; i++)
		exclude_word(j, words->v[i]);
	for (size_t i = 0; i < j->nwriters; i++)
		if (settle_excluded(&j->writers[i], err) < 0)
			return -1;
	return 0;
}

/* --- what can be done --- */

/* Has each of its files, and of what lies below it, a place to go to? */
static bool
is_mapped(const struct vss_metadata *m, const struct vss_component *top)
{
	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *c = &m->components[i];
		if (c != top && !vss_component_is_ancestor(top, c))
			continue;
		for (size_t k = 0; k < c->nfiles; k++)
			if (!vss_alternate_of(m, &c->files[k]))
				return false;
	}
	return true;
}

/* Why nobody can restore it by the rules (R16, R23, R57, C19); NULL: it can be done. */
static const char *
refusal(const struct restore_writer *w, const struct vss_bcd_component *c)
{
	const struct vss_component *own;

	if (!w->metadata)
		return "the file does not have its writer's document";
	own = vss_metadata_find(w->metadata, c->logical_path, c->name);
	if (!own)
		return "its writer's document does not have it";
	if (!w->running)
		return "its writer is not here";
	if (c->failure != VSS_OK)
		return "its writer failed while the shadow copies were made";
	if (w->metadata->writer_restore == VSS_WRE_UNDEFINED)
		return "its writer's document does not say whether it takes part in a restore";
	if (w->metadata->method == VSS_RME_UNDEFINED)
		return "its writer's document names no restore method";
	if (w->metadata->method == VSS_RME_CUSTOM)
		return "its restore method is VSS_RME_CUSTOM: only its own tool knows how";
	if (w->metadata->method == VSS_RME_RESTORE_TO_ALTERNATE_LOCATION && !is_mapped(w->metadata, own))
		return "its files are to go to an alternate location, and not all of them have one";
	return NULL;
}

/* What whoever brings the files back has to know of the method; NULL: they take the place of what is there. */
static const char *
advice(enum vss_restore_method m)
{
	switch (m) {
	case VSS_RME_RESTORE_IF_NOT_THERE:
		return "only where none of its files is there";
	case VSS_RME_RESTORE_TO_ALTERNATE_LOCATION:
		return "only to its alternate location";
	case VSS_RME_RESTORE_AT_REBOOT:
		return "only when the machine starts next";
	case VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE:
		return "when the machine starts next, if a file of it cannot be replaced now";
	default:
		return NULL;
	}
}

/* The service that has to be stopped; false: *why says why it cannot be.  Whose word that is decides what goes down here. */
static bool
note_service(struct vss_restore_job *j, const struct restore_writer *w, char **why)
{
	const struct vss_metadata *m = w->metadata, *here = w->running->metadata;
	struct vss_err err = VSS_ERR_INIT;
	bool around = vss_method_stops_first(m->method);

	if (!around && m->method != VSS_RME_RESTORE_STOP_START)
		return true;
	if (!j->trusted && !(here->method == m->method && vss_str_eq(here->service, m->service))) {
		*why = vss_strf("others can write the metadata file: it names the service %s, its writer here does not",
			m->service);
		return false;
	}
	if (vss_services_add(around ? &j->around : &j->after, m->service, &err) == 0)
		return true;
	*why = vss_strf("its restore method is %s: service: %s", vss_restore_method_name(m->method), err.text);
	return false;
}

static void
judge(struct vss_restore_job *j, struct restore_writer *w, struct restore_part *p)
{
	const struct vss_bcd_component *c = p->component;
	const char *why = refusal(w, c);

	p->why = vss_strdup(p->excluded ? "it is excluded" : why);
	p->able = !why && (p->excluded || note_service(j, w, &p->why));
	if (!p->able || p->excluded)
		return;
	p->hears = w->metadata->writer_restore != VSS_WRE_NEVER;
	if (!p->hears)
		p->why = vss_strdup("its writer takes no part in a restore: its files come back as they are");
	else if (c->succeeded_known && !c->succeeded)
		p->why = vss_strdup("its backup did not succeed: something of it may be missing");
	else
		p->why = vss_strdup(advice(w->metadata->method));
}

/* --- WRITER VERIFY --- */

static int
must(const struct restore_writer *w, const struct restore_part *p, struct vss_err *err)
{
	VSS_AUTOFREE char *full = vss_logical_full(p->component->logical_path, p->component->name, '\\');

	if (p->able && !p->excluded)
		return 0;
	return vss_fail(err, VSS_GRADE, 0, "writer \"%s\": component %s must take part, and cannot: %s",
		w->stored->name, full, p->why);
}

static int
verify_component(struct restore_writer *w, const char *component, struct vss_err *err)
{
	size_t n = w->metadata ? w->metadata->ncomponents : 0;
	VSS_AUTOFREE bool *marks = vss_alloc(n * sizeof *marks);
	bool found = n && vss_named_mark(w->metadata, component, marks);

	for (size_t k = 0; found && k < n; k++) {
		const struct restore_part *p = marks[k] ? part_of(w, k) : NULL;
		found = p || !marks[k];
		if (p && must(w, p, err) < 0)
			return -1;
	}
	return found ? 0
		     : vss_fail(err, VSS_GRADE, 0, "writer \"%s\": component %s must take part, and was not backed up",
			       w->stored->name, component);
}

static int
verify_word(struct vss_restore_job *j, const char *word, struct vss_err *err)
{
	struct vss_named n;
	bool found = false;
	int rc = 0;

	vss_named_parse(&n, word);
	for (size_t i = 0; rc == 0 && i < j->nwriters; i++) {
		struct restore_writer *w = &j->writers[i];
		if (!is_meant(w, n.writer))
			continue;
		found = true;
		for (size_t k = 0; rc == 0 && !n.component && k < w->stored->ncomponents; k++)
			rc = must(w, &w->parts[k], err);
		if (n.component)
			rc = verify_component(w, n.component, err);
	}
	if (!found)
		rc = vss_fail(
			err, VSS_GRADE, 0, "writer \"%s\" must take part, and is not in the metadata file", n.writer);
	vss_named_clear(&n);
	return rc;
}

static void
tell(const struct restore_writer *w, const struct restore_part *p, vss_restore_component_fn *each, void *ctx)
{
	VSS_AUTOFREE char *full = vss_logical_full(p->component->logical_path, p->component->name, '/');
	const struct vss_restore_component row = {
		.writer = w->stored->name, .component = full, .able = p->able && !p->excluded, .why = p->why
	};

	each(ctx, &row);
}

int
restore_job_choose(struct vss_restore_job *j, const struct vss_restore_job_request *r, vss_restore_component_fn *each,
	void *ctx, struct vss_err *err)
{
	j->trusted = r->from->trusted;
	find_writers(j, r->from);
	if (exclude(j, r->exclude, err) < 0)
		return -1;
	for (size_t i = 0; i < j->nwriters; i++) {
		struct restore_writer *w = &j->writers[i];
		for (size_t k = 0; k < w->stored->ncomponents; k++) {
			judge(j, w, &w->parts[k]);
			if (each)
				tell(w, &w->parts[k], each, ctx);
		}
	}
	for (size_t i = 0; r->verify && i < r->verify->n; i++)
		if (verify_word(j, r->verify->v[i], err) < 0)
			return -1;
	return 0;
}
