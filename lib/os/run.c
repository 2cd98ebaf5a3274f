/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/child.h"

#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ERROR_TAIL 4096 /* of stderr: messages need its last line */

struct run {
	const char *name;
	struct vss_child child;
	int out, err; /* our ends, -1 after their end */
	struct vss_buf *text;
	struct vss_buf errors;
	size_t limit;
};

/* What is there now; the descriptor becomes -1 at its end. */
static void
drain(int *fd, struct vss_buf *to, size_t limit)
{
	while (*fd >= 0 && to->len <= limit) {
		vss_buf_reserve(to, 4096);
		ssize_t got = read(*fd, to->data + to->len, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close(*fd);
			*fd = -1;
			return;
		}
		to->len += (size_t)got;
		to->data[to->len] = '\0';
	}
}

/* Its stdout beyond the limit stays in the pipe; its stderr flows on, only the end is kept. */
static int
drain_both(struct run *r, struct vss_err *err)
{
	drain(&r->out, r->text, r->limit);
	if (r->text->len > r->limit)
		return vss_fail(err, VSS_INVALID, 0, "%s: printed more than %zu bytes", r->name, r->limit);
	bool more = true;
	while (more) {
		drain(&r->err, &r->errors, 2 * ERROR_TAIL);
		more = r->errors.len > 2 * ERROR_TAIL;
		if (r->errors.len > ERROR_TAIL)
			vss_buf_consume(&r->errors, r->errors.len - ERROR_TAIL);
	}
	return 0;
}

/* Until the command itself has ended: something that it left in the background may keep the pipes for ever. */
static int
collect(struct run *r, int64_t deadline, struct vss_err *err)
{
	for (;;) {
		struct pollfd p[] = { { r->child.pidfd, POLLIN, 0 }, { r->out, POLLIN, 0 }, { r->err, POLLIN, 0 } };
		int n = poll(p, 3, vss_time_poll_ms(deadline));
		if (n < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: poll", r->name);
		bool ended = n > 0 && p[0].revents;
		if (drain_both(r, err) < 0)
			return -1;
		if (ended)
			return 0;
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "%s: did not end in time", r->name);
	}
}

/* The line that ends before `*end`, without blanks around it: its start; *end is its end then, and the same for none. */
static size_t
line_before(const struct vss_buf *text, size_t *end)
{
	while (*end > 0 && strchr("\n\r\t ", text->data[*end - 1]))
		--*end;
	size_t start = *end;
	while (start > 0 && text->data[start - 1] != '\n')
		start--;
	return start + (*end > start ? strspn(text->data + start, "\t ") : 0);
}

/* Behind what went wrong some tools go on to warn. */
char *
vss_last_line(const struct vss_buf *text)
{
	static const char warning[] = "WARNING:";
	size_t last_end = text->len, last = line_before(text, &last_end), end = last_end, start = last;

	while (end > start && strncmp(text->data + start, warning, strlen(warning)) == 0) {
		end = start;
		start = line_before(text, &end);
	}
	if (end == start) {
		start = last;
		end = last_end;
	}
	if (start == end)
		return NULL;
	VSS_AUTOFREE char *line = vss_strndup(text->data + start, end - start);
	return vss_escaped(line);
}

static int
judge(const struct run *r, int status, struct vss_err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	VSS_AUTOFREE char *said = vss_last_line(&r->errors);
	if (WIFSIGNALED(status))
		return vss_fail(err, VSS_SYSTEM, 0, "%s: ended by signal %d%s%s", r->name, WTERMSIG(status),
			said ? ": " : "", said ? said : "");
	return vss_fail(err, VSS_SYSTEM, 0, "%s: status %d%s%s", r->name, WEXITSTATUS(status), said ? ": " : "",
		said ? said : "");
}

static int
start(struct run *r, const struct vss_run_spec *run, struct vss_err *err)
{
	int out[2], errors[2];
	if (pipe2(out, O_CLOEXEC) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: pipe", r->name);
	if (pipe2(errors, O_CLOEXEC) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: pipe", r->name);
		close(out[0]);
		close(out[1]);
		return -1;
	}
	r->out = out[0];
	r->err = errors[0];
	fcntl(r->out, F_SETFL, O_NONBLOCK);
	fcntl(r->err, F_SETFL, O_NONBLOCK);
	const struct vss_child_spec spec = {
		.argv = run->argv,
		.env = run->env,
		.search_path = !strchr(run->argv[0], '/'),
		.in = -1,
		.out = out[1],
		.errfd = errors[1],
	};
	int started = vss_child_spawn(&spec, &r->child, err);
	close(out[1]);
	close(errors[1]);
	return started;
}

int
vss_run(const char *const *argv, int timeout_ms, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	return vss_run_spec(&(struct vss_run_spec){ argv, NULL, timeout_ms, limit }, out, err);
}

int
vss_run_spec(const struct vss_run_spec *spec, struct vss_buf *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf unwanted = VSS_BUF_INIT;
	struct run r = { spec->argv[0], VSS_CHILD_NONE, -1, -1, out ? out : &unwanted, VSS_BUF_INIT, spec->limit };
	r.limit += r.text->len;
	int64_t deadline = vss_now_mono() + spec->timeout_ms * VSS_MS;
	int status, result = -1;
	if (start(&r, spec, err) == 0 && collect(&r, deadline, err) == 0 &&
		vss_child_wait(&r.child, INT64_MAX, &status, err) > 0)
		result = judge(&r, status, err);
	vss_child_end(&r.child, 0);
	if (r.out >= 0)
		close(r.out);
	if (r.err >= 0)
		close(r.err);
	vss_buf_free(&r.errors);
	return result;
}
