/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Content and attributes on their way into the copy: from the source as it is read, or from what was kept apart of it.
 */

static int
cancelled(void *ctx, struct vss_err *err)
{
	const struct vss_clone *c = ctx;
	return atomic_load(&c->ps->cancelled) ? vss_fail(err, VSS_INTERRUPTED, 0, "the set has been given up") : 0;
}

/* A change as recent as the margin may have gone on after the file was read, with the same time. */
static void
note(const struct vss_clone *c, struct vss_clone_inode *i, const struct vss_attr *a, bool whole)
{
	const struct timespec changed = { .tv_sec = a->ctime_s, .tv_nsec = a->ctime_ns };

	i->sign = (struct vss_clone_sign){ (int64_t)a->size, a->mtime_s * VSS_S + a->mtime_ns,
		a->ctime_s * VSS_S + a->ctime_ns };
	i->clean = whole && !vss_clone_is_later(&changed, &c->moment);
	i->lost = false;
}

static void
begin_to_read(struct vss_clone *c)
{
	vss_clone_now(&c->moment);
	if (c->moment.tick_ns < c->margin_ns / 2)
		c->moment.tick_ns = c->margin_ns / 2;
}

static int
apply(int fd, const struct vss_attr *a, struct vss_err *err)
{
	unsigned how = VSS_APPLY_XATTR | VSS_APPLY_TRUSTED | VSS_APPLY_TIMES;

	how |= geteuid() != 0 ? VSS_APPLY_OWNER_IF_CAN : VSS_APPLY_OWNER;
	return vss_attr_apply(fd, a, how, NULL, err);
}

/* Nothing is known of it but its name: an empty file without permissions. */
static int
make_stand_in(struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	x->inode->lost = true;
	x->inode->clean = false;
	if (mknodat(dirfd, x->name, S_IFREG, 0))
		return vss_fail(err, VSS_SYSTEM, errno, "stand-in");
	return 0;
}

static int
make_node(const struct vss_clone_change *x, const struct vss_attr *a, int dirfd, struct vss_err *err)
{
	int r = S_ISLNK(a->mode) ? symlinkat(a->link, dirfd, x->name)
				 : mknodat(dirfd, x->name, (a->mode & S_IFMT) | 0600, a->rdev);
	if (r)
		return vss_fail(err, VSS_SYSTEM, errno, "make");
	VSS_AUTOCLOSE int fd = vss_open_beneath(dirfd, x->name, O_PATH | O_NOFOLLOW, 0, err);
	return fd < 0 ? -1 : apply(fd, a, err);
}

static int
lose_or_fail(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	return vss_clone_lose(c, x->path, x->inode->type, err) ? -1 : make_stand_in(x, dirfd, err);
}

static bool
is_device(mode_t type)
{
	return S_ISCHR(type) || S_ISBLK(type);
}

/* A link, device, FIFO or socket has no content: all of it is made at once. */
static int
make_special(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	struct vss_attr a = { 0 };

	begin_to_read(c);
	if (vss_attr_read(x->dirfd, x->source, -1, &a, err)) {
		if (err->code != VSS_ABSENT)
			return lose_or_fail(c, x, dirfd, err);
		vss_forgive(err);
		c->report.torn++;
		return 1;
	}
	if ((a.mode & S_IFMT) != x->inode->type) {
		vss_attr_clear(&a);
		c->report.torn++;
		return 1;
	}
	int r = make_node(x, &a, dirfd, err);
	if (r == 0)
		note(c, x->inode, &a, true);
	else if (err->sys == EPERM && is_device(a.mode) && geteuid() != 0)
		r = lose_or_fail(c, x, dirfd, err);
	vss_attr_clear(&a);
	return r;
}

static int
make_kept(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	if (make_node(x, &x->a, dirfd, err))
		return -1;
	note(c, x->inode, &x->a, true);
	return 0;
}

int
vss_clone_make(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	mode_t type = x->inode->type;

	if (x->what == VSS_CLONE_LOSE || (x->inode->lost && x->kept))
		return make_stand_in(x, dirfd, err);
	if (!S_ISDIR(type) && !S_ISREG(type))
		return x->kept ? make_kept(c, x, dirfd, err) : make_special(c, x, dirfd, err);
	int r = S_ISDIR(type) ? mkdirat(dirfd, x->name, 0700) : mknodat(dirfd, x->name, S_IFREG | 0600, 0);
	return r ? vss_fail(err, VSS_SYSTEM, errno, "make") : 0;
}

