/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/mirror.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/beneath.h"
#include "tree/content_internal.h"
#include "tree/copy.h"
#include "tree/links.h"
#include "tree/put.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLY (VSS_APPLY_OWNER | VSS_APPLY_XATTR | VSS_APPLY_TRUSTED | VSS_APPLY_TIMES)
#define NOWHERE (-1)

struct mirror {
	int src, dst;
	dev_t dev; /* of the destination */
	const char *spare;
	int doomed; /* depth of the directory that goes with all that is in it, or NOWHERE */
	unsigned apply;
	struct vss_put *put;
	struct vss_links *links; /* files of the source with several names, by their first path */
	struct vss_mirror_report *report;
};

/* --- What only the destination has --- */

/* Is it in the source as what it is here, a directory or not?  1, 0, -1. */
static int
is_wanted(const struct mirror *m, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct stat st;
	struct vss_err why = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = vss_open_beneath(m->src, e->path, O_PATH | O_NOFOLLOW, 0, &why);

	if (fd < 0 && why.code == VSS_ABSENT)
		return 0;
	if (fd < 0) {
		*err = why;
		return -1;
	}
	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "look at the copy");
	return S_ISDIR(st.st_mode) == S_ISDIR(e->st->st_mode);
}

static bool
is_lost_and_found(const struct vss_walk_entry *e)
{
	return e->depth == 1 && S_ISDIR(e->st->st_mode) && strcmp(e->name, "lost+found") == 0;
}

static bool
is_spared(const struct mirror *m, const struct vss_walk_entry *e)
{
	return m->spare && strcmp(m->spare, e->path) == 0;
}

static enum vss_walk_verdict
prune(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct mirror *m = ctx;

	if (e->depth == 0)
		return VSS_WALK_ON;
	/* an empty subvolume could be removed like a directory */
	if (e->st->st_dev != m->dev || is_spared(m, e))
		return VSS_WALK_SKIP;
	int wanted = m->doomed != NOWHERE ? 0 : is_wanted(m, e, err);
	if (wanted < 0) {
		vss_wrap(err, "%s", e->path);
		return VSS_WALK_STOP;
	}
	if (wanted)
		return VSS_WALK_ON;
	if (is_lost_and_found(e))
		return VSS_WALK_SKIP;
	if (S_ISDIR(e->st->st_mode)) {
		if (m->doomed == NOWHERE)
			m->doomed = e->depth;
		return VSS_WALK_ON;
	}
	if (unlinkat(e->dirfd, e->name, 0) < 0 && errno != ENOENT) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: remove", e->path);
		return VSS_WALK_STOP;
	}
	m->report->removed++;
	return VSS_WALK_ON;
}

/* A directory stays where it holds shadow storage, or where something is mounted on it. */
static enum vss_walk_verdict
prune_directory(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct mirror *m = ctx;

	if (m->doomed == NOWHERE || e->depth < m->doomed)
		return VSS_WALK_ON;
	if (e->depth == m->doomed)
		m->doomed = NOWHERE;
	if (unlinkat(e->dirfd, e->name, AT_REMOVEDIR) == 0) {
		m->report->removed++;
		return VSS_WALK_ON;
	}
	if (errno == ENOENT || errno == ENOTEMPTY || errno == EBUSY)
		return VSS_WALK_ON;
	vss_fail(err, VSS_SYSTEM, errno, "%s: remove", e->path);
	return VSS_WALK_STOP;
}

/* --- What the source has --- */

static int
open_source(const struct vss_walk_entry *e, struct vss_err *err)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = vss_open_beneath(e->dirfd, e->name, flags | O_NOATIME, 0, err);

	if (fd < 0 && err->sys == EPERM)
		fd = vss_open_beneath(e->dirfd, e->name, flags, 0, err);
	return fd;
}

/* The destination's file at this path, open, when its content need not be put again; else -1, without an error. */
static int
open_same(const struct mirror *m, const char *path, int in, const struct vss_attr *a)
{
	struct vss_err why = VSS_ERR_INIT;
	struct stat st;
	VSS_AUTOCLOSE int fd = vss_open_beneath(m->dst, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, &why);

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 || (uint64_t)st.st_size != a->size)
		return -1;
	/* A file with holes must not come back without them. */
	if (a->blocks * 512 < a->size && (uint64_t)st.st_blocks > a->blocks)
		return -1;
	return vss_content_differs(in, fd, a->size, &why) == 0 ? vss_take_fd(&fd) : -1;
}

