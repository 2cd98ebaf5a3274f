/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMPLAINT_BYTES = 4096 };

static void
clear_said(struct actor *a)
{
	for (size_t i = 0; i < a->nsaid; i++)
		vss_line_clear(&a->said[i]);
	a->nsaid = 0;
	vss_strv_free(&a->texts);
	vss_line_clear(&a->answer);
}

int
actor_start(struct actor *a, unsigned manner, struct vss_err *err)
{
	if (vss_check_interrupt(err) != 0)
		return -1;
	if (manner & TRIAL_SCRATCH) {
		VSS_AUTOFREE char *dir = trial_scratch(a->t, err);

		if (!dir)
			return -1;
		a->scratch = vss_strf("%s/%s", dir, trial_subject(a->t)->name);
		if (vss_bare_writer_start(trial_subject(a->t), dir, &a->w, err) != 0)
			return -1;
	} else if (vss_bare_writer_start(trial_subject(a->t), NULL, &a->w, err) != 0) {
		return -1;
	}
	a->started = true;
	return 0;
}

/* What it complains of is drained, so that it never waits for us, and its end is kept for messages. */
static void
hear_complaint(struct actor *a)
{
	char text[4096];
	ssize_t n = read(a->w.errfd, text, sizeof text);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(a->w.errfd);
		a->w.errfd = -1;
		return;
	}
	vss_buf_add(&a->complaint, text, (size_t)n);
	if (a->complaint.len > COMPLAINT_BYTES)
		vss_buf_consume(&a->complaint, a->complaint.len - COMPLAINT_BYTES);
}

int
actor_turn(struct actor *a, int64_t deadline, struct vss_err *err)
{
	struct vss_conversation *talk = &a->w.talk;
	struct vss_err gone = VSS_ERR_INIT;
	struct pollfd p[] = {
		{ .fd = talk->ended ? -1 : talk->in, .events = POLLIN },
		{ .fd = a->w.errfd, .events = POLLIN },
		{ .fd = vss_conversation_queue(talk)->len > 0 ? talk->out : -1, .events = POLLOUT },
		{ .fd = a->over ? -1 : a->w.child.pidfd, .events = POLLIN },
		{ .fd = vss_interrupt_fd(), .events = POLLIN },
	};

	if (poll(p, sizeof p / sizeof *p, vss_time_poll_ms(deadline)) < 0 && errno != EINTR)
		return vss_fail(err, VSS_SYSTEM, errno, "poll");
	if (p[1].revents)
		hear_complaint(a);
	a->over = a->over || p[3].revents;
	if (p[2].revents && vss_conversation_flush(talk, &gone) < 0)
		vss_buf_reset(vss_conversation_queue(talk)); /* its end will be seen, and says more */
	if (p[0].revents && vss_conversation_fill(talk, err) != 0)
		return -1;
	return vss_check_interrupt(err);
}

static void
say(struct actor *a, const char *word, const struct vss_buf *pairs, unsigned manner)
{
	struct vss_buf *out = vss_conversation_queue(&a->w.talk);
	struct trial_words words = { a->t, VSS_EVENT_COUNT, manner };
	int event = vss_event_by_word(word);

	a->seq += ACTOR_STEP;
	VSS_AUTOFREE char *seq = vss_strf("%lu", a->seq);
	vss_line_begin(out, "event");
	vss_line_add(out, seq);
	vss_line_add(out, word);
	vss_buf_add(out, pairs->data, pairs->len);
	if (manner & TRIAL_UNKNOWN)
		vss_line_add_pair(out, "x-unknown", "of \"no\" meaning");
	vss_line_end(out);
	if (event >= 0) {
		words.event = (enum vss_event)event;
		trial_words(&words, NULL, out);
	}
	vss_line_begin(out, "end");
	vss_line_end(out);
}

/* Between two events it is silent. */
static int
check_silence(struct actor *a, struct vss_err *err)
{
	const char *line;
	size_t n;
	struct pollfd p = { .fd = a->w.talk.in, .events = POLLIN };

	if (!a->w.talk.ended && poll(&p, 1, 0) == 1 && vss_conversation_fill(&a->w.talk, err) != 0)
		return -1;
	int r = vss_conversation_next(&a->w.talk, &line, &n, err);
	if (r <= 0)
		return r;
	VSS_AUTOFREE char *text = vss_strndup(line, n);
	return vss_fail(err, VSS_PROTOCOL, 0, "it spoke without being asked: %s", text);
}

