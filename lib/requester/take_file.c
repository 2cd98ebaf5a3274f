/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/take_file.h"

#include "base/log.h"
#include "base/mem.h"
#include "requester/convert.h"

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

static int
report_progress(struct vss_take *t, uint64_t more, struct vss_err *err)
{
	t->bytes += more;
	if (!t->progress)
		return 0;
	return t->progress(t->ctx, t->files, t->bytes, t->total_files, t->total_bytes, err);
}

/* One piece of data.  0; 1 when the file ended early or could not be read, *why says so. */
static int
put_piece(struct vss_taking *t, int fd, struct vss_extent x, struct vss_err *why, struct vss_err *err)
{
	while (x.len) {
		size_t want = x.len < VSS_TAKE_BUFFER ? (size_t)x.len : VSS_TAKE_BUFFER;
		ssize_t n = pread(fd, t->buffer, want, (off_t)x.at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n < 0)
				vss_fail(why, VSS_SYSTEM, errno, "read");
			else
				vss_fail(why, VSS_CORRUPT, 0, "it became shorter while it was read");
			return 1;
		}
		if (vss_archive_put_data(t->take->archive, x.at, t->buffer, (size_t)n, err) < 0 ||
			report_progress(t->take, (uint64_t)n, err) < 0)
			return -1;
		x.at += (uint64_t)n;
		x.len -= (uint64_t)n;
	}
	return 0;
}

static int
put_content(struct vss_taking *t, int fd, const struct vss_extents *x, const char *path, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	int rc = 0;

	for (size_t i = 0; i < x->n && rc == 0; i++)
		rc = put_piece(t, fd, x->v[i], &why, err);
	if (rc < 0 || vss_archive_end_member(t->take->archive, rc == 1, err) < 0)
		return -1;
	return rc == 0 ? 0 : trouble(t, path, S_IFREG, &why);
}

/* Put the member; a file without further names gets its content behind it. */
static int
put_member(struct vss_taking *t, struct vss_member *m, int fd, const struct vss_extents *x, const char *path,
	struct vss_err *err)
{
	struct vss_take *take = t->take;
	struct vss_err why = VSS_ERR_INIT;

	if (vss_archive_begin_member(take->archive, m, &why) < 0) {
		if (why.code == VSS_UNSUPPORTED ||
			why.code == VSS_INVALID) /* what no archive can hold: the rest goes on */
			return trouble(t, path, m->mode, &why);
		*err = why;
		return -1;
	}
	take->files++;
	if (S_ISREG(m->mode) && !m->hardlink)
		return put_content(t, fd, x, path, err);
	if (vss_archive_end_member(take->archive, false, err) < 0)
		return -1;
	return report_progress(take, 0, err);
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

static int
take_open(struct vss_taking *t, const struct vss_take_entry *e, int fd, struct vss_err *err)
{
	struct vss_attr a = { 0 };
	struct vss_extents x = { 0 };
	struct vss_member m = { 0 };
	struct vss_err why = VSS_ERR_INIT;
	const char *inside = strcmp(e->path, "/") == 0 ? "." : e->path + 1;
	bool file = S_ISREG(e->st->st_mode);

	if (vss_attr_read(e->dirfd, e->name, fd, &a, &why) < 0 ||
		(file && vss_extents_of(fd, a.size, EXTENTS_MAX, &x, &why) < 0)) {
		vss_attr_clear(&a);
		return trouble(t, e->path, e->st->st_mode, &why);
	}
	vss_member_of_attr(&m, inside, &a, file ? &x : NULL);
	int rc = first_name(t, e->st, &m, err);
	bool linked = rc == 1;
	if (rc >= 0)
		rc = put_member(t, &m, fd, &x, e->path, err);
	if (rc == 0 && !linked && !S_ISDIR(e->st->st_mode) && e->st->st_nlink > 1)
		rc = vss_links_add(t->links, e->st->st_dev, e->st->st_ino, inside, err);
	vss_member_clear(&m);
	vss_extents_free(&x);
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
		return 0;
	t->take->bytes += stored < size ? stored : size;
	return linked ? vss_links_add(t->links, st->st_dev, st->st_ino, NULL, err) : 0;
}

int
vss_take_file(struct vss_taking *t, const struct vss_take_entry *e, struct vss_err *err)
{
	mode_t type = e->st->st_mode;
	int fd = -1;

	if (S_ISSOCK(type)) {
		VSS_AUTOFREE char *shown = vss_escaped(e->path);
		if (t->take->archive)
			vss_info("%s: a socket, left out", shown);
		return 0;
	}
	if (!t->take->archive)
		return count_only(t, e->st, err);
	if (S_ISREG(type) || S_ISDIR(type)) {
		fd = open_for_reading(e->dirfd, e->name);
		if (fd < 0) {
			struct vss_err why = VSS_ERR_INIT;
			vss_fail(&why, VSS_SYSTEM, errno, "open");
			return trouble(t, e->path, type, &why);
		}
	}
	int rc = take_open(t, e, fd, err);
	if (fd >= 0)
		close(fd);
	return rc;
}