static int
put_content(struct mirror *m, const char *path, int in, const struct vss_attr *a, struct vss_err *err)
{
	int out;

	if (vss_put_open(m->put, path, &out, err) < 0)
		return -1;
	if (vss_copy_data(in, out, a->size, err) < 0) {
		vss_put_drop(m->put);
		return -1;
	}
	m->report->put++;
	return vss_put_close(m->put, a, err);
}

/* 1: it is another name of what was put, and is there; 0; -1. */
static int
put_link(struct mirror *m, const char *path, const struct vss_attr *a, struct vss_err *err)
{
	VSS_AUTOFREE char *first = NULL;
	int known = a->nlink > 1 ? vss_links_path(m->links, a->dev, a->ino, &first, err) : 0;

	if (known <= 0)
		return known;
	m->report->put++;
	return vss_put_link(m->put, path, first, err) < 0 ? -1 : 1;
}

static int
remember(struct mirror *m, const char *path, const struct vss_attr *a, struct vss_err *err)
{
	return a->nlink > 1 ? vss_links_add(m->links, a->dev, a->ino, path, err) : 0;
}

static int
put_file(struct mirror *m, const char *path, int in, const struct vss_attr *a, struct vss_err *err)
{
	VSS_AUTOCLOSE int same = a->nlink == 1 ? open_same(m, path, in, a) : -1;

	if (same < 0)
		return put_content(m, path, in, a, err);
	m->report->kept++;
	return vss_attr_apply(same, a, m->apply, NULL, err);
}

static int
put_entry(struct mirror *m, const struct vss_walk_entry *e, struct vss_err *err)
{
	bool is_file = S_ISREG(e->st->st_mode);
	const char *path = *e->path ? e->path : ".";
	struct vss_attr a = { 0 };
	VSS_AUTOCLOSE int in = is_file ? open_source(e, err) : -1;

	if ((is_file && in < 0) || vss_attr_read(e->dirfd, e->name, in, &a, err) < 0)
		return -1;
	int rc = S_ISDIR(a.mode) ? 0 : put_link(m, path, &a, err);
	if (rc == 0) {
		rc = is_file ? put_file(m, path, in, &a, err) : vss_put_entry(m->put, path, &a, err);
		if (rc == 0 && !S_ISDIR(a.mode))
			rc = remember(m, path, &a, err);
	}
	vss_attr_clear(&a);
	return rc < 0 ? -1 : 0;
}

/* Something is mounted on this directory of the destination: its own attributes lie below that. */
static bool
is_covered(const struct mirror *m, const struct vss_walk_entry *e)
{
	struct stat st;
	struct vss_err absent = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = vss_open_beneath(m->dst, e->path, O_PATH | O_DIRECTORY, 0, &absent);

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev != m->dev;
}

static enum vss_walk_verdict
put_back(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct mirror *m = ctx;

	if (e->depth && (is_spared(m, e) || (S_ISDIR(e->st->st_mode) && is_covered(m, e))))
		return VSS_WALK_SKIP;
	if (put_entry(m, e, err) == 0)
		return VSS_WALK_ON;
	vss_wrap(err, "%s", *e->path ? e->path : ".");
	return VSS_WALK_STOP;
}

static int
put_all(struct mirror *m, struct vss_err *err)
{
	static const struct vss_walk_ops ops = { .visit = put_back, .one_file_system = true, .skip_shadows = true };
	const struct vss_put_options o = { .rootfd = m->dst, .existing = VSS_PUT_REPLACE, .apply = m->apply };

	m->put = vss_put_new(&o);
	m->links = vss_links_new(-1);
	int rc = vss_walk(m->src, &ops, m, err);
	if (rc == 0)
		rc = vss_put_finish(m->put, err);
	vss_links_free(m->links);
	vss_put_free(m->put);
	return rc;
}

int
vss_mirror_tree(int srcfd, int dstfd, const char *spare, struct vss_mirror_report *report, struct vss_err *err)
{
	static const struct vss_walk_ops ops = {
		.visit = prune, .leave = prune_directory, .one_file_system = true, .skip_shadows = true
	};
	struct stat st;

	*report = (struct vss_mirror_report){ 0 };
	if (fstat(dstfd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "destination");
	struct mirror m = {
		.src = srcfd,
		.dst = dstfd,
		.dev = st.st_dev,
		.spare = spare,
		.doomed = NOWHERE,
		.apply = geteuid() == 0 ? APPLY : APPLY | VSS_APPLY_OWNER_IF_CAN,
		.report = report,
	};
	/* First what has to go, so that there is room, and no directory is in the way of a file. */
	if (vss_walk(dstfd, &ops, &m, err) < 0)
		return -1;
	return put_all(&m, err);
}
