/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/conversation.h"

#include "wire/line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 65536 };

static void
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void
vss_conversation_init(struct vss_conversation *c, int in, int out)
{
	*c = (struct vss_conversation){ .in = in, .out = out, .input = VSS_BUF_INIT, .output = VSS_BUF_INIT };
	set_nonblocking(in);
	if (out != in)
		set_nonblocking(out);
}

void
vss_conversation_hang_up(struct vss_conversation *c)
{
	if (c->out >= 0 && c->out == c->in)
		shutdown(c->out, SHUT_WR);
	else if (c->out >= 0)
		close(c->out);
	c->out = -1;
	vss_buf_free(&c->output);
}

void
vss_conversation_close(struct vss_conversation *c)
{
	if (c->out == c->in)
		c->out = -1;
	vss_conversation_hang_up(c);
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
	vss_buf_free(&c->input);
	c->taken = c->scanned = 0;
}

void
vss_conversation_restart(struct vss_conversation *c)
{
	c->bytes = c->lines = 0;
}

int
vss_conversation_fill(struct vss_conversation *c, struct vss_err *err)
{
	vss_buf_consume(&c->input, c->taken);
	c->scanned -= c->taken;
	c->taken = 0;

	vss_buf_reserve(&c->input, READ_SIZE);
	ssize_t n = read(c->in, c->input.data + c->input.len, READ_SIZE);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* A reset is how a socket says that the other side ended with text of ours unread. */
	if (n == 0 || (n < 0 && errno == ECONNRESET)) {
		c->ended = true;
		return 0;
	}
	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "read");
	c->input.len += (size_t)n;
	c->input.data[c->input.len] = '\0';
	return 0;
}

/* What waits without an LF: fine while it may still grow into a line. */
static int
check_rest(const struct vss_conversation *c, struct vss_err *err)
{
	size_t waiting = c->input.len - c->taken;

	if (waiting > VSS_LINE_MAX)
		return vss_fail(err, VSS_PROTOCOL, 0, "a line is longer than %u bytes", VSS_LINE_MAX);
	if (c->ended && waiting > 0)
		return vss_fail(err, VSS_PROTOCOL, 0, "the last line has no end");
	return 0;
}

int
vss_conversation_next(struct vss_conversation *c, const char **line, size_t *n, struct vss_err *err)
{
	if (c->input.len == c->scanned)
		return check_rest(c, err);
	const char *from = c->input.data + c->scanned;
	const char *lf = memchr(from, '\n', c->input.len - c->scanned);
	if (!lf) {
		c->scanned = c->input.len;
		return check_rest(c, err);
	}
	*line = c->input.data + c->taken;
	*n = (size_t)(lf - *line);
	c->taken = c->scanned = (size_t)(lf + 1 - c->input.data);
	c->bytes += *n + 1;
	c->lines++;
	if (*n > VSS_LINE_MAX)
		return vss_fail(err, VSS_PROTOCOL, 0, "a line is longer than %u bytes", VSS_LINE_MAX);
	if (c->bytes > VSS_CONVERSATION_BYTES)
		return vss_fail(err, VSS_PROTOCOL, 0, "more than %u bytes for one event", VSS_CONVERSATION_BYTES);
	if (c->lines > VSS_CONVERSATION_LINES)
		return vss_fail(err, VSS_PROTOCOL, 0, "more than %u lines for one event", VSS_CONVERSATION_LINES);
	return 1;
}

struct vss_buf *
vss_conversation_queue(struct vss_conversation *c)
{
	return &c->output;
}

static ssize_t
put(int fd, const char *data, size_t n)
{
	ssize_t done = send(fd, data, n, MSG_NOSIGNAL);

	return done < 0 && errno == ENOTSOCK ? write(fd, data, n) : done;
}

int
vss_conversation_flush(struct vss_conversation *c, struct vss_err *err)
{
	while (c->output.len > 0) {
		if (c->out < 0)
			return vss_fail(err, VSS_SYSTEM, EPIPE, "write");
		ssize_t n = put(c->out, c->output.data, c->output.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 1;
		if (n < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "write");
		vss_buf_consume(&c->output, (size_t)n);
	}
	return 0;
}
