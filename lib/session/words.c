/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "wire/line.h"

#include <stdlib.h>
#include <string.h>

/*
 * Argument lines (vss-writer(7)):
 *
 *	set UUID									every event but those of a restore
 *	backup type=full component-mode=yes partial-files=no bootable-state=no		prepare-backup, pre-restore, post-restore
 *	component TYPE LOGICAL-PATH NAME [previous-stamp=...]				prepare-backup
 *	volume MOUNT instant=one group=N						prepare-snapshot: equal groups are one instant
 *	volume MOUNT COPY-PATH								post-snapshot
 *	component TYPE LOGICAL-PATH NAME succeeded=yes|no				backup-complete
 *	component TYPE LOGICAL-PATH NAME [backup-metadata=... backup-stamp=...]		pre-restore
 *	component TYPE LOGICAL-PATH NAME [restore-metadata=...] status=all|none|failed	post-restore
 */

static void
add_set(const struct vss_session *s, struct vss_buf *out)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&s->set->id, id);
	vss_line_begin(out, "set");
	vss_line_add(out, id);
	vss_line_end(out);
}

static void
add_optional(struct vss_buf *out, const char *key, const char *value)
{
	if (value)
		vss_line_add_pair(out, key, value);
}

static void
begin_component(const struct vss_bcd_component *c, struct vss_buf *out)
{
	vss_line_begin(out, "component");
	vss_line_add(out, vss_component_type_word(c->type));
	vss_line_add(out, c->logical_path ? c->logical_path : "");
	vss_line_add(out, c->name);
}

static const char *
yes_or_no(bool b)
{
	return b ? "yes" : "no";
}

static void
add_backup(const struct vss_session *s, struct vss_buf *out)
{
	vss_line_begin(out, "backup");
	vss_line_add_pair(out, "type", vss_backup_type_word(s->bcd->type));
	vss_line_add_pair(out, "component-mode", yes_or_no(s->bcd->component_mode));
	vss_line_add_pair(out, "partial-files", yes_or_no(s->bcd->partial_files));
	vss_line_add_pair(out, "bootable-state", yes_or_no(s->bcd->bootable));
	vss_line_end(out);
}

/*
 * Which volumes will be one instant, so that a writer can choose its technique by topology: by group, and what
 * a group is.
 */
static void
add_topology(const struct vss_session *s, struct vss_buf *out)
{
	for (size_t i = 0; i < s->nvolumes; i++) {
		const struct vss_provider_set *ps = making_provider(s->making, making_ops(s->making, i));
		enum vss_instant together = ps->provider->promise(ps);
		/* Many instants: each volume is one by itself. */
		size_t group = together == VSS_INSTANT_ONE ? s->making->volumes[i].provider : s->making->nproviders + i;
		VSS_AUTOFREE char *number = vss_strf("%zu", group);
		vss_line_begin(out, "volume");
		vss_line_add(out, s->volumes[i].volume->mount);
		vss_line_add_pair(out, "instant",
			vss_instant_word(together == VSS_INSTANT_FUZZY ? VSS_INSTANT_FUZZY : VSS_INSTANT_ONE));
		vss_line_add_pair(out, "group", number);
		vss_line_end(out);
	}
}

static void
add_copies(const struct vss_session *s, struct vss_buf *out)
{
	for (size_t i = 0; i < s->set->nshadows; i++) {
		vss_line_begin(out, "volume");
		vss_line_add(out, s->set->shadows[i].volume);
		vss_line_add(out, s->set->shadows[i].device);
		vss_line_end(out);
	}
}

static void
add_prepared(const struct vss_bcd_component *c, struct vss_buf *out)
{
	begin_component(c, out);
	add_optional(out, "previous-stamp", c->previous_stamp);
	vss_line_end(out);
}

static void
add_success(const struct vss_bcd_component *c, struct vss_buf *out)
{
	begin_component(c, out);
	vss_line_add_pair(out, "succeeded", yes_or_no(c->succeeded_known && c->succeeded));
	vss_line_end(out);
}

static void
add_selected(const struct vss_bcd_component *c, struct vss_buf *out)
{
	if (!c->selected_for_restore)
		return;
	begin_component(c, out);
	add_optional(out, "backup-metadata", c->backup_metadata);
	add_optional(out, "backup-stamp", c->stamp);
	vss_line_end(out);
}

