/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take_file.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/interrupt.h"
#include "requester/convert.h"
#include "requester/take_kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More pieces than this and neighbours are joined: the map stays bounded, holes may be lost, data never. */
#define EXTENTS_MAX 65536u

void
vss_take_failed(struct vss_take *t, const char *path, mode_t type, const char *why)
{
	VSS_AUTOFREE char *shown = vss_escaped(path);

	if (!t->archive) /* only counting: the second time round it will be said */
		return;
	vss_complain("%s: %s", shown, why);
	t->failed++;
	vss_choice_failed(&t->plan->choice, path, type);
}

static int
trouble(struct vss_taking *t, const char *path, mode_t type, const struct vss_err *why)
{
	vss_take_failed(t->take, path, type, why->text);
	return 1;
}

/* O_NOATIME is for owners only; the copy is read-only anyway, so without it nothing is lost. */
static int
open_for_reading(int dirfd, const char *name)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(dirfd, name, flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? openat(dirfd, name, flags) : fd;
}

int
vss_take_progress(struct vss_take *t, uint64_t more, struct vss_err *err)
{
	t->bytes += more;
	if (!t->progress)
		return 0;
	return t->progress(
		t->ctx, t->files + t->kept_files, t->bytes + t->kept_bytes, t->total_files, t->total_bytes, err);
}

/* --- content --- */

int
vss_take_map(struct vss_taking_entry *x, struct vss_err *why)
{
	if (x->mapped)
		return 0;
	if (vss_extents_of(x->fd, x->m.size, EXTENTS_MAX, &x->map, why) < 0)
		return 1;
	vss_member_set_map(&x->m, &x->map);
	x->mapped = true;
	return 0;
}

/* One piece of data.  0; 1 when the file ended early or could not be read, r->why says so. */
static int
read_piece(struct vss_taking *t, int fd, struct vss_extent x, struct vss_take_reading *r, struct vss_err *err)
{
	while (x.len) {
		size_t want = x.len < VSS_TAKE_BUFFER ? (size_t)x.len : VSS_TAKE_BUFFER;
		ssize_t n = pread(fd, t->buffer, want, (off_t)x.at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n < 0)
				vss_fail(&r->why, VSS_SYSTEM, errno, "read");
			else
				vss_fail(&r->why, VSS_CORRUPT, 0, "it became shorter while it was read");
			return 1;
		}
		if (vss_check_interrupt(err) < 0 || r->sink(r->ctx, x.at, t->buffer, (size_t)n, err) < 0)
			return -1;
		x.at += (uint64_t)n;
		x.len -= (uint64_t)n;
	}
	return 0;
}

int
vss_take_read(
	struct vss_taking *t, int fd, const struct vss_extents *x, struct vss_take_reading *r, struct vss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < x->n && rc == 0; i++)
		rc = read_piece(t, fd, x->v[i], r, err);
	return rc;
}

int
vss_take_put(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	struct vss_taking *t = ctx;

	return vss_archive_put_data(t->take->archive, at, data, n, err) < 0 ? -1 : vss_take_progress(t->take, n, err);
}

static int
put_content(struct vss_taking *t, const struct vss_taking_entry *x, struct vss_err *err)
{
	struct vss_take_reading r = { .sink = vss_take_put, .ctx = t, .why = VSS_ERR_INIT };
	int rc = vss_take_read(t, x->fd, &x->map, &r, err);

	if (rc < 0 || vss_archive_end_member(t->take->archive, rc == 1, err) < 0)
		return -1;
	return rc == 0 ? 0 : trouble(t, x->entry->path, S_IFREG, &r.why);
}

/* --- members --- */

int
vss_take_begin(struct vss_taking *t, const struct vss_taking_entry *x, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (vss_archive_begin_member(t->take->archive, &x->m, &why) == 0) {
		t->take->files++;
		return 0;
	}
	if (why.code == VSS_UNSUPPORTED || why.code == VSS_INVALID) /* what no archive can hold: the rest goes on */
		return trouble(t, x->entry->path, x->m.mode, &why);
	*err = why;
	return -1;
}

/* Put the member; a file without further names gets its content behind it. */
static int
put_member(struct vss_taking *t, const struct vss_taking_entry *x, struct vss_err *err)
{
	int rc = vss_take_begin(t, x, err);

	if (rc != 0)
		return rc;
	if (S_ISREG(x->m.mode) && !x->m.hardlink)
		return put_content(t, x, err);
	if (vss_archive_end_member(t->take->archive, false, err) < 0)
		return -1;
	return vss_take_progress(t->take, 0, err);
}

