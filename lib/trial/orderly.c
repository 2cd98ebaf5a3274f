/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define UP_TO_THAW "prepare-backup prepare-snapshot freeze thaw"
#define WHOLE UP_TO_THAW " post-snapshot backup-complete backup-shutdown"

const struct trial_life trial_lives[] = {
	{ "backup", "a whole backup: the host takes every answer and every statement", WHOLE, 0, false },
	{ "backup-scratch", "the same with a scratch directory", WHOLE, TRIAL_SCRATCH, false },
	{ "backup-fuzzy", "the volumes are no instant: it goes well, or the writer objects", WHOLE,
		TRIAL_FUZZY | TRIAL_SCRATCH | TRIAL_LENIENT, false },
	{ "backup-failed", "backup-complete with succeeded=no", WHOLE, TRIAL_FAILED, false },
	{ "backup-not-complete", "backup-shutdown without backup-complete", UP_TO_THAW " post-snapshot backup-shutdown",
		0, false },
	{ "no-words", "events without argument lines are answered, be it by fail", WHOLE,
		TRIAL_NO_WORDS | TRIAL_LENIENT, false },
	{ "abort-prepare-backup", "abort behind prepare-backup", "prepare-backup abort backup-shutdown", 0, false },
	{ "abort-prepare-snapshot", "abort behind prepare-snapshot",
		"prepare-backup prepare-snapshot abort backup-shutdown", 0, false },
	{ "abort-freeze", "abort while it is frozen thaws",
		"prepare-backup prepare-snapshot freeze abort backup-shutdown", 0, false },
	{ "abort-thaw", "abort behind thaw", UP_TO_THAW " abort backup-shutdown", 0, false },
	{ "abort-twice", "the second abort finds nothing to do",
		"prepare-backup prepare-snapshot freeze abort abort backup-shutdown", 0, false },
	{ "thaw-not-frozen", "thaw without a freeze is answered",
		"prepare-backup prepare-snapshot thaw abort backup-shutdown", TRIAL_LENIENT, false },
	{ "restore", "pre-restore and post-restore", "pre-restore post-restore", 0, true },
	{ "restore-failed", "post-restore with status=failed", "pre-restore post-restore", TRIAL_FAILED, true },
};
const size_t trial_nlives = sizeof trial_lives / sizeof *trial_lives;

static int
complain(const struct vss_writer *w, const char *event, struct vss_err *err)
{
	const char *code = vss_code_name(w->error);

	return vss_fail(err, VSS_INVALID, 0, "%s: %s%s%s", event, w->message ? w->message : "failed", code ? ", " : "",
		code ? code : "");
}

/* What was said is not always what it may be: a writer that breaks the protocol is never right. */
static int
judge(const struct vss_writer *w, const char *event, unsigned manner, struct vss_err *err)
{
	if (w->error == VSS_OK)
		return 0;
	if ((manner & TRIAL_LENIENT) && w->alive && w->error != VSS_E_WRITER_NOT_RESPONDING)
		return 0;
	return complain(w, event, err);
}

static struct trial_note *
note_for(struct trial *t, const char *path, const char *name)
{
	for (size_t i = 0; i < t->nnotes; i++)
		if (strcmp(t->notes[i].path, path) == 0 && strcmp(t->notes[i].name, name) == 0)
			return &t->notes[i];
	struct trial_note *n = &VSS_PUSH(t->notes, t->nnotes, t->cnotes);
	*n = (struct trial_note){ vss_strdup(path), vss_strdup(name), NULL, NULL };
	return n;
}

static void
keep_note(struct trial *t, const struct vss_line *l)
{
	const char *what = vss_line_word(l, 0);
	bool metadata = strcmp(what, "backup-metadata") == 0;

	if (!metadata && strcmp(what, "backup-stamp") != 0)
		return;
	struct trial_note *n = note_for(t, vss_line_word(l, 1), vss_line_word(l, 2));
	char **slot = metadata ? &n->metadata : &n->stamp;
	free(*slot);
	*slot = vss_strdup(vss_line_word(l, 3));
}