static void
add_restored(const struct vss_bcd_component *c, struct vss_buf *out)
{
	static const char *const words[] = { [VSS_RS_UNDEFINED] = "undefined",
		[VSS_RS_NONE] = "none",
		[VSS_RS_ALL] = "all",
		[VSS_RS_FAILED] = "failed" };

	if (!c->selected_for_restore)
		return;
	begin_component(c, out);
	add_optional(out, "backup-metadata", c->backup_metadata);
	add_optional(out, "restore-metadata", c->restore_metadata);
	vss_line_add_pair(out, "status", words[c->restore_status]);
	vss_line_end(out);
}

/* D20: a writer hears of its own components only. */
static void
add_components(const struct vss_bcd_writer *bw, void (*add)(const struct vss_bcd_component *c, struct vss_buf *out),
	struct vss_buf *out)
{
	for (size_t i = 0; bw && i < bw->ncomponents; i++)
		add(&bw->components[i], out);
}

/* At a restore the stored record counts: the instance that wrote it is gone (M10). */
static struct vss_bcd_writer *
record_of(const struct vss_session *s, const struct vss_writer *w)
{
	struct vss_bcd_writer *bw = session_bcd_writer(s, w);
	return bw ? bw : session_stored_writer(s, w->metadata);
}

void
session_arguments(enum vss_event event, struct vss_session *s, const struct vss_writer *w, struct vss_buf *out)
{
	const struct vss_bcd_writer *bw = record_of(s, w);

	if (event != VSS_EVENT_PRE_RESTORE && event != VSS_EVENT_POST_RESTORE)
		add_set(s, out);
	switch (event) {
	case VSS_EVENT_PREPARE_BACKUP:
		add_backup(s, out);
		add_components(bw, add_prepared, out);
		break;
	case VSS_EVENT_PREPARE_SNAPSHOT:
		add_topology(s, out);
		break;
	case VSS_EVENT_POST_SNAPSHOT:
		add_copies(s, out);
		break;
	case VSS_EVENT_BACKUP_COMPLETE:
		add_components(bw, add_success, out);
		break;
	case VSS_EVENT_PRE_RESTORE:
		add_backup(s, out);
		add_components(bw, add_selected, out);
		break;
	case VSS_EVENT_POST_RESTORE:
		add_backup(s, out);
		add_components(bw, add_restored, out);
		break;
	default:
		break;
	}
}

/* --- Statements --- */

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

/*
 * `WORD LOGICAL-PATH NAME VALUE...`; the host has checked how many words there are, and whether they may stand
 * at this event.
 */
static void
take_component_statement(struct vss_bcd_component *c, const struct vss_line *l)
{
	const char *what = vss_line_word(l, 0), *value = vss_line_word(l, 3);

	if (strcmp(what, "backup-metadata") == 0)
		set_text(&c->backup_metadata, value);
	else if (strcmp(what, "backup-stamp") == 0)
		set_text(&c->stamp, value);
	else if (strcmp(what, "restore-metadata") == 0)
		set_text(&c->restore_metadata, value);
	else if (strcmp(what, "failure-message") == 0)
		set_text(&c->failure_message, value);
	else if (strcmp(what, "component-failure") == 0)
		set_failure(c, l);
	else
		vss_debug("statement %s is not used", what);
}

static void
take_statement(struct vss_session *s, const struct vss_writer *w, const struct vss_line *l)
{
	const char *what = vss_line_word(l, 0);
	const struct session_part *p = session_part_of(s, w);

	if (strcmp(what, "evidence") == 0) {
		if (p)
			vss_set_writer_evidence(
				&s->set->writers[p - s->parts], vss_line_word(l, 1), vss_line_word(l, 2));
		return;
	}
	const struct vss_bcd_writer *bw = record_of(s, w);
	struct vss_bcd_component *c = bw ? vss_bcd_find_component(bw, vss_line_word(l, 1), vss_line_word(l, 2)) : NULL;
	if (c)
		take_component_statement(c, l);
	else
		vss_info("writer \"%s\": %s of a component that is not in the set", session_writer_name(w), what);
}

void
session_take_statements(struct vss_session *s, const struct vss_writer *w)
{
	for (size_t i = 0; i < w->nstatements; i++)
		take_statement(s, w, &w->statements[i]);
}
