/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/walk.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "tree/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_OPEN 60 /* directories held open; those further up are opened again on the way back */

/* A directory on the way down, with the names that it had when it was opened. */
struct frame {
	int fd; /* -1: closed for want of descriptors; never so for the last frame */
	struct stat st;
	struct vss_buf names; /* each with its NUL */
	uint32_t *at;	      /* where they start, sorted */
	size_t n, cap, next;
	size_t path_len;
};

struct walk {
	int rootfd;
	const struct vss_walk_ops *ops;
	void *ctx;
	struct frame *frames;
	size_t depth, cap;
	struct vss_buf path;
	dev_t dev;
	char dents[32768];
};

static void
set_path(struct walk *w, size_t len, const char *name)
{
	w->path.len = len;
	if (len > 0 && *name)
		vss_buf_ch(&w->path, '/');
	vss_buf_str(&w->path, name);
}

/* The current path in messages. */
static const char *
shown(const struct walk *w)
{
	return w->path.len > 0 ? w->path.data : ".";
}

/* The current path as an entry, `depth` directories below the root. */
static struct vss_walk_entry
entry(const struct walk *w, int dirfd, const char *name, const struct stat *st, size_t depth)
{
	return (struct vss_walk_entry){ dirfd, name, w->path.data, w->path.len, st, (int)depth };
}

static int
trouble(struct walk *w, const struct vss_walk_entry *e, struct vss_err *err)
{
	if (w->ops->trouble && w->ops->trouble(w->ctx, e, err) != VSS_WALK_STOP)
		return vss_forgive(err);
	return vss_wrap(err, "%s", shown(w));
}

static int
leave(struct walk *w, const struct vss_walk_entry *e, struct vss_err *err)
{
	if (!w->ops->leave)
		return 0;
	return w->ops->leave(w->ctx, e, err) == VSS_WALK_STOP ? -1 : 0;
}

static void
free_frame(struct frame *f)
{
	if (f->fd >= 0)
		close(f->fd);
	vss_buf_free(&f->names);
	free(f->at);
}

static int
by_bytes(const void *a, const void *b, void *names)
{
	const char *base = names;
	return strcmp(base + *(const uint32_t *)a, base + *(const uint32_t *)b);
}

static void
add_names(struct frame *f, const char *dents, size_t n)
{
	for (size_t i = 0; i < n;) {
		const struct dirent64 *d = (const void *)(dents + i);
		i += d->d_reclen;
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		VSS_PUSH(f->at, f->n, f->cap) = (uint32_t)f->names.len;
		vss_buf_add(&f->names, d->d_name, strlen(d->d_name) + 1);
	}
}

static int
read_names(struct walk *w, struct frame *f, struct vss_err *err)
{
	ssize_t n;
	while ((n = getdents64(f->fd, w->dents, sizeof w->dents)) > 0) {
		add_names(f, w->dents, (size_t)n);
		if (f->names.len > UINT32_MAX / 2)
			return vss_fail(err, VSS_SYSTEM, EOVERFLOW, "too many names");
	}
	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "read directory");
	if (f->n > 1)
		qsort_r(f->at, f->n, sizeof *f->at, by_bytes, f->names.data);
	return 0;
}

/* Open the directory that was seen as e->st, and read it. */
static int
open_frame(struct walk *w, const struct vss_walk_entry *e, struct frame *f, struct vss_err *err)
{
	*f = (struct frame){ .st = *e->st, .path_len = w->path.len, .names = VSS_BUF_INIT };
	f->fd = vss_open_beneath(e->dirfd, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, 0, err);
	if (f->fd < 0)
		return err->sys ? vss_fail(err, err->code, err->sys, "open") : -1;
	struct stat now;
	if (fstat(f->fd, &now) < 0)
		vss_fail(err, VSS_SYSTEM, errno, "look at it");
	else if (now.st_dev != e->st->st_dev || now.st_ino != e->st->st_ino)
		vss_fail(err, VSS_BUSY, 0, "was replaced while it was being read");
	else if (read_names(w, f, err) == 0)
		return 0;
	free_frame(f);
	return -1;
}

