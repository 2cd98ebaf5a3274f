/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "os/boot.h"

#include <stdlib.h>
#include <string.h>

void
host_clear_lines(struct vss_line *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vss_line_clear(&v[i]);
	free(v);
}

bool
host_is_frozen(const struct host_writer *w)
{
	return w->pub.frozen_ns != 0 && w->pub.thawed_ns == 0;
}

int64_t
host_window_end(const struct host_writer *w)
{
	return host_is_frozen(w) ? w->pub.frozen_ns + w->pub.freeze_timeout_ms * VSS_MS : INT64_MAX;
}

void
host_note_failure(struct host_writer *w, enum vss_event during, enum vss_code code, const char *message)
{
	if (w->pub.error != VSS_OK) {
		vss_debug("writer %s: failed again, at %s: %s", w->registration, vss_event_word(during), message);
		return;
	}
	w->pub.state = vss_state_after(during, false);
	w->pub.error = code;
	free(w->message);
	w->message = vss_strdup(message);
	w->pub.message = w->message;
}

void
vss_writer_refuse(struct vss_writer *w, enum vss_event during, const char *why)
{
	host_note_failure((struct host_writer *)w, during, VSS_E_WRITERERROR_NONRETRYABLE, why);
}

/* The event that a failure belongs to when it comes without being asked for. */
static enum vss_event
failing_event(const struct host_writer *w)
{
	if (w->nopen > 0)
		return w->open[w->nopen - 1].event;
	return host_is_frozen(w) ? VSS_EVENT_FREEZE : VSS_EVENT_COUNT;
}

static void
drop_statements(struct host_writer *w)
{
	host_clear_lines(w->kept, w->pub.nstatements);
	w->kept = NULL;
	w->pub.statements = NULL;
	w->pub.nstatements = 0;
}

void
host_lose(struct host_writer *w, enum vss_code code, const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	enum vss_event during = failing_event(w);
	va_list ap;

	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	if (during != VSS_EVENT_COUNT) {
		host_note_failure(w, during, code, text.data);
	} else if (w->pub.error == VSS_OK && !w->parted) {
		/* Between two events of no freeze: the next event that should reach it fails (W44). */
		w->message = vss_strdup(text.data);
		w->pub.message = w->message;
		w->pub.error = code;
	}
	vss_debug("writer %s: %s", w->registration, text.data);
	w->pub.alive = false;
	drop_statements(w); /* those of an answer before are not taken twice */
	w->nopen = 0;
	w->fresh = w->fresh || w->awaited;
	w->awaited = false;
	host_hang_up(w);
}

static void
breach(struct host_writer *w, const char *what)
{
	VSS_AUTOFREE char *shown = vss_escaped(what);

	host_lose(w, VSS_E_WRITER_NOT_RESPONDING, "broke the protocol: %s", shown);
}

/* What it said before this answer belongs to it from now on. */
static void
keep_statements(struct host_writer *w)
{
	drop_statements(w);
	w->kept = w->said;
	w->pub.statements = w->kept;
	w->pub.nstatements = w->nsaid;
	w->said = NULL;
	w->nsaid = w->csaid = 0;
}

/*
 * M10: an instance is the writer as it is registered, in this run of the machine, although each session has a process of its
 * own: so an ID that a list has shown means the same writer to the next command.
 */
static void
name_instance(const struct host_writer *w, struct vss_metadata *m)
{
	struct vss_uuid boot;
	struct vss_err ignored = VSS_ERR_INIT; /* then the random one stays */
	char run[VSS_UUID_TEXT], id[VSS_UUID_TEXT];

	if (vss_boot_id(&boot, &ignored) < 0)
		return;
	vss_uuid_text(&boot, run);
	vss_uuid_text(&m->writer_id, id);
	VSS_AUTOFREE char *text = vss_strf("%s %s %s", run, id, w->pub.registration);
	vss_uuid_of_bytes(&m->instance_id, text, strlen(text));
}

