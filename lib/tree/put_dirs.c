/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/put_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_DIRS 64 /* innermost directories that keep their descriptor */

static void
copy_attr(struct vss_attr *to, const struct vss_attr *from)
{
	*to = *from;
	to->link = NULL;
	to->xattrs = vss_alloc((from->nxattrs + 1) * sizeof *to->xattrs);
	for (size_t i = 0; i < from->nxattrs; i++)
		to->xattrs[i] = (struct vss_xattr){ vss_strdup(from->xattrs[i].name),
			vss_memdup(from->xattrs[i].value, from->xattrs[i].size), from->xattrs[i].size };
}

/* Its descriptor, opened again if need be: then it must still be the directory that we made. */
static int
reopen(struct vss_put *p, struct vss_put_dir *d, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strndup(p->way.data, d->len);
	struct stat st;

	if (d->fd >= 0)
		return 0;
	int fd = vss_open_beneath(p->o.rootfd, path, O_RDONLY | O_DIRECTORY, 0, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || st.st_dev != d->dev || st.st_ino != d->ino) {
		close(fd);
		return vss_fail(err, VSS_DENIED, 0, "%s: was replaced by another directory meanwhile", path);
	}
	d->fd = fd;
	return 0;
}

static int
leave_one(struct vss_put *p, struct vss_err *err)
{
	struct vss_put_dir *d = &p->dirs[p->ndirs - 1];
	int rc = reopen(p, d, err);

	if (rc == 0)
		rc = vss_put_apply(p, d->fd, &d->attr, err);
	if (rc == 0)
		rc = vss_links_add(p->made, d->dev, d->ino, NULL, err);
	if (rc < 0)
		vss_wrap(err, "%.*s", (int)d->len, p->way.data);
	if (d->fd >= 0)
		close(d->fd);
	vss_attr_clear(&d->attr);
	p->ndirs--;
	p->way.len = p->ndirs ? p->dirs[p->ndirs - 1].len : 0;
	if (p->way.data)
		p->way.data[p->way.len] = '\0';
	return rc;
}

static bool
is_inside(const struct vss_put *p, const struct vss_put_dir *d, const char *path)
{
	if (d->len == 0)
		return true;
	return strncmp(path, p->way.data, d->len) == 0 && path[d->len] == '/';
}

/*
 * What fails here concerns a directory that was put long ago, not the entry that leads us out of it: it is
 * told at the end.
 */
void
vss_put_leave(struct vss_put *p, const char *path)
{
	while (p->ndirs && !(path && is_inside(p, &p->dirs[p->ndirs - 1], path))) {
		struct vss_err err = VSS_ERR_INIT;
		if (leave_one(p, &err) < 0) {
			vss_complain("%s", err.text);
			p->unfinished++;
		}
	}
}

void
vss_put_forget_parent(struct vss_put *p)
{
	if (p->late && utimensat(p->parent, "", p->late_times, AT_EMPTY_PATH) < 0) {
		vss_complain("%s: set times: %s", p->last_parent, strerror(errno));
		p->unfinished++;
	}
	p->late = false;
	if (p->hold >= 0)
		close(p->hold);
	p->hold = -1;
	if (p->parent >= 0)
		close(p->parent);
	p->parent = -1;
	free(p->last_parent);
	p->last_parent = NULL;
}

/* The file system of a directory that something is about to be put into. */
static int
note_disk(struct vss_put *p, int dirfd, struct vss_err *err)
{
	struct stat st;

	if (fstat(dirfd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	for (size_t i = p->ndisks; i-- > 0;)
		if (p->disks[i].dev == st.st_dev)
			return 0;
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES) /* one that we may write and not read: the next will do */
		return 0;
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open directory");
	VSS_PUSH(p->disks, p->ndisks, p->cdisks) = (struct vss_put_disk){ st.st_dev, fd };
	return 0;
}

/* An entry that comes when its directory has been left already: that one has its times, and keeps them. */
static int
note_late(struct vss_put *p, struct vss_err *err)
{
	struct stat st;

	if (fstat(p->parent, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	int known = vss_links_has(p->made, st.st_dev, st.st_ino, err);
	p->late = known == 1;
	p->late_times[0] = st.st_atim;
	p->late_times[1] = st.st_mtim;
	return known < 0 ? -1 : 0;
}

int
vss_put_parent(struct vss_put *p, const char *path, const char **base, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	*base = vss_path_base(path);
	if (p->last_parent && strcmp(p->last_parent, dir) == 0)
		return p->parent;
	vss_put_forget_parent(p);
	vss_put_leave(p, path);
	struct vss_put_dir *d = p->ndirs ? &p->dirs[p->ndirs - 1] : NULL;
	if (d && reopen(p, d, err) < 0)
		return -1;
	const char *rest = d && d->len ? path + d->len + 1 : path;
	p->parent = vss_open_parent(d ? d->fd : p->o.rootfd, rest, true, base, err);
	if (p->parent < 0)
		return -1;
	if (note_disk(p, p->parent, err) < 0 || ((!d || strchr(rest, '/')) && note_late(p, err) < 0)) {
		vss_put_forget_parent(p);
		return -1;
	}
	if (!p->late && (!d || !d->fresh))
		vss_put_sweep(p->parent);
	p->last_parent = vss_take(&dir);
	return p->parent;
}

int
vss_put_enter(struct vss_put *p, const char *path, int fd, const struct vss_attr *a, struct vss_err *err)
{
	struct stat st;
	struct vss_put_dir d = { .fd = fd };

	if (fstat(fd, &st) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "stat");
		close(fd);
		return -1;
	}
	d.dev = st.st_dev;
	d.ino = st.st_ino;
	copy_attr(&d.attr, a);
	vss_buf_reset(&p->way);
	vss_buf_str(&p->way, strcmp(path, ".") == 0 ? "" : path);
	d.len = p->way.len;
	VSS_PUSH(p->dirs, p->ndirs, p->cdirs) = d;
	if (p->ndirs > OPEN_DIRS && p->dirs[p->ndirs - 1 - OPEN_DIRS].fd >= 0) {
		close(p->dirs[p->ndirs - 1 - OPEN_DIRS].fd);
		p->dirs[p->ndirs - 1 - OPEN_DIRS].fd = -1;
	}
	return 0;
}
