/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/lines.h"

#include "base/mem.h"
#include "base/utf16.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 65536 };

struct vss_lines {
	int fd, stop_fd;
	struct vss_buf raw; /* what was read */
	size_t at;	    /* where in it the next line begins */
	size_t scanned;	    /* no line ends before this place */
	size_t unit;	    /* bytes of a character at least; 0: the first bytes did not say yet */
	bool ended;	    /* there is nothing behind `raw` */
	bool failed;	    /* the line behind the last one cannot be handed out */
	size_t handed;
};

struct vss_lines *
vss_lines_new(int fd, int stop_fd)
{
	struct vss_lines *l = vss_alloc(sizeof *l);

	l->fd = fd;
	l->stop_fd = stop_fd;
	return l;
}

void
vss_lines_free(struct vss_lines *l)
{
	if (!l)
		return;
	vss_buf_free(&l->raw);
	free(l);
}

size_t
vss_lines_number(const struct vss_lines *l)
{
	return l->handed + l->failed;
}

/* 1: there is something to read; 0: look again; -1. */
static int
wait_for_it(const struct vss_lines *l, struct vss_err *err)
{
	struct pollfd fds[] = { { .fd = l->fd, .events = POLLIN }, { .fd = l->stop_fd, .events = POLLIN } };

	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : vss_fail(err, VSS_SYSTEM, errno, "wait for a line");
	if (fds[1].revents)
		return vss_fail(err, VSS_INTERRUPTED, 0, "interrupted");
	return fds[0].revents != 0;
}

/* One piece, as long as it came: a pipe that says one line gets its answer before it says the next. */
static int
read_more(struct vss_lines *l, struct vss_err *err)
{
	int ready = wait_for_it(l, err);

	if (ready <= 0)
		return ready;
	vss_buf_consume(&l->raw, l->at);
	l->scanned -= l->at;
	l->at = 0;
	vss_buf_reserve(&l->raw, CHUNK);
	ssize_t n = read(l->fd, l->raw.data + l->raw.len, CHUNK);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : vss_fail(err, VSS_SYSTEM, errno, "read a line");
	l->raw.len += (size_t)n;
	l->raw.data[l->raw.len] = '\0';
	l->ended = n == 0;
	return 0;
}

/* Does the script begin with this mark?  While that cannot be known, *open. */
static bool
begins(const struct vss_lines *l, const char *mark, bool *open)
{
	size_t n = strlen(mark), have = l->raw.len < n ? l->raw.len : n;

	if (have && memcmp(l->raw.data, mark, have) != 0)
		return false;
	*open |= have < n && !l->ended;
	return have == n;
}

static void
start(struct vss_lines *l, size_t unit, size_t mark)
{
	l->unit = unit;
	l->at = l->scanned = mark;
}

/* How it is written.  Nothing changes while its first bytes do not tell. */
static int
recognise(struct vss_lines *l, struct vss_err *err)
{
	bool open = false;

	if (begins(l, "\xFE\xFF", &open))
		return vss_fail(err, VSS_INVALID, 0, "UTF-16 with the high byte first: save it as UTF-8 or UTF-16LE");
	if (begins(l, "\xFF\xFE", &open))
		start(l, 2, 2);
	else if (begins(l, "\xEF\xBB\xBF", &open))
		start(l, 1, 3);
	else if (!open)
		start(l, 1, 0);
	return 0;
}

/* Where the end of the next line stands; NULL: not in what was read. */
static const char *
find_end(struct vss_lines *l)
{
	const char *from = l->raw.data + l->scanned, *end = l->raw.data + l->raw.len;

	if (l->unit == 1) {
		const char *lf = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;
		l->scanned = lf ? l->scanned : l->raw.len;
		return lf;
	}
	for (; end - from >= 2; from += 2, l->scanned += 2)
		if (from[0] == '\n' && !from[1])
			return from;
	return NULL;
}

static int
decode(const struct vss_lines *l, const char *p, size_t n, struct vss_buf *line)
{
	if (l->unit == 2)
		return vss_utf16_decode(line, p, n);
	vss_buf_add(line, p, n);
	return 0;
}

static int
too_long(struct vss_err *err)
{
	return vss_fail(err, VSS_INVALID, 0, "the line is longer than %u bytes", VSS_SCRIPT_LINE_MAX);
}

/* The n bytes from where the line begins are it, with a carriage return at most. */
static int
take_line(struct vss_lines *l, size_t n, struct vss_buf *line, struct vss_err *err)
{
	const char *p = l->raw.data + l->at;

	if (decode(l, p, n, line) < 0)
		return vss_fail(err, VSS_INVALID, 0, "broken UTF-16");
	if (line->len && line->data[line->len - 1] == '\r')
		line->data[--line->len] = '\0';
	if (line->len && memchr(line->data, '\0', line->len))
		return vss_fail(err, VSS_INVALID, 0, "a NUL byte stands in the line%s",
			l->unit == 1 ? ": is it UTF-16 without a mark, or no text?" : "");
	return line->len > VSS_SCRIPT_LINE_MAX ? too_long(err) : 0;
}

/* 1: the line, or the end, is in what was read; 0: more has to be read. */
static int
try_line(struct vss_lines *l, struct vss_buf *line, struct vss_err *err)
{
	size_t rest;

	if (!l->unit && recognise(l, err) < 0)
		return -1;
	if (!l->unit)
		return 0;
	const char *end = find_end(l);
	rest = l->raw.len - l->at;
	if (!end && rest > VSS_SCRIPT_LINE_MAX * l->unit + l->unit)
		return too_long(err);
	if (!end && (!l->ended || !rest))
		return l->ended;
	if (take_line(l, end ? (size_t)(end - l->raw.data) - l->at : rest, line, err) < 0)
		return -1;
	l->at = l->scanned = end ? (size_t)(end - l->raw.data) + l->unit : l->raw.len;
	l->handed++;
	return 1;
}

int
vss_lines_next(struct vss_lines *l, struct vss_buf *line, struct vss_err *err)
{
	size_t before = l->handed;
	int r;

	vss_buf_reset(line);
	vss_buf_reserve(line, 0); /* an empty line is a text, too */
	l->failed = false;
	while ((r = try_line(l, line, err)) == 0)
		if (read_more(l, err) < 0)
			return -1;
	l->failed = r < 0;
	return r < 0 ? -1 : l->handed > before;
}
