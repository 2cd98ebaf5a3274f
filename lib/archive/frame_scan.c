/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/frame_internal.h"
#include "archive/frame_scan_internal.h"
#include "os/interrupt.h"

#include <errno.h>
#include <unistd.h>

/* Up to `n` bytes: fewer only at the end. */
static ssize_t
read_some(struct vss_frame_scan *s, unsigned char *p, size_t n, struct vss_err *err)
{
	size_t had = 0;

	while (had < n) {
		ssize_t r = s->seekable ? pread(s->fd, p + had, n - had, (off_t)s->at) : read(s->fd, p + had, n - had);

		if (r < 0 && errno == EINTR) {
			if (vss_check_interrupt(err))
				return -1;
			continue;
		}
		if (r < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "archive: read");
		if (!r)
			break;
		had += (size_t)r;
		s->at += (uint64_t)r;
	}
	return (ssize_t)had;
}

/* Read until the frame is whole, or, when it is skippable, until that is known: 1, 0 at the end of
 * the file. */
static int
read_frame(struct vss_frame_scan *s, struct vss_frame_job *job, size_t *n, struct vss_frame_shape *shape,
	struct vss_err *err)
{
	*shape = (struct vss_frame_shape){ 0 };
	*n = 0;
	do {
		ssize_t got;

		if (vss_frame_measure(job->packed, *n, shape, err))
			return vss_wrap(err, "archive: at byte %llu", (unsigned long long)(s->at - *n));
		if (shape->skippable || shape->need == *n)
			continue;
		if (shape->need > vss_frame_packed_max())
			return vss_fail(err, VSS_INVALID, 0, "archive: frame longer than any of ours");
		vss_frame_job_room(job, (size_t)shape->need);
		got = read_some(s, job->packed + *n, (size_t)shape->need - *n, err);
		if (got < 0)
			return -1;
		if (!got && !*n)
			return 0;
		*n += (size_t)got;
		if (*n < shape->need)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: incomplete: it ends within a frame");
	} while (!shape->whole || (!shape->skippable && *n < shape->need));
	return 1;
}

static int
skip(struct vss_frame_scan *s, uint64_t left, struct vss_err *err)
{
	unsigned char room[16384];

	while (left) {
		size_t part = left < sizeof room ? (size_t)left : sizeof room;
		ssize_t got = read_some(s, room, part, err);

		if (got < 0)
			return -1;
		if ((size_t)got < part)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: incomplete: it ends within its index");
		left -= part;
	}
	return 0;
}

int
vss_frame_scan_fetch(void *ctx, struct vss_frame_job *job, struct vss_err *err)
{
	struct vss_frame_scan *s = ctx;
	struct vss_frame_shape shape;
	uint64_t start;
	size_t n;
	int r;

	if (vss_check_interrupt(err)) /* a lost index is made again within one call, however long that takes */
		return -1;
	for (;;) {
		start = s->at;
		r = read_frame(s, job, &n, &shape, err);
		if (r <= 0)
			return r;
		if (!shape.skippable)
			break;
		s->in_tail = true;
		if (skip(s, shape.need - n, err))
			return -1;
	}
	if (s->in_tail)
		return vss_fail(
			err, VSS_CORRUPT, 0, "archive: data behind the index, at byte %llu", (unsigned long long)start);
	job->frame = (struct vss_frame_record){ .at = start, .stored = (uint32_t)n };
	return 1;
}