/* -1: it is not here, and says what is. */
static int
note_metadata(struct host_writer *w, const char *absent)
{
	struct vss_err err = VSS_ERR_INIT;

	if (absent && w->pub.nstatements > 0)
		return -1;
	if (w->pub.nstatements == 0) {
		free(w->absent);
		w->absent = vss_strdup(absent ? absent : "publishes nothing on this machine");
		return 0;
	}
	struct vss_metadata *m = host_metadata(w->kept, w->pub.nstatements, &err);

	if (!m) {
		host_note_failure(w, VSS_EVENT_IDENTIFY, VSS_E_WRITERERROR_NONRETRYABLE, err.text);
		return 0;
	}
	name_instance(w, m);
	vss_metadata_free(w->metadata);
	w->metadata = m;
	w->pub.metadata = m;
	return 0;
}

static int
note_freeze(struct host_writer *w, const struct vss_line *l)
{
	const char *word = vss_line_get(l, "hold");
	int hold = word ? vss_hold_by_word(word) : VSS_HOLD_NONE;
	const char *commits = vss_line_get(l, "commits");

	if (hold < 0 || (commits && !vss_str_eq(commits, "stopped")))
		return -1;
	w->pub.hold = (enum vss_hold)hold;
	w->pub.commits_stopped = commits != NULL;
	return 0;
}

/* The part of an answer that says where the writer stands now, whether it went well or was vetoed. */
static void
note_phase(struct host_writer *w, const struct host_event *e)
{
	switch (e->event) {
	case VSS_EVENT_FREEZE:
		w->pub.frozen_ns = vss_now_mono();
		w->pub.thawed_ns = 0;
		w->freeze_seq = e->seq;
		w->withdrew = false;
		break;
	case VSS_EVENT_THAW:
	case VSS_EVENT_ABORT:
		if (host_is_frozen(w))
			w->pub.thawed_ns = vss_now_mono();
		break;
	case VSS_EVENT_BYE:
		w->parted = true;
		break;
	default:
		break;
	}
}

static int
answer_ok(struct host_writer *w, const struct vss_line *l, const struct host_event *e)
{
	if (e->event == VSS_EVENT_FREEZE && note_freeze(w, l) != 0)
		return -1;
	if (e->event == VSS_EVENT_POST_SNAPSHOT)
		w->pub.confirmed = vss_line_flag(l, "confirmed", false);
	note_phase(w, e);
	if (e->event == VSS_EVENT_IDENTIFY && note_metadata(w, vss_line_get(l, "absent")) != 0)
		return -1;
	if (w->pub.error == VSS_OK)
		w->pub.state = vss_state_after(e->event, true);
	return 0;
}

/* `veto SEQ CODE ["message"] [app=N]` */
static int
answer_failure(struct host_writer *w, const struct vss_line *l, const struct host_event *e, bool veto)
{
	const char *name = vss_line_word(l, 2), *app = vss_line_get(l, "app");
	enum vss_code code = name ? vss_code_by_name(name) : VSS_OK;
	int64_t number = 0;

	if (code == VSS_OK || (app && vss_parse_i64(app, &number) != 0))
		return -1;
	const char *message = vss_line_word(l, 3);
	bool first = w->pub.error == VSS_OK;
	host_note_failure(w, e->event, code, message ? message : veto ? "vetoed" : "its handler failed");
	if (first) {
		w->pub.vetoed = veto;
		w->pub.app_error = (long)number;
	}
	if (veto)
		note_phase(w, e);
	return 0;
}

static int
apply(struct host_writer *w, const struct vss_line *l, const struct host_event *e)
{
	const char *word = vss_line_word(l, 0);

	if (strcmp(word, "ok") == 0)
		return answer_ok(w, l, e);
	return answer_failure(w, l, e, strcmp(word, "veto") == 0);
}