static int
open_copy(const struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	if (geteuid() != 0)
		(void)fchmodat(dirfd, x->name, 0600, 0);
	return vss_open_beneath(dirfd, x->name, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0, err);
}

static int
close_copy(int fd, int r, struct vss_err *err)
{
	return close(fd) == 0 || r != 0 ? r : vss_fail(err, VSS_SYSTEM, errno, "close");
}

/* What could not be read: its file in the copy stands in for it. */
static int
empty_out(struct vss_clone_change *x, int out, struct vss_err *err)
{
	x->inode->lost = true;
	x->inode->clean = false;
	return ftruncate(out, 0) || fchmod(out, 0) ? vss_fail(err, VSS_SYSTEM, errno, "stand-in") : 0;
}

static int
dress(const struct vss_attr *a, bool nodump, int out, struct vss_err *err)
{
	if (apply(out, a, err))
		return -1;
	if (nodump)
		vss_copy_set_nodump(out);
	return 0;
}

static int
fill_live(struct vss_clone *c, struct vss_clone_change *x, int out, struct vss_err *err)
{
	const struct vss_copy_one one = { x->dirfd, x->source, x->inode->dev, x->inode->ino, out, c->writes_alone,
		cancelled, c };
	struct vss_attr a = { 0 };
	uint64_t bytes = 0;
	int r = 0;

	begin_to_read(c);
	int64_t since = vss_now_mono();
	enum vss_took took = vss_copy_one(&one, &a, &bytes, err);
	c->report.copy_ns += vss_now_mono() - since;
	c->report.bytes += bytes;
	c->report.torn += took == VSS_TOOK_CHANGED || took == VSS_TOOK_GONE;
	if (took == VSS_TOOK_FATAL)
		r = -1;
	else if (took == VSS_TOOK_GONE)
		r = 1;
	else if (took == VSS_TOOK_TROUBLE)
		r = vss_clone_lose(c, x->path, S_IFREG, err) ? -1 : empty_out(x, out, err);
	else
		r = dress(&a, vss_copy_is_nodump(x->dirfd, x->source), out, err);
	if (r == 0 && took != VSS_TOOK_TROUBLE)
		note(c, x->inode, &a, took == VSS_TOOK_WELL);
	vss_attr_clear(&a);
	return r;
}

static int
fill_kept(struct vss_clone *c, struct vss_clone_change *x, int out, struct vss_err *err)
{
	if (x->inode->lost)
		return empty_out(x, out, err);
	for (size_t i = 0; i < x->pieces.n; i++)
		if (cancelled(c, err) || vss_clone_spool_get(&c->spool, &x->pieces.v[i], out, err))
			return -1;
	if (ftruncate(out, (off_t)x->a.size))
		return vss_fail(err, VSS_SYSTEM, errno, "set size");
	if (dress(&x->a, x->nodump, out, err))
		return -1;
	note(c, x->inode, &x->a, true);
	return 0;
}

int
vss_clone_fill(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err)
{
	if (!S_ISREG(x->inode->type))
		return 0;
	int out = open_copy(x, dirfd, err);
	if (out < 0)
		return -1;
	return close_copy(out, x->kept ? fill_kept(c, x, out, err) : fill_live(c, x, out, err), err);
}

int
vss_clone_seal(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err)
{
	struct vss_attr live = { 0 };
	const struct vss_attr *a = x->kept ? &x->a : &live;

	if (x->kept && x->inode->lost)
		return 0;
	begin_to_read(c);
	if (!x->kept && vss_attr_read(x->dirfd, x->source, -1, &live, err)) {
		if (err->code != VSS_ABSENT)
			return vss_clone_lose(c, x->path, S_IFDIR, err);
		vss_forgive(err);
		c->report.torn++;
		return 0;
	}
	int fd = vss_clone_open_dir(c, x->inode, err);
	bool nodump = x->kept ? x->nodump : vss_copy_is_nodump(x->dirfd, x->source);
	int r = fd < 0 ? -1 : dress(a, nodump, fd, err);
	if (r == 0)
		note(c, x->inode, a, true);
	vss_attr_clear(&live);
	return r;
}
