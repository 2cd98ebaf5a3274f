/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/content_internal.h"

#include "base/mem.h"
#include "tree/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP (8 << 20)	   /* bytes between two polls */
#define BUFFER (256 << 10) /* bytes, where the kernel does not copy */
#define PIECES_MAX 65536

static enum vss_went
fatal(struct vss_err *err, int sys, const char *what)
{
	vss_fail(err, VSS_SYSTEM, sys, "%s", what);
	return VSS_WENT_FATAL;
}

static enum vss_went
count(const struct vss_content *c, uint64_t n, struct vss_err *err)
{
	*c->bytes += n;
	return c->poll && c->poll(c->ctx, err) < 0 ? VSS_WENT_FATAL : VSS_WENT_WELL;
}

/* All blocks shared, if both lie on one file system that can; *done tells. */
static enum vss_went
reflink(const struct vss_content *c, bool *done, struct vss_err *err)
{
	struct stat st;
	*done = c->size > 0 && ioctl(c->out, FICLONE, c->in) == 0;
	if (!*done)
		return VSS_WENT_WELL;
	uint64_t held = fstat(c->out, &st) == 0 ? (uint64_t)st.st_blocks * 512 : c->size;
	return count(c, held < c->size ? held : c->size, err);
}

/* Copied by the kernel: how much of `x` it took, 0 when it would rather not. */
static uint64_t
copy_in_kernel(const struct vss_content *c, const struct vss_extent *x)
{
	off_t from = (off_t)x->at, to = (off_t)x->at;
	size_t want = x->len < STEP ? (size_t)x->len : STEP;
	ssize_t n = copy_file_range(c->in, &from, c->out, &to, want, 0);
	return n > 0 ? (uint64_t)n : 0;
}

static enum vss_went
write_at(int fd, const char *data, size_t n, uint64_t at, struct vss_err *err)
{
	while (n > 0) {
		ssize_t put = pwrite(fd, data, n, (off_t)at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fatal(err, errno, "write");
		data += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return VSS_WENT_WELL;
}

static enum vss_went
copy_by_hand(const struct vss_content *c, struct vss_extent x, char *buffer, struct vss_err *err)
{
	while (x.len > 0) {
		size_t want = x.len < BUFFER ? (size_t)x.len : BUFFER;
		ssize_t got = pread(c->in, buffer, want, (off_t)x.at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			vss_fail(err, VSS_SYSTEM, errno, "read");
			return VSS_WENT_TROUBLE;
		}
		if (got == 0)
			return VSS_WENT_CHANGED;
		if (write_at(c->out, buffer, (size_t)got, x.at, err) != VSS_WENT_WELL)
			return VSS_WENT_FATAL;
		x.at += (uint64_t)got;
		x.len -= (uint64_t)got;
	}
	return VSS_WENT_WELL;
}

/* One piece, in steps; each the kernel's way, or else by hand, which also tells what is wrong. */
static enum vss_went
copy_piece(const struct vss_content *c, struct vss_extent x, char **buffer, struct vss_err *err)
{
	enum vss_went went = VSS_WENT_WELL;
	while (x.len > 0 && went == VSS_WENT_WELL) {
		uint64_t n = copy_in_kernel(c, &x);
		if (n == 0) {
			n = x.len < STEP ? x.len : STEP;
			if (!*buffer)
				*buffer = vss_alloc(BUFFER);
			went = copy_by_hand(c, (struct vss_extent){ x.at, n }, *buffer, err);
		}
		x.at += n;
		x.len -= n;
		if (went == VSS_WENT_WELL)
			went = count(c, n, err);
	}
	return went;
}

static enum vss_went
copy_pieces(const struct vss_content *c, const struct vss_extents *x, struct vss_err *err)
{
	VSS_AUTOFREE char *buffer = NULL;
	enum vss_went went = VSS_WENT_WELL;
	for (size_t i = 0; i < x->n && went == VSS_WENT_WELL; i++)
		went = copy_piece(c, x->v[i], &buffer, err);
	return went;
}

enum vss_went
vss_content_clone(const struct vss_content *c, struct vss_err *err)
{
	struct vss_extents x = { NULL, 0, 0 };
	struct stat st;
	bool done;
	enum vss_went went = reflink(c, &done, err);
	if (!done && vss_extents_of(c->in, c->size, PIECES_MAX, &x, err) < 0)
		return VSS_WENT_TROUBLE;
	if (!done)
		went = copy_pieces(c, &x, err);
	vss_extents_free(&x);
	if (went != VSS_WENT_WELL)
		return went;
	/* A hole at the end has no data to tell of it, nor has a file that was cut there meanwhile. */
	if (fstat(c->in, &st) < 0 || (uint64_t)st.st_size < c->size)
		return VSS_WENT_CHANGED;
	return ftruncate(c->out, (off_t)c->size) < 0 ? fatal(err, errno, "set size") : VSS_WENT_WELL;
}

int
vss_copy_data(int in, int out, uint64_t size, struct vss_err *err)
{
	uint64_t bytes = 0;
	const struct vss_content c = { .in = in, .out = out, .size = size, .bytes = &bytes };
	enum vss_went went = vss_content_clone(&c, err);
	if (went == VSS_WENT_CHANGED)
		return vss_fail(err, VSS_CORRUPT, 0, "ends before its size");
	return went == VSS_WENT_WELL ? 0 : -1;
}
