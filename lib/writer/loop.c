/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* Whose descriptor a poll slot is, and what to do when something happens on it. */
struct host_poll {
	struct host_writer *w;
	void (*serve)(struct host_writer *w);
};
enum { SLOTS_PER_WRITER = 4, OWN_SLOTS = 2 };
enum { STDERR_READS = 32 }; /* a full pipe is 16 */
enum { SILENCE_MS = 200 };  /* from the end of its output to the end of its process, which says more */

struct round {
	struct vss_writers *ws;
	size_t n;
	int64_t deadline;
};

static void
serve_output(struct host_writer *w)
{
	struct vss_err err = VSS_ERR_INIT;

	/* A failure shows as its end of file or its death, with better words. */
	if (vss_conversation_flush(&w->talk, &err) < 0)
		vss_buf_reset(vss_conversation_queue(&w->talk));
}

static void
serve_input(struct host_writer *w)
{
	host_hear(w);
	if (w->talk.ended && w->silent_until == INT64_MAX)
		w->silent_until = vss_now_mono() + (w->service ? 0 : SILENCE_MS * VSS_MS);
}

static void
serve_errors(struct host_writer *w)
{
	vss_complaints_hear(&w->errors, w->label);
}

static bool
has_input(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLIN);
}

static void
serve_end(struct host_writer *w)
{
	char *how;

	/* What it said last lies in the pipe: an `ok` before the exit counts. */
	while (w->pub.alive && !w->talk.ended && has_input(w->talk.in))
		host_hear(w);
	/* Bounded: what it started may hold the other end and go on writing. */
	for (int i = 0; i < STDERR_READS && w->errors.fd >= 0 && has_input(w->errors.fd); i++)
		serve_errors(w);
	host_reap(w, &how);
	if (!w->pub.alive)
		vss_debug("writer %s: %s", w->registration, how);
	else if (w->errors.last.len > 0)
		host_lose(w, VSS_E_WRITER_NOT_RESPONDING, "%s: %s", how, w->errors.last.data);
	else
		host_lose(w, VSS_E_WRITER_NOT_RESPONDING, "%s", how);
	free(how);
}

static void
watch(struct round *r, int fd, short events, struct host_poll owner)
{
	r->ws->polls[r->n] = (struct pollfd){ .fd = fd, .events = events };
	r->ws->owners[r->n++] = owner;
}

static void
sooner(struct round *r, int64_t deadline)
{
	if (deadline < r->deadline)
		r->deadline = deadline;
}

static void
watch_writer(struct round *r, struct host_writer *w)
{
	if (!host_is_open(w))
		return;
	if (w->connecting) {
		sooner(r, w->next_try);
		sooner(r, w->awaited ? w->deadline : INT64_MAX);
		return;
	}
	watch(r, w->child.pidfd, POLLIN, (struct host_poll){ w, serve_end });
	if (w->errors.fd >= 0)
		watch(r, w->errors.fd, POLLIN, (struct host_poll){ w, serve_errors });
	if (w->pub.alive && !w->talk.ended)
		watch(r, w->talk.in, POLLIN, (struct host_poll){ w, serve_input });
	if (w->pub.alive && vss_conversation_queue(&w->talk)->len > 0)
		watch(r, w->talk.out, POLLOUT, (struct host_poll){ w, serve_output });
	sooner(r, w->next_signal);
	if (!w->pub.alive)
		return;
	sooner(r, w->silent_until);
	sooner(r, host_window_end(w));
	if (w->awaited)
		sooner(r, w->deadline);
}

/* Time limits, the narrowest meaning first: a writer that outlives its freeze window has timed out, whatever
 * it was asked. */
static void
check_times(struct host_writer *w, int64_t t)
{
	if (w->child.pid > 0 && t >= w->next_signal)
		host_signal_due(w);
	if (w->pub.alive && w->connecting && t >= w->next_try)
		host_connect_due(w);
	if (!w->pub.alive)
		return;
	if (t >= host_window_end(w))
		host_lose(w, VSS_E_WRITERERROR_TIMEOUT, "not thawed within its %u ms", w->pub.freeze_timeout_ms);
	else if (w->awaited && t >= w->deadline)
		host_lose(w,
			w->open[w->nopen - 1].event == VSS_EVENT_FREEZE ? VSS_E_WRITERERROR_TIMEOUT
									: VSS_E_WRITER_NOT_RESPONDING,
			"no answer to %s in time", vss_event_word(w->open[w->nopen - 1].event));
	else if (t >= w->silent_until)
		host_lose(w, VSS_E_WRITER_NOT_RESPONDING,
			w->service ? "the service ended the connection" : "closed its output");
}

static void
serve_all(struct vss_writers *ws, size_t from, size_t n)
{
	for (size_t i = from; i < n; i++) {
		struct host_poll *o = &ws->owners[i];

		/* Its end may have been served a moment ago, with all its descriptors. */
		if (ws->polls[i].revents != 0 && host_is_open(o->w))
			o->serve(o->w);
	}
	int64_t t = vss_now_mono();
	for (size_t i = 0; i < ws->n; i++)
		check_times(ws->v[i], t);
}

enum host_turn
host_turn(struct vss_writers *ws, int fd, int64_t deadline, bool interruptible)
{
	size_t slots = ws->n * SLOTS_PER_WRITER + OWN_SLOTS;
	struct round r = { ws, 0, deadline };

	ws->polls = vss_realloc(ws->polls, slots, sizeof *ws->polls);
	ws->owners = vss_realloc(ws->owners, slots, sizeof *ws->owners);
	watch(&r, fd, POLLIN, (struct host_poll){ NULL, NULL });
	watch(&r, interruptible ? vss_interrupt_fd() : -1, POLLIN, (struct host_poll){ NULL, NULL });
	for (size_t i = 0; i < ws->n; i++)
		watch_writer(&r, ws->v[i]);

	/* EINTR leaves revents as they were set: at nothing. */
	if (poll(ws->polls, r.n, vss_time_poll_ms(r.deadline)) < 0 && errno != EINTR)
		abort(); /* a bad descriptor or address: a bug of ours, and everybody frozen thaws by our end */
	bool fd_ready = ws->polls[0].revents != 0;
	bool interrupted = interruptible && vss_interrupted();
	serve_all(ws, OWN_SLOTS, r.n);
	if (fd_ready)
		return HOST_TURN_FD;
	return interrupted ? HOST_TURN_INTERRUPT : HOST_TURN_OVER;
}