static int
send_event(struct actor *a, const char *word, const struct vss_buf *pairs, unsigned manner, struct vss_err *err)
{
	struct vss_err gone = VSS_ERR_INIT;

	vss_conversation_restart(&a->w.talk);
	say(a, word, pairs, manner);
	if (vss_conversation_flush(&a->w.talk, &gone) < 0)
		vss_buf_reset(vss_conversation_queue(&a->w.talk));
	return vss_check_interrupt(err);
}

int
actor_say(struct actor *a, const char *event, unsigned manner, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf pairs = VSS_BUF_INIT;

	if (strcmp(event, "freeze") == 0)
		return actor_say_freeze(a, trial_subject(a->t)->freeze_timeout_ms, manner, err);
	if (strcmp(event, "hello") == 0) {
		vss_line_add_pair(&pairs, "version", "1");
		if (a->scratch)
			vss_line_add_pair(&pairs, "scratch", a->scratch);
	}
	return send_event(a, event, &pairs, manner, err);
}

int
actor_say_freeze(struct actor *a, unsigned window_ms, unsigned manner, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf pairs = VSS_BUF_INIT;
	VSS_AUTOFREE char *window = vss_strf("%u", window_ms);

	vss_line_add_pair(&pairs, "timeout-ms", window);
	return send_event(a, "freeze", &pairs, manner, err);
}

/* Nothing more can come: its output has ended, or it has, and said all before. */
static bool
is_silent(const struct actor *a)
{
	struct pollfd p = { .fd = a->w.talk.in, .events = POLLIN };

	return a->w.talk.ended || (a->over && poll(&p, 1, 0) == 0);
}

/* The next line until `deadline`: 1, 0 when the time is over, -1 when none can come any more. */
static int
next_line(struct actor *a, int64_t deadline, const char **text, size_t *n, struct vss_err *err)
{
	int r;

	while ((r = vss_conversation_next(&a->w.talk, text, n, err)) == 0) {
		if (is_silent(a))
			return vss_fail(err, VSS_PROTOCOL, 0, "its output has ended");
		if (vss_now_mono() >= deadline)
			return 0;
		if (actor_turn(a, deadline, err) != 0)
			return -1;
	}
	return r;
}

static bool
is_answer(const struct vss_line *l)
{
	const char *word = vss_line_word(l, 0);

	return strcmp(word, "ok") == 0 || strcmp(word, "veto") == 0 || strcmp(word, "fail") == 0;
}

static int
check_freeze(const struct vss_line *l, struct vss_err *err)
{
	const char *hold = vss_line_get(l, "hold"), *commits = vss_line_get(l, "commits");

	if (hold && vss_hold_by_word(hold) < 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "hold=%s is not known", hold);
	if (commits && strcmp(commits, "stopped") != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "commits=%s is not known", commits);
	return 0;
}

static int
check_answer(const struct actor *a, unsigned long seq, const char *event, struct vss_err *err)
{
	const struct vss_line *l = &a->answer;
	const char *number = vss_line_word(l, 1), *code = vss_line_word(l, 2), *app = vss_line_get(l, "app");
	uint64_t n;
	int64_t app_error;

	if (!number || vss_parse_u64(number, &n) != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "an answer without a number");
	if (n != seq)
		return vss_fail(err, VSS_PROTOCOL, 0, "the event has the number %lu, the answer %s", seq, number);
	if (strcmp(vss_line_word(l, 0), "ok") == 0)
		return strcmp(event, "freeze") == 0 ? check_freeze(l, err) : 0;
	if (!code || vss_code_by_name(code) == VSS_OK)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s is not a code", code ? code : "nothing");
	if (app && vss_parse_i64(app, &app_error) != 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "app=%s is not a number", app);
	return 0;
}

