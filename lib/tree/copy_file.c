/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 3

int
vss_copy_open(int dirfd, const char *name, struct vss_err *err)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	/* Reading is not to show in the times; but only the owner and root may ask for that. */
	int fd = vss_open_beneath(dirfd, name, flags | O_NOATIME, 0, err);
	if (fd < 0 && err->sys == EPERM)
		fd = vss_open_beneath(dirfd, name, flags, 0, err);
	if (fd < 0 && err->sys)
		vss_fail(err, err->code, err->sys, "open");
	return fd;
}

/*
 * Stores into mapped pages change the times only when the page was clean before: so what is dirty is written out, after the times were taken
 * and before the content is.
 */
int
vss_copy_flush(int fd, bool writes_alone, struct vss_err *err)
{
	const unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	int r = writes_alone ? sync_file_range(fd, 0, 0, all) : fdatasync(fd);
	if (r == 0 || errno == EROFS || errno == EINVAL || errno == EBADF || errno == EACCES)
		return 0;
	return vss_fail(err, VSS_SYSTEM, errno, "sync");
}

/*
 * A change in the same clock tick as the last one leaves ctime as it is.  A file that was changed just now is read two ticks later: then every
 * further change shows.
 */
static void
let_settle(const struct vss_attr *a)
{
	struct timespec now, tick;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	clock_getres(CLOCK_REALTIME_COARSE, &tick);
	int64_t age = (now.tv_sec - a->ctime_s) * VSS_S + now.tv_nsec - (int64_t)a->ctime_ns;
	int64_t young = 2 * (tick.tv_sec * VSS_S + tick.tv_nsec);
	if (age >= 0 && age < young)
		poll(NULL, 0, (int)((young - age) / VSS_MS) + 1);
}

bool
vss_copy_is_same(int dirfd, const char *name, const struct vss_attr *a)
{
	struct stat st;
	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == a->dev &&
	       st.st_ino == a->ino && (uint64_t)st.st_size == a->size && st.st_mtim.tv_sec == a->mtime_s &&
	       (uint32_t)st.st_mtim.tv_nsec == a->mtime_ns && st.st_ctim.tv_sec == a->ctime_s &&
	       (uint32_t)st.st_ctim.tv_nsec == a->ctime_ns;
}

/* The attributes before the content; WELL with a link made and *linked, or with the file ready to be copied. */
static enum vss_went
look_at(struct vss_tree_copy *c, struct vss_copy_item *i, int in, bool *linked, struct vss_err *err)
{
	if (vss_attr_read(i->e->dirfd, i->e->name, in, &i->a, err) < 0)
		return VSS_WENT_TROUBLE;
	if (!S_ISREG(i->a.mode)) {
		vss_fail(err, VSS_BUSY, 0, "was replaced while it was being read");
		return VSS_WENT_TROUBLE;
	}
	if (c->o->check && vss_copy_flush(in, c->writes_alone, err) < 0)
		return VSS_WENT_TROUBLE;
	return vss_copy_link(c, i, linked, err);
}

/* Content, then attributes.  Of a file that changed meanwhile what was read is kept, attributes and all: the caller decides. */
static enum vss_went
fill(struct vss_tree_copy *c, const struct vss_copy_item *i, int in, int out, struct vss_err *err)
{
	const struct vss_content content = { in, out, i->a.size, &c->report->bytes, c->o->poll, c->o->ctx };
	enum vss_went went = vss_content_clone(&content, err);
	if (went == VSS_WENT_FATAL || went == VSS_WENT_TROUBLE)
		return went;
	if (went == VSS_WENT_CHANGED && !c->o->check) {
		vss_fail(err, VSS_CORRUPT, 0, "ends before its size");
		return VSS_WENT_TROUBLE;
	}
	if (vss_copy_apply(c, out, &i->a, err) < 0)
		return VSS_WENT_FATAL;
	vss_copy_nodump(i->e, out);
	return went;
}

static enum vss_went
make_copy(struct vss_tree_copy *c, const struct vss_copy_item *i, int in, struct vss_err *err)
{
	int out = vss_open_beneath(i->parent, i->e->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, err);
	if (out < 0)
		return VSS_WENT_FATAL;
	enum vss_went went = fill(c, i, in, out, err);
	if (close(out) < 0 && went != VSS_WENT_FATAL) {
		vss_fail(err, VSS_SYSTEM, errno, "close");
		return VSS_WENT_FATAL;
	}
	if (went == VSS_WENT_TROUBLE)
		unlinkat(i->parent, i->e->name, 0);
	if (went == VSS_WENT_WELL && c->o->check && !vss_copy_is_same(i->e->dirfd, i->e->name, &i->a))
		return VSS_WENT_CHANGED;
	return went;
}

static enum vss_went
keep(struct vss_tree_copy *c, const struct vss_copy_item *i, struct vss_err *err)
{
	c->report->files++;
	return vss_copy_remember(c, i, err) < 0 ? VSS_WENT_FATAL : VSS_WENT_WELL;
}

/* WELL also for a file that is gone, with *there false. */
static enum vss_went
try_once(struct vss_tree_copy *c, struct vss_copy_item *i, bool *there, struct vss_err *err)
{
	VSS_AUTOCLOSE int in = vss_copy_open(i->e->dirfd, i->e->name, err);
	bool linked = false;
	*there = in >= 0;
	if (in < 0 && (!c->o->check || err->code != VSS_ABSENT))
		return VSS_WENT_TROUBLE;
	if (in < 0) {
		vss_forgive(err);
		return VSS_WENT_WELL;
	}
	enum vss_went went = look_at(c, i, in, &linked, err);
	if (linked || went != VSS_WENT_WELL)
		return went;
	if (c->o->check)
		let_settle(&i->a);
	uint64_t before = c->report->bytes;
	went = make_copy(c, i, in, err);
	if (went == VSS_WENT_CHANGED)
		c->report->bytes = before; /* counted by the try that is kept */
	return went == VSS_WENT_WELL ? keep(c, i, err) : went;
}

enum vss_went
vss_copy_file(struct vss_tree_copy *c, struct vss_copy_item *item, struct vss_err *err)
{
	enum vss_went went = VSS_WENT_CHANGED;
	bool there = true, changed = false;
	for (int left = TRIES; went == VSS_WENT_CHANGED && left > 0; left--) {
		if (changed)
			unlinkat(item->parent, item->e->name, 0);
		vss_attr_clear(&item->a);
		went = try_once(c, item, &there, err);
		changed = changed || went == VSS_WENT_CHANGED || (went == VSS_WENT_WELL && !there);
	}
	c->report->changed += changed;
	if (went != VSS_WENT_CHANGED)
		return went;
	c->report->torn++;
	c->report->bytes += item->a.size;
	return keep(c, item, err);
}
