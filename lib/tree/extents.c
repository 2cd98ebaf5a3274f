/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_GAP 65536 /* bytes: the smallest hole that is given up first when there are too many */

void
vss_extents_free(struct vss_extents *x)
{
	free(x->v);
	*x = (struct vss_extents){ NULL, 0, 0 };
}

/* Join neighbours with less than `gap` bytes of hole between them. */
static void
join(struct vss_extents *x, uint64_t gap)
{
	size_t n = 0;
	for (size_t i = 1; i < x->n; i++) {
		struct vss_extent *last = &x->v[n];
		if (x->v[i].at - (last->at + last->len) < gap)
			last->len = x->v[i].at + x->v[i].len - last->at;
		else
			x->v[++n] = x->v[i];
	}
	x->n = x->n ? n + 1 : 0;
}

/* Behind all others.  *gap grows as room gets short. */
static void
add_extent(struct vss_extents *x, uint64_t at, uint64_t len, size_t max, uint64_t *gap)
{
	if (x->n > 0) {
		struct vss_extent *last = &x->v[x->n - 1];
		uint64_t hole = at - (last->at + last->len);
		if (hole == 0 || hole < *gap) {
			last->len = at + len - last->at;
			return;
		}
	}
	VSS_PUSH(x->v, x->n, x->cap) = (struct vss_extent){ at, len };
	while (x->n > max) {
		*gap = *gap ? *gap * 2 : FIRST_GAP;
		join(x, *gap);
	}
}

/* 1: [*at, *end) is the next data at or behind *at; 0: none; -1. */
static int
next_data(int fd, uint64_t size, uint64_t *at, uint64_t *end)
{
	off_t data = lseek(fd, (off_t)*at, SEEK_DATA);
	if (data < 0)
		return errno == ENXIO ? 0 : -1;
	if ((uint64_t)data >= size)
		return 0;
	off_t hole = lseek(fd, data, SEEK_HOLE);
	if (hole < 0)
		return errno == ENXIO ? 0 : -1; /* cut off meanwhile */
	*at = (uint64_t)data;
	*end = (uint64_t)hole < size ? (uint64_t)hole : size;
	return 1;
}

static int
scan(int fd, uint64_t size, size_t max, struct vss_extents *x)
{
	uint64_t at = 0, end = 0, gap = 0;
	int r = 0;
	while (at < size && (r = next_data(fd, size, &at, &end)) > 0) {
		add_extent(x, at, end - at, max, &gap);
		at = end;
	}
	return r < 0 ? -1 : 0;
}

int
vss_extents_of(int fd, uint64_t size, size_t max, struct vss_extents *out, struct vss_err *err)
{
	assert(max >= 1);
	struct vss_extents x = { NULL, 0, 0 };
	off_t offset = lseek(fd, 0, SEEK_CUR);
	int r = offset < 0 ? -1 : scan(fd, size, max, &x);
	if (r < 0 && (errno == EINVAL || errno == EOPNOTSUPP) && offset >= 0) {
		/* A file system that knows no holes. */
		x.n = 0;
		VSS_PUSH(x.v, x.n, x.cap) = (struct vss_extent){ 0, size };
		r = 0;
	}
	if (r == 0 && lseek(fd, offset, SEEK_SET) < 0)
		r = -1;
	if (r < 0) {
		int e = errno;
		vss_extents_free(&x);
		return vss_fail(err, VSS_SYSTEM, e, "find holes");
	}
	*out = x;
	return 0;
}