/* Go into a directory that has been visited, if that is wanted and can be. */
static int
enter(struct walk *w, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct frame f;
	if (w->ops->one_file_system && e->st->st_dev != w->dev)
		return leave(w, e, err);
	if (open_frame(w, e, &f, err) < 0)
		return trouble(w, e, err) < 0 ? -1 : leave(w, e, err);
	VSS_PUSH(w->frames, w->depth, w->cap) = f;
	if (w->depth > MAX_OPEN) {
		struct frame *old = &w->frames[w->depth - 1 - MAX_OPEN];
		close(old->fd);
		old->fd = -1;
	}
	return 0;
}

static int
handle(struct walk *w, int dirfd, const char *name, struct vss_err *err)
{
	struct stat st;
	struct vss_walk_entry e = entry(w, dirfd, name, NULL, w->depth);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "look at it");
		return trouble(w, &e, err);
	}
	if (w->ops->skip_shadows && S_ISDIR(st.st_mode) && vss_is_shadow_storage(dirfd, name))
		return 0;
	e.st = &st;
	enum vss_walk_verdict v = w->ops->visit(w->ctx, &e, err);
	if (v == VSS_WALK_STOP)
		return -1;
	return v == VSS_WALK_ON && S_ISDIR(st.st_mode) ? enter(w, &e, err) : 0;
}

static bool
is_directory(int fd, const struct stat *st)
{
	struct stat now;
	return fd >= 0 && fstat(fd, &now) == 0 && now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* The frame above `f` again, if it was closed: through "..", or by its path when `f` was moved; it must be the same directory. */
static int
reopen_above(struct walk *w, const struct frame *f, struct vss_err *err)
{
	struct frame *up = w->depth > 1 ? &w->frames[w->depth - 2] : NULL;
	if (!up || up->fd >= 0)
		return 0;
	VSS_AUTOCLOSE int fd = openat(f->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!is_directory(fd, &up->st)) {
		VSS_AUTOFREE char *path = vss_strndup(w->path.data, up->path_len);
		if (fd >= 0)
			close(fd);
		fd = vss_open_beneath(w->rootfd, path, O_RDONLY | O_DIRECTORY, 0, err);
		if (fd < 0)
			return -1;
	}
	if (!is_directory(fd, &up->st))
		return vss_fail(err, VSS_BUSY, 0, "%s: was moved while it was being read", shown(w));
	up->fd = vss_take_fd(&fd);
	return 0;
}

/* The last frame is done. */
static int
finish(struct walk *w, struct vss_err *err)
{
	struct frame *f = &w->frames[w->depth - 1];
	set_path(w, f->path_len, "");
	if (reopen_above(w, f, err) < 0)
		return -1;
	close(f->fd);
	f->fd = -1;
	bool is_root = w->depth == 1;
	int dirfd = is_root ? w->rootfd : w->frames[w->depth - 2].fd;
	struct vss_walk_entry e = entry(w, dirfd, is_root ? "." : vss_path_base(w->path.data), &f->st, w->depth - 1);
	int r = leave(w, &e, err);
	free_frame(f);
	w->depth--;
	return r;
}

static int
step(struct walk *w, struct vss_err *err)
{
	struct frame *f = &w->frames[w->depth - 1];
	if (f->next == f->n)
		return finish(w, err);
	const char *name = f->names.data + f->at[f->next++];
	set_path(w, f->path_len, name);
	return handle(w, f->fd, name, err);
}

int
vss_walk(int rootfd, const struct vss_walk_ops *ops, void *ctx, struct vss_err *err)
{
	struct stat st;
	if (fstat(rootfd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "root of the walk");
	struct walk *w = vss_alloc(sizeof *w);
	w->rootfd = rootfd;
	w->ops = ops;
	w->ctx = ctx;
	w->dev = st.st_dev;
	set_path(w, 0, "");
	int r = handle(w, rootfd, ".", err);
	while (r == 0 && w->depth > 0)
		r = step(w, err);
	while (w->depth > 0)
		free_frame(&w->frames[--w->depth]);
	free(w->frames);
	vss_buf_free(&w->path);
	free(w);
	return r;
}
