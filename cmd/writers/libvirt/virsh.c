/* SPDX-License-Identifier: BSD-2-Clause */
#include "virsh.h"

#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 32, CHUNK = 65536 };

void
call_init(struct call *c, const char *command, const char *guest, const char *argument)
{
	*c = (struct call){ .words = { command, guest, argument }, .child = VSS_CHILD_NONE, .from = -1, .errors = -1 };
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
call_clear(struct call *c)
{
	vss_child_end(&c->child, 0);
	close_fd(&c->from);
	close_fd(&c->errors);
	vss_buf_free(&c->out);
	vss_buf_free(&c->said);
}

static int
open_pipe(int *reading, int *writing)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	*reading = p[0];
	*writing = p[1];
	return 0;
}

/* -1: it does not run, and call->reason says why. */
static int
start(const struct config *c, struct call *call)
{
	const char *argv[] = { c->virsh ? c->virsh : "virsh", "-c", config_uri(c), call->words[0], call->words[1],
		call->words[2], NULL };
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int out = -1;
	VSS_AUTOCLOSE int errors = -1;
	int r;

	if (open_pipe(&call->from, &out) != 0 || open_pipe(&call->errors, &errors) != 0) {
		r = vss_fail(&err, VSS_SYSTEM, errno, "pipe");
	} else {
		const struct vss_child_spec spec = {
			.argv = argv, .search_path = !c->virsh, .in = -1, .out = out, .errfd = errors
		};
		r = vss_child_spawn(&spec, &call->child, &err);
	}
	if (r != 0)
		snprintf(call->reason, sizeof call->reason, "%.180s", err.text);
	return r;
}

/* What is there now. */
static void
drain(int *fd, struct vss_buf *to)
{
	while (*fd >= 0) {
		vss_buf_reserve(to, CHUNK);
		ssize_t n = read(*fd, to->data + to->len, CHUNK - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || to->len + (size_t)n > VIRSH_OUTPUT_MAX) {
			close_fd(fd);
			return;
		}
		to->len += (size_t)n;
		to->data[to->len] = '\0';
	}
}

/* Its last line, without what virsh puts before it. */
static void
take_reason(struct call *call, int status)
{
	const char *text = call->said.len > 0 ? call->said.data : "";
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == '\n')
		n--;
	const char *line = text + n;
	while (line > text && line[-1] != '\n')
		line--;
	n -= (size_t)(line - text);
	if (n > 7 && strncmp(line, "error: ", 7) == 0) {
		line += 7;
		n -= 7;
	}
	VSS_AUTOFREE char *said = vss_strndup(line, n);
	VSS_AUTOFREE char *shown = vss_escaped(said);
	if (n > 0)
		snprintf(call->reason, sizeof call->reason, "%s", shown);
	else
		snprintf(call->reason, sizeof call->reason, "virsh: %s %d",
			WIFSIGNALED(status) ? "ended by signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* 1: it has ended. */
static int
look_at(struct call *call)
{
	struct vss_err err = VSS_ERR_INIT;
	int status;
	int ended = vss_child_wait(&call->child, 0, &status, &err);

	drain(&call->from, &call->out);
	drain(&call->errors, &call->said);
	if (ended == 0)
		return 0;
	call->done = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (ended < 0)
		snprintf(call->reason, sizeof call->reason, "%.180s", err.text);
	else if (!call->done)
		take_reason(call, status);
	close_fd(&call->from);
	close_fd(&call->errors);
	return 1;
}

static void
wait_for_some(struct call *const *running, size_t n, int64_t deadline)
{
	struct pollfd p[3 * AT_ONCE];

	for (size_t i = 0; i < n; i++) {
		p[3 * i] = (struct pollfd){ running[i]->child.pidfd, POLLIN, 0 };
		p[3 * i + 1] = (struct pollfd){ running[i]->from, POLLIN, 0 };
		p[3 * i + 2] = (struct pollfd){ running[i]->errors, POLLIN, 0 };
	}
	(void)poll(p, 3 * n, vss_time_poll_ms(deadline));
}

static void
cut_off(struct call *call)
{
	vss_child_end(&call->child, 0);
	call->late = true;
	snprintf(call->reason, sizeof call->reason, "no answer in time");
}

void
virsh_run(const struct config *c, struct call *calls, size_t n, int64_t deadline)
{
	struct call *running[AT_ONCE];
	size_t nrunning = 0, next = 0;

	while (next < n || nrunning > 0) {
		for (; next < n && nrunning < AT_ONCE; next++)
			if (start(c, &calls[next]) == 0)
				running[nrunning++] = &calls[next];
		if (nrunning == 0)
			continue;
		wait_for_some(running, nrunning, deadline);
		bool over = vss_now_mono() >= deadline;
		for (size_t i = 0; i < nrunning;) {
			int ended = look_at(running[i]);

			if (!ended && over)
				cut_off(running[i]);
			if (ended || over)
				running[i] = running[--nrunning];
			else
				i++;
		}
	}
}

int
virsh_one(const struct config *c, struct call *call, int64_t deadline, struct vss_buf *out, struct vss_err *err)
{
	virsh_run(c, call, 1, deadline);
	if (!call->done)
		return vss_fail(err, call->late ? VSS_TIMEOUT : VSS_SYSTEM, 0, "%s: %s: %s", config_uri(c),
			call->words[0], call->reason);
	if (out && call->out.len > 0)
		vss_buf_add(out, call->out.data, call->out.len);
	return 0;
}