/* While it is frozen a writer may take its freeze back: `fail` with the number of that freeze. */
static bool
is_withdrawal(const struct host_writer *w, const struct vss_line *l, unsigned long seq)
{
	return host_is_frozen(w) && seq == w->freeze_seq && strcmp(vss_line_word(l, 0), "fail") == 0;
}

static void
withdraw(struct host_writer *w, const struct vss_line *l, unsigned long seq)
{
	const struct host_event e = { seq, VSS_EVENT_FREEZE };

	w->withdrew = true;
	if (answer_failure(w, l, &e, false) != 0)
		breach(w, "a withdrawal without a known code");
}

/* A late answer counts for nothing but the place where the writer stands: a freeze that came late is still a
 * freeze. */
static void
note_late(struct host_writer *w, const struct vss_line *l, const struct host_event *e)
{
	vss_debug("writer %s: answered %s too late", w->registration, vss_event_word(e->event));
	if (strcmp(vss_line_word(l, 0), "fail") != 0)
		note_phase(w, e);
}

/* Files elsewhere than on volumes of this machine, which the caller would never get. */
static void
judge_places(struct host_writer *w, enum vss_event during)
{
	struct vss_mount_list mounts;
	struct vss_err err = VSS_ERR_INIT;
	size_t i = 0;

	while (i < w->pub.nstatements && !host_names_places(&w->kept[i]))
		i++;
	if (i == w->pub.nstatements)
		return;
	int rc = vss_mounts(&mounts, &err);
	if (rc == 0) {
		for (; rc == 0 && i < w->pub.nstatements; i++)
			rc = host_check_named_places(&w->kept[i], &mounts, w->scratch, &err);
		vss_mount_list_free(&mounts);
	}
	if (rc != 0)
		vss_writer_refuse(&w->pub, during, err.text);
}

static void
take_answer(struct host_writer *w, const struct vss_line *l)
{
	const char *number = vss_line_word(l, 1);
	uint64_t seq;

	if (!number || vss_parse_u64(number, &seq) != 0) {
		breach(w, "an answer without a number");
		return;
	}
	if (is_withdrawal(w, l, seq)) {
		withdraw(w, l, seq);
		return;
	}
	if (w->nopen == 0 || w->open[0].seq != seq) {
		breach(w, "an answer to an event that is not its turn");
		return;
	}
	const struct host_event e = w->open[0];
	keep_statements(w);
	if (w->nopen > 1) {
		note_late(w, l, &e);
	} else if (apply(w, l, &e) != 0) {
		breach(w, "an answer with a value that is not known");
		return;
	} else {
		judge_places(w, e.event);
		w->fresh = w->awaited;
		w->awaited = false;
	}
	memmove(w->open, w->open + 1, --w->nopen * sizeof *w->open);
}

static bool
is_answer(const char *word)
{
	return strcmp(word, "ok") == 0 || strcmp(word, "veto") == 0 || strcmp(word, "fail") == 0;
}

static void
take_line(struct host_writer *w, const char *text, size_t n)
{
	struct vss_line l = VSS_LINE_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_line_parse(text, n, &l, &err) != 0) {
		breach(w, err.text);
	} else if (is_answer(vss_line_word(&l, 0))) {
		take_answer(w, &l);
	} else if (w->nopen == 0) {
		breach(w, "it spoke without being asked");
	} else if (host_check_statement(&l, w->open[0].event, w->metadata, &err) != 0) {
		breach(w, err.text);
	} else {
		VSS_PUSH(w->said, w->nsaid, w->csaid) = l;
		return;
	}
	vss_line_clear(&l);
}

void
host_hear(struct host_writer *w)
{
	struct vss_err err = VSS_ERR_INIT;
	const char *text;
	size_t n;
	int more = 1;

	if (vss_conversation_fill(&w->talk, &err) != 0)
		more = -1;
	while (more == 1 && w->pub.alive && (more = vss_conversation_next(&w->talk, &text, &n, &err)) == 1)
		take_line(w, text, n);
	if (more < 0 && w->pub.alive)
		breach(w, err.text);
}