/*
 * 1: another name of a file that is in the archive already, m->hardlink is set; 0: the first name, remembered
 * once it is in.
 */
static int
first_name(struct vss_taking *t, const struct stat *st, struct vss_member *m, struct vss_err *err)
{
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
		return 0;
	return vss_links_path(t->links, st->st_dev, st->st_ino, &m->hardlink, err);
}

/* All of it, as a member. */
static int
take_whole(struct vss_taking *t, struct vss_taking_entry *x, struct vss_err *err)
{
	const struct stat *st = x->entry->st;
	struct vss_err why = VSS_ERR_INIT;

	if (S_ISREG(x->m.mode) && vss_take_map(x, &why))
		return trouble(t, x->entry->path, st->st_mode, &why);
	int rc = first_name(t, st, &x->m, err);
	bool linked = rc == 1;
	if (rc >= 0)
		rc = put_member(t, x, err);
	if (rc == 0 && !linked && !S_ISDIR(st->st_mode) && st->st_nlink > 1)
		rc = vss_links_add(t->links, st->st_dev, st->st_ino, x->m.path, err);
	return rc;
}

static int
take_open(struct vss_taking *t, struct vss_taking_entry *x, struct vss_err *err)
{
	const struct vss_take_entry *e = x->entry;
	struct vss_attr a = { 0 };
	struct vss_err why = VSS_ERR_INIT;

	if (vss_attr_read(e->dirfd, e->name, x->fd, &a, &why) < 0)
		return trouble(t, e->path, e->st->st_mode, &why);
	vss_member_of_attr(&x->m, strcmp(e->path, "/") == 0 ? "." : e->path + 1, &a);
	x->m.has_identity = e->volume;
	int rc = x->answer ? vss_take_kept(t, x, err) : 0;
	if (rc == 0)
		rc = take_whole(t, x, err);
	else if (rc > 0)
		rc = 0;
	vss_member_clear(&x->m);
	vss_extents_free(&x->map);
	return rc;
}

/* The first of a file's names counts its content. */
static int
count_only(struct vss_taking *t, const struct stat *st, struct vss_err *err)
{
	uint64_t stored = (uint64_t)st->st_blocks * 512, size = (uint64_t)st->st_size;
	bool linked = !S_ISDIR(st->st_mode) && st->st_nlink > 1;

	t->take->files++;
	int known = linked ? vss_links_has(t->links, st->st_dev, st->st_ino, err) : 0;
	if (known < 0)
		return -1;
	if (!S_ISREG(st->st_mode) || known)
		return vss_take_progress(t->take, 0, err);
	if (vss_take_progress(t->take, stored < size ? stored : size, err) < 0)
		return -1;
	return linked ? vss_links_add(t->links, st->st_dev, st->st_ino, NULL, err) : 0;
}

static int
open_and_take(struct vss_taking *t, struct vss_taking_entry *x, struct vss_err *err)
{
	const struct vss_take_entry *e = x->entry;
	mode_t type = e->st->st_mode;

	if (S_ISREG(type) || S_ISDIR(type)) {
		x->fd = open_for_reading(e->dirfd, e->name);
		if (x->fd < 0) {
			struct vss_err why = VSS_ERR_INIT;
			vss_fail(&why, VSS_SYSTEM, errno, "open");
			return trouble(t, e->path, type, &why);
		}
	}
	int rc = take_open(t, x, err);
	if (x->fd >= 0)
		close(x->fd);
	return rc;
}

int
vss_take_as(struct vss_taking *t, const struct vss_take_entry *e, const struct vss_increment_answer *answer,
	struct vss_err *err)
{
	struct vss_taking_entry x = { .entry = e, .answer = answer, .fd = -1 };

	return t->take->archive ? open_and_take(t, &x, err) : count_only(t, e->st, err);
}

int
vss_take_file(struct vss_taking *t, const struct vss_take_entry *e, struct vss_err *err)
{
	struct vss_increment_answer answer;
	mode_t type = e->st->st_mode;

	if (S_ISSOCK(type)) {
		VSS_AUTOFREE char *shown = vss_escaped(e->path);
		if (t->take->archive)
			vss_info("%s: a socket, left out", shown);
		return 0;
	}
	if (!t->take->increment || S_ISDIR(type))
		return vss_take_as(t, e, NULL, err);
	vss_increment_asks(t->take->increment, e->path, &answer);
	if (answer.take == VSS_FILE_OUT || vss_strv_has_sorted(&t->take->increment->first, e->path))
		return 0;
	return vss_take_as(t, e, &answer, err);
}
