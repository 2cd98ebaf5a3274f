/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "wire/line.h"

/*
 * Argument lines (vss-writer(7)).  PATH NAME is a component, FILES are DIR SPEC recursive=yes|no:
 *
 *	set UUID							every event but those of a restore
 *	backup type=... component-mode=... partial-files=... bootable-state=...	prepare-backup, pre-restore, post-restore
 *	component TYPE PATH NAME [previous-stamp=] [backup-options=]	prepare-backup
 *	volume MOUNT instant=one group=N				prepare-snapshot: equal groups are one instant
 *	volume MOUNT COPY-PATH						post-snapshot
 *	component TYPE PATH NAME succeeded=yes|no			backup-complete
 *	restore type=...						pre-restore, post-restore, as all that follows
 *	component TYPE PATH NAME [...]					what was noted and what is wished
 *	subcomponent PATH NAME SUB-PATH SUB-NAME			only these of the component's set
 *	partial-file PATH NAME DIR FILE ranges= [metadata=] [ranges-file=]
 *	new-target PATH NAME FILES TO
 *	used-location PATH NAME FILES TO				post-restore
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
		const struct vss_topology_volume *v = &s->topology.v[i];
		VSS_AUTOFREE char *number = vss_strf("%u", v->group);
		vss_line_begin(out, "volume");
		vss_line_add(out, s->volumes[i].volume->mount);
		vss_line_add_pair(out, "instant", vss_instant_word(v->alone));
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
		if (s->set->shadows[i].attributes & VSS_ATTR_AUTORECOVER)
			vss_line_add_pair(out, "writable", "yes");
		vss_line_end(out);
	}
}

static void
add_prepared(const struct vss_bcd_component *c, struct vss_buf *out)
{
	begin_component(c, out);
	add_optional(out, "previous-stamp", c->previous_stamp);
	add_optional(out, "backup-options", c->backup_options);
	vss_line_end(out);
}

static void
add_success(const struct vss_bcd_component *c, struct vss_buf *out)
{
	begin_component(c, out);
	vss_line_add_pair(out, "succeeded", yes_or_no(c->succeeded_known && c->succeeded));
	vss_line_end(out);
}

/* A line that belongs to the component that it names, as statements do. */
static void
begin_of(const char *what, const struct vss_bcd_component *c, struct vss_buf *out)
{
	vss_line_begin(out, what);
	vss_line_add(out, c->logical_path ? c->logical_path : "");
	vss_line_add(out, c->name);
}

static void
add_subcomponents(const struct vss_bcd_component *c, struct vss_buf *out)
{
	for (size_t i = 0; i < c->nsubcomponents; i++) {
		const struct vss_bcd_subcomponent *sub = &c->subcomponents[i];
		begin_of("subcomponent", c, out);
		vss_line_add(out, sub->logical_path ? sub->logical_path : "");
		vss_line_add(out, sub->name);
		vss_line_end(out);
	}
}

static void
add_partials(const struct vss_bcd_component *c, struct vss_buf *out)
{
	for (size_t i = 0; i < c->npartials; i++) {
		const struct vss_bcd_partial *p = &c->partials[i];
		begin_of("partial-file", c, out);
		vss_line_add(out, p->path);
		vss_line_add(out, p->name);
		add_optional(out, "ranges", p->ranges);
		add_optional(out, "metadata", p->metadata);
		add_optional(out, "ranges-file", p->ranges_file);
		vss_line_end(out);
	}
}

static void
add_moved(const char *what, const struct vss_bcd_component *c, const struct vss_bcd_moved *m, struct vss_buf *out)
{
	begin_of(what, c, out);
	vss_line_add(out, m->path);
	vss_line_add(out, m->spec);
	vss_line_add(out, m->to);
	vss_line_add_pair(out, "recursive", yes_or_no(m->recursive));
	vss_line_end(out);
}

/* What the backup noted of the component, and what the requester wishes for it. */
static void
add_restore_pairs(const struct vss_bcd_component *c, struct vss_buf *out)
{
	add_optional(out, "backup-metadata", c->backup_metadata);
	add_optional(out, "backup-stamp", c->stamp);
	add_optional(out, "backup-options", c->backup_options);
	add_optional(out, "restore-options", c->restore_options);
	vss_line_add_pair(out, "additional-restores", yes_or_no(c->additional_restores));
	vss_line_add_pair(out, "authoritative", yes_or_no(c->authoritative));
	if (c->rollforward != VSS_RF_UNDEFINED)
		vss_line_add_pair(out, "rollforward", vss_rollforward_word(c->rollforward));
	add_optional(out, "rollforward-point", c->rollforward_point);
	add_optional(out, "restore-name", c->restore_name);
}

/* The lines behind that of the component. */
static void
add_restore_lines(const struct vss_bcd_component *c, struct vss_buf *out)
{
	add_subcomponents(c, out);
	add_partials(c, out);
	for (size_t i = 0; i < c->nnew_targets; i++)
		add_moved("new-target", c, &c->new_targets[i], out);
}

static void
add_selected(const struct vss_bcd_component *c, struct vss_buf *out)
{
	if (!c->selected_for_restore)
		return;
	begin_component(c, out);
	add_restore_pairs(c, out);
	vss_line_end(out);
	add_restore_lines(c, out);
}

static void
add_restored(const struct vss_bcd_component *c, struct vss_buf *out)
{
	if (!c->selected_for_restore)
		return;
	begin_component(c, out);
	add_restore_pairs(c, out);
	add_optional(out, "restore-metadata", c->restore_metadata);
	vss_line_add_pair(out, "restore-target", vss_restore_target_word(c->target));
	vss_line_add_pair(out, "status", vss_file_restore_status_word(c->restore_status));
	vss_line_end(out);
	add_restore_lines(c, out);
	for (size_t i = 0; i < c->nused_locations; i++)
		add_moved("used-location", c, &c->used_locations[i], out);
}

/* D20: a writer hears of its own components only. */
static void
add_components(const struct vss_bcd_writer *bw, void (*add)(const struct vss_bcd_component *c, struct vss_buf *out),
	struct vss_buf *out)
{
	for (size_t i = 0; bw && i < bw->ncomponents; i++)
		add(&bw->components[i], out);
}

/* R46: by copy, when nothing else was said. */
static void
add_restore(const struct vss_session *s, struct vss_buf *out)
{
	enum vss_restore_type type = s->bcd->restore_type;

	vss_line_begin(out, "restore");
	vss_line_add_pair(out, "type", vss_restore_type_word(type == VSS_RTYPE_UNDEFINED ? VSS_RTYPE_BY_COPY : type));
	vss_line_end(out);
}

void
session_arguments(enum vss_event event, struct vss_session *s, const struct vss_writer *w, struct vss_buf *out)
{
	const struct vss_bcd_writer *bw = session_record_of(s, w);

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
		add_restore(s, out);
		add_components(bw, add_selected, out);
		break;
	case VSS_EVENT_POST_RESTORE:
		add_backup(s, out);
		add_restore(s, out);
		add_components(bw, add_restored, out);
		break;
	default:
		break;
	}
}
