/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/placing_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/ranges.h"
#include "os/durable.h"
#include "requester/mapping.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copy {
	const struct vss_member *of;
	int from, to;
	char *buffer;
};
#define BUFFER (1u << 20)

/* What reads as zeros in the content is written as zeros: something else may lie there. */
static int
copy_data(const struct copy *c, uint64_t from, uint64_t to, uint64_t len, struct vss_err *err)
{
	while (len) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;
		if (vss_pread_all(c->from, c->buffer, n, (off_t)from, err) < 0)
			return -1;
		ssize_t w = pwrite(c->to, c->buffer, n, (off_t)to);
		if (w < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "write");
		uint64_t done = w < 0 ? 0 : (uint64_t)w;
		from += done;
		to += done;
		len -= done;
	}
	return 0;
}

/* Of a member that has only parts of its file, the rest is what an archive before it has put there. */
static int
copy_piece(void *ctx, uint64_t from, uint64_t to, uint64_t len, struct vss_err *err)
{
	const struct copy *c = ctx;

	if (!c->of->partial)
		return copy_data(c, from, to, len, err);
	for (size_t i = 0; i < c->of->nextents; i++) {
		const struct vss_member_extent *x = &c->of->extents[i];
		uint64_t begin = x->at > from ? x->at : from;
		uint64_t end = x->at + x->len < from + len ? x->at + x->len : from + len;
		if (begin < end && copy_data(c, begin, to + (begin - from), end - begin, err) < 0)
			return -1;
	}
	return 0;
}

/* The file that the ranges go to: it is there, or it is made with the attributes of the one that they come from. */
static int
open_destination(struct placing_run *r, const char *path, const struct vss_attr *a, struct vss_err *err)
{
	const char *base;
	struct vss_err why = VSS_ERR_INIT;

	int fd = vss_open_beneath(r->p->rootfd, path + 1, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, &why);
	if (fd >= 0 || why.code != VSS_ABSENT) {
		if (fd < 0)
			*err = why;
		return fd < 0 ? vss_wrap(err, "its destination") : fd;
	}
	VSS_AUTOCLOSE int parent = vss_open_parent(r->p->rootfd, path + 1, true, &base, err);
	if (parent < 0)
		return -1;
	VSS_AUTOCLOSE int made = openat(parent, base, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
	if (made < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "make /%s", path + 1);
	if (vss_attr_apply(made, a, VSS_APPLY_OWNER | VSS_APPLY_OWNER_IF_CAN | VSS_APPLY_XATTR, NULL, err) < 0)
		return -1;
	return vss_take_fd(&made);
}

static int
map_ranges(const struct vss_bcd_directed *d, uint64_t size, struct copy *c, struct vss_err *err)
{
	struct vss_ranges from = { 0 }, to = { 0 };
	int rc = vss_ranges_parse(d->ranges, &from, err);

	if (rc == 0)
		rc = vss_ranges_parse(d->to_ranges, &to, err);
	for (size_t i = 0; rc == 0 && i < from.n; i++)
		if (from.v[i].len > size || from.v[i].at > size - from.v[i].len)
			rc = vss_fail(err, VSS_INVALID, 0, "its writer directs a range behind its end");
	if (rc == 0)
		rc = vss_ranges_map(&from, &to, copy_piece, c, err);
	vss_ranges_clear(&from);
	vss_ranges_clear(&to);
	return rc;
}

static int
put_one(struct placing_run *r, const struct vss_bcd_directed *d, uint64_t size, const struct vss_attr *a,
	struct copy *c, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOFREE char *path = vss_path_join(d->to_path, d->to_name);

	c->to = open_destination(r, path, a, err);
	if (c->to < 0)
		return -1;
	int rc = fstat(c->to, &st) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "stat") : 0;
	if (rc == 0 && !S_ISREG(st.st_mode))
		rc = vss_fail(err, VSS_EXISTS, 0, "%s: is no file", path);
	if (rc == 0)
		rc = map_ranges(d, size, c, err);
	if (rc == 0 && fsync(c->to) < 0)
		rc = vss_fail(err, VSS_SYSTEM, errno, "%s: write", path);
	if (close(c->to) < 0 && rc == 0)
		rc = vss_fail(err, VSS_SYSTEM, errno, "%s: close", path);
	return rc;
}

int
placing_put_ranges(struct placing_run *r, const struct vss_member *m, const struct vss_destination *d,
	const struct vss_attr *a, struct vss_err *err)
{
	const struct vss_bcd_component *component = r->p->components[d->files->component];
	VSS_AUTOFREE char *full = vss_strf("/%s", m->path);
	VSS_AUTOFREE char *buffer = vss_alloc(BUFFER);
	VSS_AUTOCLOSE int content = vss_unlinked_file(-1, err);
	struct copy c = { .of = m, .from = content, .buffer = buffer };

	if (content < 0)
		return -1;
	r->fd = content;
	if (placing_write_content(r, m, err) < 0)
		return -1;
	if (ftruncate(content, (off_t)m->size) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "set its size");
	for (size_t i = 0; i < component->ndirected; i++)
		if (vss_directed_is_of(&component->directed[i], full) &&
			put_one(r, &component->directed[i], m->size, a, &c, err) < 0)
			return -1;
	return 0;
}
