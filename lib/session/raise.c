/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

#define LEAVING_MS 5000 /* a writer that is left out has this long to undo; others may be frozen meanwhile */

const char *
session_writer_name(const struct vss_writer *w)
{
	return w->metadata && w->metadata->name ? w->metadata->name : w->registration;
}

struct session_part *
session_part_of(struct vss_session *s, const struct vss_writer *w)
{
	for (size_t i = 0; i < s->nparts; i++)
		if (s->parts[i].writer == w)
			return &s->parts[i];
	return NULL;
}

bool
session_writer_failed(const struct vss_writer *w)
{
	return w->error != VSS_OK || vss_writer_state_is_failed(w->state) || !w->alive;
}

void
session_record(struct vss_session *s)
{
	for (size_t i = 0; i < s->nparts; i++) {
		const struct vss_writer *w = s->parts[i].writer;
		struct vss_set_writer *sw = &s->set->writers[i];
		sw->state = w->state;
		sw->error = w->error;
		sw->hold = w->hold;
		free(sw->message);
		sw->message = vss_strdup(w->message);
	}
}

/* What the callers of vss_writers_raise() in this room have in common. */
struct raising {
	struct vss_session *s;
	const struct vss_writers_event *outer;
};

static void
arguments(void *ctx, const struct vss_writer *w, struct vss_buf *out)
{
	const struct raising *r = ctx;
	session_arguments(r->outer->event, r->s, w, out);
}

static bool
is_meant(void *ctx, const struct vss_writer *w)
{
	const struct raising *r = ctx;
	return r->outer->filter ? r->outer->filter(r->outer->ctx, w) : w->taking_part;
}

static bool
answered(void *ctx, const struct vss_writer *w)
{
	const struct raising *r = ctx;
	session_take_statements(r->s, r->outer->event, w);
	return r->outer->on_answer ? r->outer->on_answer(r->outer->ctx, w) : true;
}

int
session_raise(struct vss_session *s, struct vss_writers_event *e, struct vss_err *err)
{
	struct raising r = { s, e };
	struct vss_writers_event inner = *e;

	if (!s->writers)
		return 0;
	inner.filter = is_meant;
	inner.args = arguments;
	inner.on_answer = answered;
	inner.ctx = &r;
	int rc = vss_writers_raise(s->writers, &inner, err);
	session_record(s);
	return rc;
}

int
session_blame(const struct vss_writer *w, enum vss_event event, enum vss_code code, struct vss_err *err)
{
	const char *said = w->message ? w->message : vss_writer_error_label(w->error);
	const char *name = vss_code_name(w->error ? w->error : VSS_E_WRITER_NOT_RESPONDING);

	return vss_fail(err, code, 0, "writer \"%s\": %s: %s (%s)", session_writer_name(w), vss_event_word(event), said,
		name ? name : "VSS_E_UNEXPECTED");
}

static bool
is_same(void *ctx, const struct vss_writer *w)
{
	return w == ctx;
}

/* Its components stay in the document, each with the reason why it has nothing in the backup. */
static void
note_in_components(struct vss_session *s, const struct vss_writer *w)
{
	struct vss_bcd_writer *bw = session_bcd_writer(s, w);

	for (size_t i = 0; bw && i < bw->ncomponents; i++) {
		struct vss_bcd_component *c = &bw->components[i];
		c->failure = w->error ? w->error : VSS_E_WRITER_NOT_RESPONDING;
		c->grade = VSS_GRADE_NONE;
		c->succeeded = false;
		c->succeeded_known = true;
		if (!c->failure_message)
			c->failure_message = vss_strdup(w->message);
	}
}

/* The set goes on without it: it may undo at once (W58), and hears nothing more but BackupShutdown. */
static void
leave_out(struct vss_session *s, struct session_part *p, enum vss_event event)
{
	struct vss_writer *w = p->writer;

	p->left_out = true;
	w->taking_part = false;
	note_in_components(s, w);
	if (w->alive && event > VSS_EVENT_PREPARE_BACKUP && event < VSS_EVENT_POST_SNAPSHOT) {
		struct vss_err ignored = VSS_ERR_INIT;
		struct vss_writers_event abort_one = { .event = VSS_EVENT_ABORT,
			.filter = is_same,
			.ctx = w,
			.timeout_ms = LEAVING_MS,
			.ignore_interrupt = true };
		(void)session_raise(s, &abort_one, &ignored);
	}
	vss_info("writer \"%s\" is left out: %s failed", session_writer_name(w), vss_event_word(event));
}

/*
 * W50: a failed handler at freeze or thaw is everybody's failure.  A failed PostSnapshot costs the writer its
 * grade; the bar decides then.
 */
static bool
stops_the_set(const struct vss_session *s, const struct session_part *p, enum vss_event event)
{
	if (event == VSS_EVENT_FREEZE || event == VSS_EVENT_THAW)
		if (!p->writer->vetoed)
			return true;
	return p->named || !s->o.skip_failed_writers;
}

int
session_judge(struct vss_session *s, enum vss_event event, struct vss_err *err)
{
	for (size_t i = 0; i < s->nparts; i++) {
		struct session_part *p = &s->parts[i];
		if (p->left_out || !session_writer_failed(p->writer))
			continue;
		bool stop = stops_the_set(s, p, event);
		if (stop && event == VSS_EVENT_POST_SNAPSHOT)
			continue;
		if (stop)
			return session_blame(p->writer, event, VSS_GRADE, err);
		leave_out(s, p, event);
	}
	return 0;
}
