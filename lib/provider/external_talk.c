/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum {
	TURN_MS = 100,	  /* to look whether it was cancelled */
	SILENCE_MS = 200, /* from the end of its output to the end of its process, which says more */
	GRACE_MS = 1000,  /* end of input, SIGTERM, SIGKILL: this far apart */
	STDERR_READS = 32 /* a full pipe is 16 */
};

static bool
has_input(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) == 1 && (p.revents & POLLIN);
}

static bool
has_ended(const struct external_talk *t, int wait_ms)
{
	struct pollfd p = { .fd = t->child.pidfd, .events = POLLIN };

	return t->child.pid <= 0 || poll(&p, 1, wait_ms) == 1;
}

/* Its process has ended, or its output has: how, and its last words. */
static int
died(struct external_talk *t, enum external_event asked, struct vss_err *err)
{
	VSS_AUTOFREE char *how = vss_strdup("closed its output");
	siginfo_t info = { 0 };

	if (has_ended(t, SILENCE_MS) && waitid(P_PIDFD, (id_t)t->child.pidfd, &info, WEXITED | WNOWAIT) == 0) {
		free(how);
		how = info.si_code == CLD_EXITED
			      ? vss_strf("ended with status %d", info.si_status)
			      : vss_strf("was ended by signal %d (%s)", info.si_status, strsignal(info.si_status));
	}
	for (int i = 0; i < STDERR_READS && has_input(t->errors.fd); i++)
		vss_complaints_hear(&t->errors, t->label);
	VSS_AUTOFREE char *last = t->errors.last.len > 0 ? vss_escaped(t->errors.last.data) : NULL;
	return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "it %s at %s%s%s", how, external_event_word(asked),
		last ? ": " : "", last ? last : "");
}

/* All lines that have come: 1 when the answer was among them, 0, -1. */
static int
hear(struct external_talk *t, enum external_event asked, struct vss_err *err)
{
	const char *text;
	size_t n;
	int r = 0, more;

	if (vss_conversation_fill(&t->talk, err) != 0)
		return -1;
	while (r == 0 && (more = vss_conversation_next(&t->talk, &text, &n, err)) != 0) {
		if (more < 0)
			return -1;
		r = external_take_line(t, asked, text, n, err);
	}
	return r;
}

/* Wait once; true: it has said something, or ended. */
static bool
wait_turn(struct external_talk *t, int64_t deadline, bool cancellable)
{
	bool writing = vss_conversation_queue(&t->talk)->len > 0;
	struct pollfd p[] = {
		{ .fd = t->talk.in, .events = POLLIN },
		{ .fd = t->child.pidfd, .events = POLLIN },
		{ .fd = t->errors.fd, .events = POLLIN },
		{ .fd = writing ? t->talk.out : -1, .events = POLLOUT },
	};
	struct vss_err gone = VSS_ERR_INIT;
	int ms = vss_time_poll_ms(deadline);

	if (poll(p, sizeof p / sizeof *p, cancellable && ms > TURN_MS ? TURN_MS : ms) <= 0)
		return false;
	if (p[2].revents)
		vss_complaints_hear(&t->errors, t->label);
	/* Who does not read any more is seen by its end. */
	if (p[3].revents && vss_conversation_flush(&t->talk, &gone) < 0)
		vss_buf_reset(vss_conversation_queue(&t->talk));
	return p[0].revents || p[1].revents;
}

static int
await(struct external_talk *t, const struct external_question *q, int64_t deadline, struct vss_err *err)
{
	for (;;) {
		if (q->cancelled && atomic_load(q->cancelled))
			return vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up");
		bool called = wait_turn(t, deadline, q->cancelled != NULL);
		int r = called ? hear(t, q->event, err) : 0;
		if (r != 0)
			return r < 0 ? -1 : 0;
		/* What it said last counts: its end comes behind it. */
		if (called && (t->talk.ended || (has_ended(t, 0) && !has_input(t->talk.in))))
			return died(t, q->event, err);
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "no answer to %s in time",
				external_event_word(q->event));
	}
}

