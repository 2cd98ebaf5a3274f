/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "model/logical.h"
#include "wire/line.h"
#include "writer/statement.h"

#include <stdlib.h>
#include <string.h>

/*
 * Statements of the events behind identify.  The host has checked each one by itself (writer/statement.h): whether it may
 * stand at this event, its words and its values.
 */

static void
set_text(char **slot, const char *value)
{
	free(*slot);
	*slot = vss_strdup(value);
}

static void
set_failure(struct vss_bcd_component *c, const struct vss_line *l)
{
	enum vss_code code = vss_code_by_name(vss_line_word(l, 3));

	c->failure = code ? code : VSS_E_WRITERERROR_NONRETRYABLE;
	if (vss_line_word(l, 4))
		set_text(&c->failure_message, vss_line_word(l, 4));
}

/* The last word about a file counts: a writer may know better after the snapshot. */
static struct vss_bcd_partial *
partial_of(struct vss_bcd_component *c, const char *dir, const char *name)
{
	for (size_t i = 0; i < c->npartials; i++)
		if (vss_str_eq(c->partials[i].path, dir) && vss_str_eq(c->partials[i].name, name))
			return &c->partials[i];
	return vss_bcd_add_partial(c, dir, name, NULL);
}

static void
take_partial(struct vss_bcd_component *c, const struct vss_line *l)
{
	VSS_AUTOFREE char *dir = vss_statement_dir(l, 3);
	struct vss_bcd_partial *p = partial_of(c, dir, vss_line_word(l, 4));

	set_text(&p->ranges, vss_line_get(l, "ranges"));
	set_text(&p->metadata, vss_line_get(l, "metadata"));
}

static void
take_differenced(struct vss_bcd_component *c, const struct vss_line *l)
{
	VSS_AUTOFREE char *dir = vss_statement_dir(l, 3);
	const char *spec = vss_line_word(l, 4);
	bool recursive = vss_line_flag(l, "recursive", false);
	int64_t since = vss_statement_since(l);

	for (size_t i = 0; i < c->ndifferenced; i++) {
		struct vss_bcd_differenced *d = &c->differenced[i];
		if (vss_str_eq(d->path, dir) && vss_str_eq(d->spec, spec) && d->recursive == recursive) {
			d->since_ns = since;
			return;
		}
	}
	vss_bcd_add_differenced(c, dir, spec, recursive, since);
}

static void
take_target(struct vss_bcd_component *c, const struct vss_line *l)
{
	c->target = (enum vss_restore_target)vss_restore_target_by_word(vss_line_word(l, 3));
}

static void
take_directed(struct vss_bcd_component *c, const struct vss_line *l)
{
	VSS_AUTOFREE char *dir = vss_statement_dir(l, 3);
	VSS_AUTOFREE char *to = vss_statement_dir(l, 6);

	vss_bcd_add_directed(c, &(struct vss_bcd_directed){
					.path = dir,
					.name = l->words[4],
					.ranges = l->words[5],
					.to_path = to,
					.to_name = l->words[7],
					.to_ranges = l->words[8],
				});
}

static void
take_backup_metadata(struct vss_bcd_component *c, const struct vss_line *l)
{
	set_text(&c->backup_metadata, vss_line_word(l, 3));
}

static void
take_stamp(struct vss_bcd_component *c, const struct vss_line *l)
{
	set_text(&c->stamp, vss_line_word(l, 3));
}

static void
take_restore_metadata(struct vss_bcd_component *c, const struct vss_line *l)
{
	set_text(&c->restore_metadata, vss_line_word(l, 3));
}

static void
take_message(struct vss_bcd_component *c, const struct vss_line *l)
{
	set_text(&c->failure_message, vss_line_word(l, 3));
}

static const struct {
	const char *word;
	void (*take)(struct vss_bcd_component *c, const struct vss_line *l);
} statements[] = {
	{ "backup-metadata", take_backup_metadata },
	{ "backup-stamp", take_stamp },
	{ "partial-file", take_partial },
	{ "differenced-file", take_differenced },
	{ "component-failure", set_failure },
	{ "failure-message", take_message },
	{ "restore-metadata", take_restore_metadata },
	{ "restore-target", take_target },
	{ "directed-target", take_directed },
};

static void
take_component_statement(struct vss_bcd_component *c, const struct vss_line *l)
{
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (strcmp(statements[i].word, vss_line_word(l, 0)) == 0)
			statements[i].take(c, l);
}

/* Is it one that the writer was told of (D20)? */
static bool
takes_part(const struct vss_session *s, const struct vss_bcd_component *c)
{
	return c && (s->state < SESSION_RESTORE_NEW || c->selected_for_restore);
}

/* The answer is refused as a whole: the writer believes in something that is not so. */
static int
take_statement(struct vss_session *s, const struct vss_writer *w, const struct vss_line *l, struct vss_err *err)
{
	const char *what = vss_line_word(l, 0);
	const struct session_part *p = session_part_of(s, w);

	if (strcmp(what, "evidence") == 0) {
		if (p)
			vss_set_writer_evidence(
				&s->set->writers[p - s->parts], vss_line_word(l, 1), vss_line_word(l, 2));
		return 0;
	}
	const struct vss_bcd_writer *bw = session_record_of(s, w);
	struct vss_bcd_component *c = bw ? vss_bcd_find_component(bw, vss_line_word(l, 1), vss_line_word(l, 2)) : NULL;
	VSS_AUTOFREE char *full = vss_logical_full(vss_line_word(l, 1), vss_line_word(l, 2), '/');
	if (!takes_part(s, c))
		return vss_fail(err, VSS_INVALID, 0, "%s: component %s does not take part", what, full);
	if (strcmp(what, "partial-file") == 0 && !s->bcd->partial_files)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "%s: component %s: this backup takes whole files only", what, full);
	take_component_statement(c, l);
	if (c->npartials > VSS_BCD_FILES_MAX || c->ndifferenced > VSS_BCD_FILES_MAX || c->ndirected > VSS_BCD_FILES_MAX)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: component %s: more than %d of them", what, full, VSS_BCD_FILES_MAX);
	return 0;
}

void
session_take_statements(struct vss_session *s, enum vss_event event, const struct vss_writer *w)
{
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < w->nstatements; i++) {
		if (take_statement(s, w, &w->statements[i], &err) == 0)
			continue;
		const struct session_part *p = session_part_of(s, w);
		if (p)
			vss_writer_refuse(p->writer, event, err.text);
		return;
	}
}
