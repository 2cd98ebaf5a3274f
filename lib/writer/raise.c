/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#include <stdlib.h>

/* How long an event may take when the caller does not say, in ms.  Freeze and thaw have the writer's own
 * window. */
static const int default_timeout_ms[VSS_EVENT_COUNT] = {
	[VSS_EVENT_HELLO] = 10000,
	[VSS_EVENT_IDENTIFY] = 10000,
	[VSS_EVENT_PREPARE_BACKUP] = 600000,
	[VSS_EVENT_PREPARE_SNAPSHOT] = 600000,
	[VSS_EVENT_POST_SNAPSHOT] = 600000,
	[VSS_EVENT_ABORT] = 30000,
	[VSS_EVENT_BACKUP_COMPLETE] = 600000,
	[VSS_EVENT_BACKUP_SHUTDOWN] = 30000,
	[VSS_EVENT_PRE_RESTORE] = 600000,
	[VSS_EVENT_POST_RESTORE] = 3600000,
	[VSS_EVENT_BYE] = 1000,
};

static int64_t
deadline_of(const struct host_writer *w, const struct vss_writers_event *e)
{
	int64_t t = vss_now_mono();

	if (e->timeout_ms > 0)
		return t + e->timeout_ms * VSS_MS;
	if (e->event == VSS_EVENT_FREEZE)
		return t + w->pub.freeze_timeout_ms * VSS_MS;
	if (e->event == VSS_EVENT_THAW && host_is_frozen(w))
		return host_window_end(w);
	int ms = default_timeout_ms[e->event];
	return t + (ms ? ms : (int)VSS_FREEZE_TIMEOUT_MS) * VSS_MS;
}

/* What the host itself adds to an event's line. */
static void
add_pairs(const struct host_writer *w, enum vss_event event, struct vss_buf *out)
{
	VSS_AUTOFREE char *window = vss_strf("%u", w->pub.freeze_timeout_ms);

	if (event == VSS_EVENT_HELLO) {
		vss_line_add_pair(out, "version", "1");
		if (w->scratch)
			vss_line_add_pair(out, "scratch", w->scratch);
	}
	if (event == VSS_EVENT_FREEZE)
		vss_line_add_pair(out, "timeout-ms", window);
}

static void
queue_event(struct host_writer *w, const struct vss_writers_event *e)
{
	struct vss_buf *out = vss_conversation_queue(&w->talk);
	VSS_AUTOFREE char *seq = vss_strf("%lu", w->seq);

	vss_line_begin(out, "event");
	vss_line_add(out, seq);
	vss_line_add(out, vss_event_word(e->event));
	add_pairs(w, e->event, out);
	vss_line_end(out);
	if (e->args)
		e->args(e->ctx, &w->pub, out);
	vss_line_begin(out, "end");
	vss_line_end(out);
}

static void
send_event(struct host_writer *w, const struct vss_writers_event *e)
{
	struct vss_err err = VSS_ERR_INIT;

	if (w->nopen == HOST_OPEN_EVENTS) {
		host_lose(w, VSS_E_WRITER_NOT_RESPONDING, "has left %d events without an answer", HOST_OPEN_EVENTS);
		w->fresh = true;
		return;
	}
	w->seq++;
	w->open[w->nopen++] = (struct host_event){ w->seq, e->event };
	w->awaited = true;
	w->deadline = deadline_of(w, e);
	vss_conversation_restart(&w->talk);
	queue_event(w, e);
	if (!w->connecting && vss_conversation_flush(&w->talk, &err) < 0)
		vss_buf_reset(vss_conversation_queue(&w->talk)); /* its death will be seen, and says more */
}

static bool
is_meant(const struct vss_writers_event *e, const struct host_writer *w)
{
	return e->filter ? e->filter(e->ctx, &w->pub) : w->pub.taking_part;
}

/* A writer that went away between two events fails at the one that does not reach it. */
static void
note_absence(struct host_writer *w, enum vss_event event)
{
	if (w->pub.error == VSS_OK)
		host_note_failure(w, event, VSS_E_WRITER_NOT_RESPONDING, "it is gone");
	else if (!vss_writer_state_is_failed(w->pub.state))
		w->pub.state = vss_state_after(event, false);
}

static void
send_to_all(struct vss_writers *ws, const struct vss_writers_event *e)
{
	for (size_t i = 0; i < ws->n; i++) {
		struct host_writer *w = ws->v[i];

		w->fresh = w->awaited = false;
		if (!is_meant(e, w))
			continue;
		if (w->pub.alive)
			send_event(w, e);
		else
			note_absence(w, e->event);
	}
}

/* Tell the caller who was resolved; false: the caller has heard enough. */
static bool
report_fresh(struct vss_writers *ws, const struct vss_writers_event *e)
{
	bool go_on = true;

	for (size_t i = 0; i < ws->n; i++) {
		if (!ws->v[i]->fresh)
			continue;
		ws->v[i]->fresh = false;
		if (e->on_answer && !e->on_answer(e->ctx, &ws->v[i]->pub))
			go_on = false;
	}
	return go_on;
}

static bool
any_awaited(const struct vss_writers *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i]->awaited)
			return true;
	return false;
}

/* What is still open stays open: a late answer is recognised by its number. */
static void
stop_waiting(struct vss_writers *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		ws->v[i]->awaited = false;
}

int
vss_writers_raise(struct vss_writers *ws, const struct vss_writers_event *e, struct vss_err *err)
{
	send_to_all(ws, e);
	while (report_fresh(ws, e) && any_awaited(ws)) {
		if (host_turn(ws, -1, INT64_MAX, !e->ignore_interrupt) != HOST_TURN_INTERRUPT)
			continue;
		stop_waiting(ws);
		report_fresh(ws, e);
		return vss_fail(err, VSS_INTERRUPTED, 0, "interrupted");
	}
	stop_waiting(ws);
	return 0;
}

/* A freeze that does not hold any more. */
static struct vss_writer *
broken_freeze(struct vss_writers *ws)
{
	for (size_t i = 0; i < ws->n; i++) {
		struct host_writer *w = ws->v[i];

		if (w->pub.taking_part && host_is_frozen(w) && (!w->pub.alive || w->withdrew))
			return &w->pub;
	}
	return NULL;
}

enum vss_wait
vss_writers_wait(struct vss_writers *ws, int fd, int64_t deadline, struct vss_writer **who)
{
	for (;;) {
		*who = broken_freeze(ws);
		if (*who)
			return VSS_WAIT_WRITER;
		if (vss_now_mono() >= deadline)
			return VSS_WAIT_DEADLINE;
		enum host_turn t = host_turn(ws, fd, deadline, true);
		if (t == HOST_TURN_INTERRUPT)
			return VSS_WAIT_INTERRUPT;
		if (t == HOST_TURN_FD && !broken_freeze(ws))
			return VSS_WAIT_FD;
	}
}