/* One line of an answer: 1 when it is the last one. */
static int
take_line(struct actor *a, const char *text, size_t n, const char *event, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;
	int during = vss_event_by_word(event);

	if (vss_line_parse(text, n, &l, err) != 0) {
		VSS_AUTOFREE char *shown = vss_strndup(text, n < 200 ? n : 200);

		return vss_fail(err, VSS_PROTOCOL, 0, "%s: %s", shown, err->text);
	}
	if (is_answer(&l)) {
		a->answer = l;
		return 1;
	}
	enum vss_event at = during < 0 ? VSS_EVENT_HELLO : (enum vss_event)during;
	if (vss_bare_check_statement(&l, at, a->t->metadata, err) != 0) {
		vss_line_clear(&l);
		return -1;
	}
	VSS_PUSH(a->said, a->nsaid, a->csaid) = l;
	vss_strv_take(&a->texts, vss_strndup(text, n));
	return 0;
}

/* How it ended is a better reason than that its output has. */
static int
say_end(struct actor *a, const char *event, struct vss_err *err)
{
	struct vss_err end = VSS_ERR_INIT;

	if (err->code == VSS_INTERRUPTED || !is_silent(a))
		return vss_wrap(err, "%s", event);
	if (actor_gone(a, 0, &end) != 0 && end.code == VSS_INVALID)
		return vss_fail(err, VSS_PROTOCOL, 0, "%s: %s", event, end.text);
	return vss_wrap(err, "%s", event);
}

int
actor_hear(struct actor *a, unsigned long seq, const char *event, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + a->t->o->patience_ms * VSS_MS;
	const char *text;
	size_t n;
	int r;

	clear_said(a);
	do {
		r = next_line(a, deadline, &text, &n, err);
		if (r == 0)
			return vss_fail(err, VSS_TIMEOUT, 0, "%s: no answer within %u ms", event, a->t->o->patience_ms);
		if (r > 0)
			r = take_line(a, text, n, event, err);
	} while (r == 0);
	if (r < 0)
		return say_end(a, event, err);
	return check_answer(a, seq, event, err) == 0 ? 0 : vss_wrap(err, "%s", event);
}

bool
actor_agreed(const struct actor *a)
{
	return a->answer.nwords > 0 && strcmp(a->answer.words[0], "ok") == 0;
}

char *
actor_answer_text(const struct actor *a)
{
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;

	for (size_t i = 0; i < a->answer.nwords; i++) {
		vss_buf_str(&b, i > 0 ? " " : "");
		vss_buf_str(&b, a->answer.words[i]);
	}
	return vss_buf_take(&b);
}

int
actor_ask(struct actor *a, enum vss_event event, unsigned manner, struct vss_err *err)
{
	const char *word = vss_event_word(event);

	if (check_silence(a, err) != 0)
		return vss_wrap(err, "before %s", word);
	if (actor_say(a, word, manner, err) != 0 || actor_hear(a, a->seq, word, err) != 0)
		return -1;
	if (actor_agreed(a))
		return 0;
	VSS_AUTOFREE char *text = actor_answer_text(a);
	return vss_fail(err, VSS_INVALID, 0, "%s: ok was expected, it said: %s", word, text);
}

static bool
is_of_this_life(enum vss_event e, enum vss_event last)
{
	if (e <= VSS_EVENT_IDENTIFY)
		return true;
	if (last >= VSS_EVENT_PRE_RESTORE)
		return e >= VSS_EVENT_PRE_RESTORE;
	return e != VSS_EVENT_ABORT;
}

int
actor_go(struct actor *a, enum vss_event last, unsigned manner, struct vss_err *err)
{
	for (enum vss_event e = VSS_EVENT_HELLO; e <= last; e++)
		if (is_of_this_life(e, last) && actor_ask(a, e, manner, err) != 0)
			return -1;
	return 0;
}

int
actor_overhear(struct actor *a, unsigned timeout_ms, struct vss_err *err)
{
	const char *text;
	size_t n;

	clear_said(a);
	int r = next_line(a, vss_now_mono() + timeout_ms * VSS_MS, &text, &n, err);
	if (r <= 0)
		return r;
	return vss_line_parse(text, n, &a->answer, err) == 0 ? 1 : -1;
}

int
actor_put(struct actor *a, const void *p, size_t n, struct vss_err *err)
{
	struct vss_conversation *talk = &a->w.talk;
	int64_t deadline = vss_now_mono() + a->t->o->patience_ms * VSS_MS;

	vss_buf_add(vss_conversation_queue(talk), p, n);
	while (vss_conversation_queue(talk)->len > 0 && !talk->ended && !a->over) {
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "it does not read its input");
		if (actor_turn(a, deadline, err) != 0)
			return -1;
	}
	return 0;
}
