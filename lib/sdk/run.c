/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdk/vss-writer.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "sdk/sdk_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nobody came: let go, and take the answer to freeze back, so that no copy is trusted. */
static void
pass_deadline(struct vss_sdk *w)
{
	struct vss_buf *out = vss_conversation_queue(&w->talk);

	sdk_thaw(w, VSS_SDK_THAW_DEADLINE);
	w->thawed_alone = true;
	vss_buf_reset(&w->said);
	vss_buf_reset(&w->answers);
	sdk_clear_failure(w);
	vss_line_begin(out, "fail");
	vss_line_add(out, w->freeze_seq);
	vss_line_add(out, "VSS_E_WRITERERROR_TIMEOUT");
	vss_line_add(out, "thawed by itself at its deadline");
	vss_line_end(out);
}

/* Wait until the coordinator speaks, or takes what is queued; a deadline that passes meanwhile is kept. */
static int
wait_turn(struct vss_sdk *w)
{
	bool writing = vss_conversation_queue(&w->talk)->len > 0;
	struct pollfd p[] = {
		{ .fd = writing ? -1 : w->talk.in, .events = POLLIN },
		{ .fd = writing ? w->talk.out : -1, .events = POLLOUT },
	};

	int n = poll(p, 2, w->frozen ? vss_time_poll_ms(w->deadline) : -1);
	if (n < 0 && errno != EINTR)
		return -1;
	if (w->frozen && vss_now_mono() >= w->deadline)
		w->role->pass_deadline(w);
	return 0;
}

/* Both the end of input and what can be read make it readable. */
bool
vss_sdk_is_called(const struct vss_sdk *w)
{
	struct pollfd p = { .fd = w->talk.in, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static int
flush(struct vss_sdk *w)
{
	struct vss_err err = VSS_ERR_INIT;
	int r;

	while ((r = vss_conversation_flush(&w->talk, &err)) == 1)
		if (wait_turn(w) != 0)
			return -1;
	return r;
}

static void
put_failure(const struct vss_sdk *w, struct vss_buf *out)
{
	const struct sdk_failure *f = &w->failure;

	vss_line_begin(out, f->veto ? "veto" : "fail");
	vss_line_add(out, w->seq);
	vss_line_add(out, f->code);
	vss_line_add(out, f->message);
	if (f->app) {
		VSS_AUTOFREE char *app = vss_strf("%ld", f->app);
		vss_line_add_pair(out, "app", app);
	}
}

static int
answer(struct vss_sdk *w, int result)
{
	struct vss_buf *out = vss_conversation_queue(&w->talk);

	if (result != 0)
		sdk_record_failure(w, false, "VSS_E_WRITERERROR_NONRETRYABLE", 0, vss_strf("%s failed", w->event));
	vss_buf_add(out, w->said.data, w->said.len);
	if (w->failure.given) {
		put_failure(w, out);
	} else {
		vss_line_begin(out, "ok");
		vss_line_add(out, w->seq);
		vss_buf_add(out, w->answers.data, w->answers.len);
	}
	vss_line_end(out);
	vss_buf_reset(&w->said);
	vss_buf_reset(&w->answers);
	sdk_clear_failure(w);
	return flush(w);
}

static void
clear_event(struct vss_sdk *w)
{
	for (size_t i = 0; i < w->nlines; i++)
		vss_line_clear(&w->lines[i]);
	w->nlines = 0;
	free(w->seq);
	w->seq = NULL;
	w->event = NULL;
}

/* All lines of an event are there. */
static int
take_event(struct vss_sdk *w)
{
	w->seq = vss_strdup(vss_line_word(&w->lines[0], 1));
	w->event = vss_line_word(&w->lines[0], 2);
	int r = w->event ? answer(w, w->role->handle(w)) : -1;
	bool frozen = w->frozen;
	clear_event(w);
	vss_conversation_restart(&w->talk);
	if (frozen && w->ops)
		vss_stop_point("sdk.frozen");
	return r;
}

/* 0, or -1 when the coordinator does not speak the protocol. */
static int
take_line(struct vss_sdk *w, const char *text, size_t n)
{
	struct vss_line l = VSS_LINE_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_line_parse(text, n, &l, &err) != 0)
		return -1;
	bool first = w->nlines == 0, is_event = strcmp(vss_line_word(&l, 0), "event") == 0;
	bool is_end = !first && strcmp(vss_line_word(&l, 0), "end") == 0;
	if (is_end || first != is_event) {
		vss_line_clear(&l);
		return is_end ? take_event(w) : -1;
	}
	VSS_PUSH(w->lines, w->nlines, w->clines) = l;
	return 0;
}

static int
take_lines(struct vss_sdk *w)
{
	struct vss_err err = VSS_ERR_INIT;
	const char *text;
	size_t n;
	int r;

	if (vss_conversation_fill(&w->talk, &err) != 0)
		return -1;
	while (!w->leaving && (r = vss_conversation_next(&w->talk, &text, &n, &err)) != 0)
		if (r < 0 || take_line(w, text, n) != 0)
			return -1;
	return 0;
}

/* The coordinator is gone or has said bye: nothing stays frozen, nothing half-made (W33, W34). */
static void
leave_writer(struct vss_sdk *w)
{
	if (w->frozen)
		sdk_thaw(w, VSS_SDK_THAW_END_OF_INPUT);
	if (w->begun)
		sdk_call_alone(w, w->ops->abort, "abort");
	if (w->opened)
		sdk_call_alone(w, w->ops->backup_shutdown, "backup-shutdown");
}

/* The protocol gets descriptors of its own: what a call-back or its children print or read cannot get in
 * between. */
static int
take_descriptors(struct vss_sdk *w)
{
	int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (in < 0 || out < 0 || null < 0)
		return -1;
	vss_conversation_init(&w->talk, in, out);
	if (dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return -1;
	close(null);
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

static int
converse(struct vss_sdk *w)
{
	int r = 0;

	while (r == 0 && !w->leaving && !w->talk.ended) {
		r = wait_turn(w);
		if (r == 0)
			r = flush(w);
		if (r == 0)
			r = take_lines(w);
	}
	return r;
}

static int
finish(struct vss_sdk *w, int r)
{
	clear_event(w);
	w->role->leave(w);
	vss_conversation_close(&w->talk);
	free(w->lines);
	free(w->scratch);
	free(w->freeze_seq);
	vss_buf_free(&w->said);
	vss_buf_free(&w->answers);
	return r == 0 ? 0 : 1;
}

int
sdk_converse(struct vss_sdk *w)
{
	int r = take_descriptors(w);

	return finish(w, r == 0 ? converse(w) : r);
}

static const struct sdk_role writer_role = {
	.handle = sdk_handle, .pass_deadline = pass_deadline, .leave = leave_writer
};

int
vss_sdk_run(const struct vss_sdk_ops *ops, void *self)
{
	struct vss_sdk w = { .role = &writer_role, .ops = ops, .self = self, .talk = { .in = -1, .out = -1 } };

	return sdk_converse(&w);
}

int
vss_sdk_run_on(const struct vss_sdk_ops *ops, void *self, int fd)
{
	struct vss_sdk w = { .role = &writer_role, .ops = ops, .self = self };

	vss_conversation_init(&w.talk, fd, fd);
	return finish(&w, converse(&w));
}