static void
queue_question(struct external_talk *t, const struct external_question *q)
{
	struct vss_buf *out = vss_conversation_queue(&t->talk);
	VSS_AUTOFREE char *seq = vss_strf("%lu", ++t->seq);

	vss_line_begin(out, "event");
	vss_line_add(out, seq);
	vss_line_add(out, external_event_word(q->event));
	vss_buf_add(out, q->pairs.data, q->pairs.len);
	vss_line_end(out);
	vss_buf_add(out, q->lines.data, q->lines.len);
	vss_line_begin(out, "end");
	vss_line_end(out);
}

static int
converse(struct external_talk *t, const struct external_question *q, struct vss_err *err)
{
	unsigned ms = external_event_ms(q->event);
	int64_t deadline = vss_now_mono() + (int64_t)(ms < t->limit_ms ? ms : t->limit_ms) * VSS_MS;

	if (!t->open)
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0, "it is not there any more");
	external_drop_answer(t);
	t->failed = false;
	vss_conversation_restart(&t->talk);
	queue_question(t, q);
	if (await(t, q, deadline, err) == 0)
		return t->failed ? -1 : 0;
	/* Whatever it does now, it is not believed any more: end of input tells it to undo and leave. */
	vss_conversation_hang_up(&t->talk);
	t->open = false;
	external_drop_answer(t);
	return external_breach(err);
}

int
external_ask(struct external_talk *t, struct external_question *q, struct vss_err *err)
{
	int r = converse(t, q, err);

	vss_buf_free(&q->pairs);
	vss_buf_free(&q->lines);
	return r;
}

static int
greet(struct external_talk *t, struct vss_err *err)
{
	struct external_question q = { .event = EXTERNAL_HELLO };
	VSS_AUTOFREE char *limit = vss_strf("%d", EXTERNAL_HOLD_MS);

	vss_line_add_pair(&q.pairs, "version", "1");
	vss_line_add_pair(&q.pairs, "limit-ms", limit);
	return external_ask(t, &q, err);
}

int
external_talk_start(const struct external *p, struct external_talk *t, struct vss_err *err)
{
	const struct passwd *user;
	struct vss_program program;

	*t = (struct external_talk)EXTERNAL_TALK_NONE;
	if (vss_program_user(p->user, &user, err) != 0 ||
		vss_program_start(&p->exec, &p->environment, user, &program, err) != 0)
		return vss_wrap(err, "start");
	t->label = p->label;
	t->limit_ms = p->timeout_ms;
	t->child = program.child;
	t->talk = program.talk;
	t->errors.fd = program.errfd;
	t->open = true;
	if (greet(t, err) == 0)
		return 0;
	external_talk_end(t);
	return -1;
}

/* It has the end of its input.  What it still complains of is heard, so that it never waits for us. */
static void
wait_for_end(struct external_talk *t)
{
	int64_t deadline = vss_now_mono() + GRACE_MS * VSS_MS;

	while (!has_ended(t, 0) && vss_now_mono() < deadline) {
		struct pollfd p[] = {
			{ .fd = t->child.pidfd, .events = POLLIN },
			{ .fd = t->errors.fd, .events = POLLIN },
		};
		if (poll(p, 2, vss_time_poll_ms(deadline)) > 0 && p[1].revents)
			vss_complaints_hear(&t->errors, t->label);
	}
}

/* Who has parted may leave something behind that works on, as a service would; of anybody else nothing stays. */
static void
reap_process(struct external_talk *t)
{
	struct vss_err err = VSS_ERR_INIT;
	int status;

	if (t->child.pid > 0 && t->parted && has_ended(t, 0))
		(void)vss_child_wait(&t->child, 0, &status, &err);
	vss_child_end(&t->child, GRACE_MS);
}

void
external_talk_end(struct external_talk *t)
{
	struct external_question bye = { .event = EXTERNAL_BYE };
	struct vss_err ignored = VSS_ERR_INIT;

	if (t->open)
		t->parted = external_ask(t, &bye, &ignored) == 0;
	vss_conversation_hang_up(&t->talk);
	if (t->child.pid > 0)
		wait_for_end(t);
	reap_process(t);
	vss_conversation_close(&t->talk);
	vss_complaints_close(&t->errors);
	external_drop_answer(t);
	*t = (struct external_talk)EXTERNAL_TALK_NONE;
}