/* The host has checked each by itself; whether it fits what was said is the session's affair. */
static int
take_statements(struct trial *t, const struct vss_writer *w, const char *event, struct vss_err *err)
{
	for (size_t i = 0; i < w->nstatements; i++) {
		const struct vss_line *l = &w->statements[i];

		if (strcmp(vss_line_word(l, 0), "evidence") == 0)
			continue;
		if (!vss_metadata_find(w->metadata, vss_line_word(l, 1), vss_line_word(l, 2)))
			return vss_fail(err, VSS_INVALID, 0,
				"%s: %s of a component that it has not named at identify: %s", event,
				vss_line_word(l, 0), vss_line_word(l, 2));
		if (strcmp(vss_line_word(l, 0), "partial-file") == 0)
			return vss_fail(
				err, VSS_INVALID, 0, "%s: partial-file in a backup with partial-files=no", event);
		keep_note(t, l);
	}
	return 0;
}

static int
raise(struct trial *t, struct vss_writers *ws, const char *event, unsigned manner, struct vss_err *err)
{
	struct trial_words words = { t, (enum vss_event)vss_event_by_word(event), manner };
	struct vss_writer *w = vss_writers_at(ws, 0);
	const struct vss_writers_event e = {
		.event = words.event, .args = trial_words, .ctx = &words, .timeout_ms = (int)t->o->patience_ms
	};

	w->taking_part = true;
	if (vss_writers_raise(ws, &e, err) != 0)
		return -1;
	if (judge(w, event, manner, err) != 0)
		return -1;
	if (words.event == VSS_EVENT_FREEZE && w->error == VSS_OK)
		trial_probe_frozen(t);
	return take_statements(t, w, event, err);
}

/* A writer that does not want its application replaced now is in its right. */
static int
refusal(const struct vss_writers *ws, const struct trial_life *life, const char *event, struct vss_err *err)
{
	const struct vss_writer *w = vss_writers_at((struct vss_writers *)(uintptr_t)ws, 0);

	if (!life->restore || strcmp(event, "pre-restore") != 0 || !w->alive || w->error == VSS_E_WRITER_NOT_RESPONDING)
		return -1;
	vss_wrap(err, "it refuses");
	return TRIAL_SKIP;
}

static int
raise_all(struct trial *t, struct vss_writers *ws, const struct trial_life *life, struct vss_err *err)
{
	VSS_AUTOFREE char *events = vss_strdup(life->events);
	char *next = events;

	for (const char *event; (event = strsep(&next, " "));)
		if (raise(t, ws, event, life->manner, err) != 0)
			return refusal(ws, life, event, err);
	return trial_usable(t, "at the end", err);
}

static int
lead(struct trial *t, const struct trial_life *life, const char *scratch, struct vss_err *err)
{
	const struct vss_writers_options o = { .scratch_dir = scratch, .identify_timeout_ms = (int)t->o->patience_ms };
	struct vss_writers *ws = vss_writers_start(&o, err);
	int r;

	if (!ws)
		return -1;
	if (vss_writers_count(ws) != 1)
		r = vss_fail(err, VSS_INVALID, 0, "identify: this time it has nothing to publish");
	else
		r = judge(vss_writers_at(ws, 0), "identify", TRIAL_PLAIN, err);
	if (r == 0)
		r = raise_all(t, ws, life, err);
	vss_writers_end(ws);
	return r;
}

int
trial_lead(struct trial *t, const struct trial_life *life, struct vss_err *err)
{
	VSS_AUTOFREE char *scratch = NULL;

	if (life->manner & TRIAL_SCRATCH && !(scratch = trial_scratch(t, err)))
		return -1;
	return lead(t, life, scratch, err);
}
