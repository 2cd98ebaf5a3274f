/* SPDX-License-Identifier: BSD-2-Clause */
#include "holder.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, END_MS = 1000 };

void
holders_add(struct holders *h, const char *directory)
{
	VSS_PUSH(h->v, h->n, h->cap) =
		(struct holder){ .directory = directory, .child = VSS_CHILD_NONE, .to = -1, .from = -1 };
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
start(struct holder *h, long window_ms, struct vss_err *err)
{
	VSS_AUTOFREE char *ms = vss_strf("%ld", window_ms);
	const char *const argv[] = { "/proc/self/exe", "--hold", h->directory, "--hold-ms", ms, NULL };
	VSS_AUTOCLOSE int in = -1;
	VSS_AUTOCLOSE int out = -1;
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "pipe");
	in = to[0];
	h->to = to[1];
	if (pipe2(from, O_CLOEXEC) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "pipe");
	h->from = from[0];
	out = from[1];
	fcntl(h->from, F_SETFL, O_NONBLOCK);
	vss_buf_reset(&h->said);
	const struct vss_child_spec spec = { .argv = argv, .in = in, .out = out, .errfd = STDERR_FILENO };
	return vss_child_spawn(&spec, &h->child, err);
}

/* One that waits for the lock does not hear that its input has ended, and is killed. */
static void
stop(struct holder *h, int64_t deadline)
{
	struct vss_err ignored = VSS_ERR_INIT;
	int status;

	close_fd(&h->to);
	if (h->child.pid > 0 && vss_child_wait(&h->child, deadline, &status, &ignored) == 0)
		vss_child_end(&h->child, 0);
	h->child = (struct vss_child)VSS_CHILD_NONE;
	close_fd(&h->from);
	h->held = false;
}

static void
stop_all(struct holders *h)
{
	for (size_t i = 0; i < h->n; i++) {
		if (!h->v[i].held)
			vss_child_end(&h->v[i].child, 0);
		close_fd(&h->v[i].to);
	}
	int64_t deadline = vss_now_mono() + END_MS * VSS_MS;
	for (size_t i = 0; i < h->n; i++)
		stop(&h->v[i], deadline);
}

/* 1: its line is there; 0: not yet. */
static int
listen_to(struct holder *h, struct vss_err *err)
{
	char *newline;

	for (;;) {
		vss_buf_reserve(&h->said, LINE_MAX_BYTES);
		ssize_t n = read(h->from, h->said.data + h->said.len, LINE_MAX_BYTES - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0 || h->said.len + (size_t)n > LINE_MAX_BYTES)
			return vss_fail(err, VSS_SYSTEM, 0, "%s: its holder died", h->directory);
		h->said.len += (size_t)n;
		h->said.data[h->said.len] = '\0';
		newline = strchr(h->said.data, '\n');
		if (newline)
			break;
	}
	*newline = '\0';
	if (vss_str_starts(h->said.data, "failed "))
		return vss_fail(err, VSS_SYSTEM, 0, "%s", h->said.data + strlen("failed "));
	h->held = true;
	return 1;
}

/* 0: all are held; 1: not until the deadline. */
static int
wait_for_all(struct holders *h, int64_t deadline, struct vss_err *err)
{
	VSS_AUTOFREE struct pollfd *p = vss_alloc(h->n * sizeof *p);

	for (;;) {
		size_t missing = 0;

		for (size_t i = 0; i < h->n; i++) {
			if (!h->v[i].held && listen_to(&h->v[i], err) < 0)
				return -1;
			p[i] = (struct pollfd){ h->v[i].held ? -1 : h->v[i].from, POLLIN, 0 };
			missing += !h->v[i].held;
		}
		if (missing == 0)
			return 0;
		if (vss_now_mono() >= deadline)
			return 1;
		if (poll(p, h->n, vss_time_poll_ms(deadline)) < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "poll");
	}
}

static int
try_once(struct holders *h, int64_t deadline, long window_ms, struct vss_err *err)
{
	for (size_t i = 0; i < h->n; i++)
		if (start(&h->v[i], window_ms, err) != 0)
			return -1;
	return wait_for_all(h, deadline, err);
}

/*
 * An overlay may write to one database while it has a transaction in another; with the one held and the
 * other waited for we would stand in each other's way.  So all are let go of after a while, and tried
 * again for longer.
 */
int
holders_hold(struct holders *h, int64_t deadline, long window_ms, struct vss_err *err)
{
	int64_t now = vss_now_mono(), turn = (deadline - now) / 4;

	for (; now < deadline; now = vss_now_mono(), turn *= 2) {
		int r = try_once(h, now + turn < deadline ? now + turn : deadline, window_ms, err);

		if (r == 0)
			return 0;
		stop_all(h);
		if (r < 0)
			return -1;
	}
	return vss_fail(
		err, VSS_BUSY, 0, "%s: somebody else is writing all the time", h->n > 0 ? h->v[0].directory : "");
}

const char *
holder_evidence(const struct holder *h)
{
	return h->held ? h->said.data + strlen("held ") : "";
}

/* One that is being killed may look alive for a moment longer than its lock lasts; but it leaves with 0 only when it has seen its
 * input end, still holding. */
int
holders_release(struct holders *h, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + END_MS * VSS_MS;
	int result = 0;

	for (size_t i = 0; i < h->n; i++)
		close_fd(&h->v[i].to);
	for (size_t i = 0; i < h->n; i++) {
		struct holder *each = &h->v[i];
		int status = 0;

		if (each->held && (vss_child_wait(&each->child, deadline, &status, err) < 0 || status != 0))
			result = vss_fail(err, VSS_TIMEOUT, 0, "%s: was let go of before its time", each->directory);
	}
	stop_all(h);
	return result;
}

void
holders_clear(struct holders *h)
{
	stop_all(h);
	for (size_t i = 0; i < h->n; i++)
		vss_buf_free(&h->v[i].said);
	free(h->v);
	*h = (struct holders){ 0 };
}
