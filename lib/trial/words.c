/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

static void
add_set(const struct trial_words *w, struct vss_buf *out)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&w->t->set, id);
	vss_line_begin(out, "set");
	vss_line_add(out, id);
	vss_line_end(out);
}

static void
add_backup(struct vss_buf *out)
{
	vss_line_begin(out, "backup");
	vss_line_add_pair(out, "type", "full");
	vss_line_add_pair(out, "component-mode", "yes");
	vss_line_add_pair(out, "partial-files", "no");
	vss_line_add_pair(out, "bootable-state", "no");
	vss_line_end(out);
}

static void
add_restore(struct vss_buf *out)
{
	vss_line_begin(out, "restore");
	vss_line_add_pair(out, "type", "by-copy");
	vss_line_end(out);
}

static const struct trial_note *
note_of(const struct trial *t, const struct vss_component *c)
{
	for (size_t i = 0; i < t->nnotes; i++)
		if (vss_str_eq(t->notes[i].path, c->logical_path ? c->logical_path : "") &&
			vss_str_eq(t->notes[i].name, c->name))
			return &t->notes[i];
	return NULL;
}

static void
add_pair(struct vss_buf *out, const char *key, const char *value)
{
	if (value)
		vss_line_add_pair(out, key, value);
}

static void
add_component(const struct trial_words *w, const struct vss_component *c, struct vss_buf *out)
{
	const struct trial_note *note = note_of(w->t, c);
	bool failed = w->manner & TRIAL_FAILED;

	vss_line_begin(out, "component");
	vss_line_add(out, vss_component_type_word(c->type));
	vss_line_add(out, c->logical_path ? c->logical_path : "");
	vss_line_add(out, c->name);
	if (w->event == VSS_EVENT_BACKUP_COMPLETE)
		vss_line_add_pair(out, "succeeded", failed ? "no" : "yes");
	if (w->event == VSS_EVENT_PRE_RESTORE || w->event == VSS_EVENT_POST_RESTORE)
		add_pair(out, "backup-metadata", note ? note->metadata : NULL);
	if (w->event == VSS_EVENT_PRE_RESTORE || w->event == VSS_EVENT_POST_RESTORE)
		add_pair(out, "backup-stamp", note ? note->stamp : NULL);
	if (w->event == VSS_EVENT_PRE_RESTORE || w->event == VSS_EVENT_POST_RESTORE) {
		vss_line_add_pair(out, "additional-restores", "no");
		vss_line_add_pair(out, "authoritative", "no");
	}
	if (w->event == VSS_EVENT_POST_RESTORE) {
		vss_line_add_pair(out, "restore-target", "original");
		vss_line_add_pair(out, "status", failed ? "failed" : "all");
	}
	vss_line_end(out);
}

static void
add_components(const struct trial_words *w, struct vss_buf *out)
{
	const struct vss_metadata *m = w->t->metadata;

	for (size_t i = 0; m && i < m->ncomponents; i++)
		add_component(w, &m->components[i], out);
}

/* As one instant all volumes are of one group. */
static void
add_topology(const struct trial_words *w, struct vss_buf *out)
{
	bool fuzzy = w->manner & TRIAL_FUZZY;

	for (size_t i = 0; i < w->t->mounts.n; i++) {
		VSS_AUTOFREE char *group = vss_strf("%zu", fuzzy ? i : 0);

		vss_line_begin(out, "volume");
		vss_line_add(out, w->t->mounts.v[i]);
		vss_line_add_pair(out, "instant", fuzzy ? "fuzzy" : "one");
		vss_line_add_pair(out, "group", group);
		vss_line_end(out);
	}
}

static void
add_copies(const struct trial_words *w, struct vss_buf *out)
{
	for (size_t i = 0; i < w->t->mounts.n; i++) {
		vss_line_begin(out, "volume");
		vss_line_add(out, w->t->mounts.v[i]);
		vss_line_add(out, w->t->copies.v[i]);
		vss_line_end(out);
	}
}

static void
add_unknown(struct vss_buf *out)
{
	vss_line_begin(out, "x-unknown");
	vss_line_add(out, "a \"quoted\" \\ word\nin two lines, \xc3\xa9");
	vss_line_add_pair(out, "x-key", "a=b c");
	vss_line_end(out);
	vss_line_begin(out, "x-unknown-too");
	vss_line_end(out);
}

void
trial_words(void *ctx, const struct vss_writer *writer, struct vss_buf *out)
{
	const struct trial_words *w = ctx;

	(void)writer;
	if (w->manner & TRIAL_UNKNOWN)
		add_unknown(out);
	if (w->manner & TRIAL_NO_WORDS)
		return;
	if (w->event >= VSS_EVENT_PREPARE_BACKUP && w->event <= VSS_EVENT_BACKUP_SHUTDOWN)
		add_set(w, out);
	switch (w->event) {
	case VSS_EVENT_PREPARE_BACKUP:
		add_backup(out);
		add_components(w, out);
		break;
	case VSS_EVENT_PREPARE_SNAPSHOT:
		add_topology(w, out);
		break;
	case VSS_EVENT_POST_SNAPSHOT:
		add_copies(w, out);
		break;
	case VSS_EVENT_PRE_RESTORE:
	case VSS_EVENT_POST_RESTORE:
		add_backup(out);
		add_restore(out);
		add_components(w, out);
		break;
	case VSS_EVENT_BACKUP_COMPLETE:
		add_components(w, out);
		break;
	default:
		break;
	}
}
