/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy_internal.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/beneath.h"
#include "tree/only.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

struct tree {
	struct vss_tree_copy c;
	struct stat dst; /* the destination: not copied into itself where it lies within the source */
	struct vss_strv chosen;
	int parent;		    /* the destination's directory that was used last, or -1 */
	struct vss_buf parent_path; /* its path */
};

int
vss_copy_apply(struct vss_tree_copy *c, int fd, const struct vss_attr *a, struct vss_err *err)
{
	unsigned lost = 0;
	unsigned how = VSS_APPLY_XATTR | VSS_APPLY_TRUSTED | VSS_APPLY_TIMES;
	how |= c->o->owner_if_can ? VSS_APPLY_OWNER_IF_CAN : VSS_APPLY_OWNER;
	int r = vss_attr_apply(fd, a, how, &lost, err);
	c->report->lost += lost;
	return r;
}

/* What reads the copy may be asked to leave such things out. */
bool
vss_copy_is_nodump(int dirfd, const char *name)
{
	struct statx x;
	return statx(dirfd, name, AT_SYMLINK_NOFOLLOW, 0, &x) == 0 && x.stx_attributes & STATX_ATTR_NODUMP;
}

void
vss_copy_set_nodump(int fd)
{
	int flags;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return;
	flags |= FS_NODUMP_FL;
	(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

void
vss_copy_nodump(const struct vss_walk_entry *e, int fd)
{
	if (vss_copy_is_nodump(e->dirfd, e->name))
		vss_copy_set_nodump(fd);
}

int
vss_copy_remember(struct vss_tree_copy *c, const struct vss_copy_item *item, struct vss_err *err)
{
	const struct vss_attr *a = &item->a;
	return a->nlink > 1 ? vss_links_add(c->links, a->dev, a->ino, item->e->path, err) : 0;
}

static int
link_to(int dstfd, const char *first, const struct vss_copy_item *item, struct vss_err *err)
{
	const char *name;
	VSS_AUTOCLOSE int dir = vss_open_parent(dstfd, first, false, &name, err);
	if (dir < 0)
		return -1;
	if (linkat(dir, name, item->parent, item->e->name, 0) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "link to %s", first);
	return 0;
}

enum vss_went
vss_copy_link(struct vss_tree_copy *c, const struct vss_copy_item *item, bool *linked, struct vss_err *err)
{
	VSS_AUTOFREE char *first = NULL;
	if (item->a.nlink < 2)
		return VSS_WENT_WELL;
	int known = vss_links_path(c->links, item->a.dev, item->a.ino, &first, err);
	if (known < 0 || (known > 0 && link_to(c->dstfd, first, item, err) < 0))
		return VSS_WENT_FATAL;
	*linked = known > 0;
	return VSS_WENT_WELL;
}

/* The directory of the destination that `e` goes to. */
static int
parent_of(struct tree *t, const struct vss_walk_entry *e, struct vss_err *err)
{
	size_t name = strlen(e->name), n = e->path_len > name ? e->path_len - name - 1 : 0;
	if (t->parent >= 0 && t->parent_path.len == n && (n == 0 || memcmp(t->parent_path.data, e->path, n) == 0))
		return t->parent;
	if (t->parent >= 0)
		close(t->parent);
	vss_buf_reset(&t->parent_path);
	vss_buf_add(&t->parent_path, e->path, n);
	t->parent = vss_open_beneath(t->c.dstfd, t->parent_path.data, O_PATH | O_DIRECTORY, 0, err);
	return t->parent;
}

static int
make_node(const struct vss_copy_item *i)
{
	const struct vss_attr *a = &i->a;
	if (S_ISLNK(a->mode))
		return symlinkat(a->link, i->parent, i->e->name);
	return mknodat(i->parent, i->e->name, (a->mode & S_IFMT) | 0600, a->rdev);
}

static bool
is_device(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

/* A link, device, FIFO or socket. */
static enum vss_went
copy_node(struct vss_tree_copy *c, struct vss_copy_item *i, struct vss_err *err)
{
	bool linked = false;
	if (vss_attr_read(i->e->dirfd, i->e->name, -1, &i->a, err) < 0)
		return VSS_WENT_TROUBLE;
	if (S_ISREG(i->a.mode) || S_ISDIR(i->a.mode)) {
		vss_fail(err, VSS_BUSY, 0, "was replaced while it was being read");
		return VSS_WENT_TROUBLE;
	}
	enum vss_went went = vss_copy_link(c, i, &linked, err);
	if (linked || went != VSS_WENT_WELL)
		return went;
	if (make_node(i) < 0) {
		bool refused = errno == EPERM && is_device(i->a.mode) && c->o->owner_if_can;
		vss_fail(err, VSS_SYSTEM, errno, "make");
		return refused ? VSS_WENT_TROUBLE : VSS_WENT_FATAL;
	}
	VSS_AUTOCLOSE int fd = vss_open_beneath(i->parent, i->e->name, O_PATH | O_NOFOLLOW, 0, err);
	if (fd < 0 || vss_copy_apply(c, fd, &i->a, err) < 0 || vss_copy_remember(c, i, err) < 0)
		return VSS_WENT_FATAL;
	return VSS_WENT_WELL;
}

static enum vss_went
copy_entry(struct tree *t, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct vss_copy_item item = { .e = e, .parent = parent_of(t, e, err) };
	if (item.parent < 0)
		return VSS_WENT_FATAL;
	if (S_ISDIR(e->st->st_mode)) {
		if (mkdirat(item.parent, e->name, 0700) == 0)
			return VSS_WENT_WELL;
		vss_fail(err, VSS_SYSTEM, errno, "make directory");
		return VSS_WENT_FATAL;
	}
	enum vss_went went = S_ISREG(e->st->st_mode) ? vss_copy_file(&t->c, &item, err) : copy_node(&t->c, &item, err);
	vss_attr_clear(&item.a);
	return went;
}

/* What was replaced by something else while we read it is of another type now. */
static mode_t
type_of(const struct vss_walk_entry *e, const struct vss_err *err)
{
	return e->st && err->code != VSS_BUSY ? e->st->st_mode & S_IFMT : 0;
}

/* What cannot be read: the caller of it all decides.  In a live tree things may be gone by the time we come to them. */
static enum vss_walk_verdict
let_pass(struct tree *t, const struct vss_walk_entry *e, struct vss_err *err)
{
	const struct vss_copy_options *o = t->c.o;
	if (o->check && err->code == VSS_ABSENT) {
		t->c.report->changed++;
		return VSS_WALK_SKIP;
	}
	if (!o->trouble || o->trouble(o->ctx, e->path, type_of(e, err), err) < 0)
		return VSS_WALK_STOP;
	t->c.report->skipped++;
	return VSS_WALK_SKIP;
}

/* The same, with its path in front of *err where it stops. */
static enum vss_walk_verdict
pass_or_stop(struct tree *t, const struct vss_walk_entry *e, struct vss_err *err)
{
	enum vss_walk_verdict v = let_pass(t, e, err);
	if (v == VSS_WALK_STOP)
		vss_wrap(err, "%s", e->depth == 0 ? "." : e->path);
	else
		vss_forgive(err);
	return v;
}

static enum vss_walk_verdict
visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct tree *t = ctx;
	if (t->c.o->poll && t->c.o->poll(t->c.o->ctx, err) < 0)
		return VSS_WALK_STOP;
	if (e->depth == 0)
		return VSS_WALK_ON;
	if (e->st->st_dev == t->dst.st_dev && e->st->st_ino == t->dst.st_ino)
		return VSS_WALK_SKIP;
	enum vss_only_match match = vss_only_match(&t->chosen, e->path);
	if (match == VSS_ONLY_OUTSIDE || (match == VSS_ONLY_ABOVE && !S_ISDIR(e->st->st_mode)))
		return VSS_WALK_SKIP;
	enum vss_went went = copy_entry(t, e, err);
	if (went == VSS_WENT_WELL)
		return VSS_WALK_ON;
	if (went == VSS_WENT_TROUBLE)
		return pass_or_stop(t, e, err);
	vss_wrap(err, "%s", e->path);
	return VSS_WALK_STOP;
}

/* Entries came or went while it was being read. */
static bool
directory_changed(const struct stat *st, const struct vss_attr *a)
{
	return st->st_mtim.tv_sec != a->mtime_s || (uint32_t)st->st_mtim.tv_nsec != a->mtime_ns ||
	       st->st_ctim.tv_sec != a->ctime_s || (uint32_t)st->st_ctim.tv_nsec != a->ctime_ns;
}

/* The attributes of a directory, once nothing is made in it any more. */
static enum vss_walk_verdict
leave(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct tree *t = ctx;
	struct vss_attr a = { 0 };
	if (vss_attr_read(e->dirfd, e->name, -1, &a, err) < 0)
		return pass_or_stop(t, e, err);
	if (t->c.o->check && directory_changed(e->st, &a)) {
		t->c.report->changed++;
		t->c.report->torn++;
	}
	VSS_AUTOCLOSE int fd = vss_open_beneath(t->c.dstfd, e->path, O_RDONLY | O_DIRECTORY, 0, err);
	int r = fd < 0 ? -1 : vss_copy_apply(&t->c, fd, &a, err);
	vss_attr_clear(&a);
	if (r == 0)
		vss_copy_nodump(e, fd);
	if (r < 0)
		vss_wrap(err, "%s", e->depth == 0 ? "." : e->path);
	return r < 0 ? VSS_WALK_STOP : VSS_WALK_ON;
}

static enum vss_walk_verdict
trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	return e->depth == 0 ? VSS_WALK_STOP : let_pass(ctx, e, err);
}

/*
 * fdatasync flushes the disk each time, which takes a millisecond for a file that is clean; sync_file_range does not.  But file systems
 * that stand on others (overlay, FUSE, network) may make nothing of it, and btrfs returns while it still compresses.
 */
bool
vss_copy_writes_alone(int fd)
{
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return false;
	return fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC || fs.f_type == F2FS_SUPER_MAGIC ||
	       fs.f_type == TMPFS_MAGIC;
}

int
vss_copy_tree(
	int srcfd, int dstfd, const struct vss_copy_options *o, struct vss_copy_report *report, struct vss_err *err)
{
	static const struct vss_walk_ops ops = { visit, leave, trouble, .one_file_system = true, .skip_shadows = true };
	struct tree t = { .c = { .dstfd = dstfd, .o = o, .report = report }, .parent = -1 };
	*report = (struct vss_copy_report){ 0 };
	if (fstat(dstfd, &t.dst) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "destination");
	t.c.writes_alone = vss_copy_writes_alone(srcfd);
	t.c.links = vss_links_new(dstfd);
	vss_only_init(&t.chosen, o->only, o->nonly);
	int r = vss_walk(srcfd, &ops, &t, err);
	if (t.parent >= 0)
		close(t.parent);
	vss_buf_free(&t.parent_path);
	vss_strv_free(&t.chosen);
	vss_links_free(t.c.links);
	return r;
}
