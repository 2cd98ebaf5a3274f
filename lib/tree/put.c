/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/put_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"
#include "base/str.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIES 100

struct vss_put *
vss_put_new(const struct vss_put_options *o)
{
	struct vss_put *p = vss_alloc(sizeof *p);

	p->o = *o;
	p->fd = p->parent = p->hold = -1;
	p->made = vss_links_new(o->rootfd);
	return p;
}

void
vss_put_set_existing(struct vss_put *p, enum vss_put_existing existing)
{
	p->o.existing = existing;
}

void
vss_put_trust(struct vss_put *p)
{
	p->o.apply |= VSS_APPLY_TRUSTED;
}

int
vss_put_finish(struct vss_put *p, struct vss_err *err)
{
	vss_put_forget_parent(p);
	vss_put_leave(p, NULL);
	if (!p->unfinished)
		return 0;
	return vss_fail(err, VSS_PARTIAL, 0, "%zu director%s did not get all attributes", p->unfinished,
		p->unfinished == 1 ? "y" : "ies");
}

int
vss_put_sync(struct vss_put *p, struct vss_err *err)
{
	for (size_t i = 0; i < p->ndisks; i++)
		if (syncfs(p->disks[i].fd) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "write what was put to the disk");
	return 0;
}

void
vss_put_free(struct vss_put *p)
{
	if (!p)
		return;
	vss_put_drop(p);
	for (size_t i = 0; i < p->ndisks; i++)
		close(p->disks[i].fd);
	free(p->disks);
	for (size_t i = 0; i < p->ndirs; i++) {
		if (p->dirs[i].fd >= 0)
			close(p->dirs[i].fd);
		vss_attr_clear(&p->dirs[i].attr);
	}
	vss_put_forget_parent(p);
	free(p->dirs);
	vss_buf_free(&p->way);
	vss_links_free(p->made);
	free(p);
}

size_t
vss_put_disowned(const struct vss_put *p)
{
	return p->disowned;
}

int
vss_put_apply(struct vss_put *p, int fd, const struct vss_attr *a, struct vss_err *err)
{
	struct stat st;
	bool owner = p->o.apply & VSS_APPLY_OWNER;

	if (vss_attr_apply(fd, a, p->o.apply | (owner ? VSS_APPLY_OWNER_IF_CAN : 0), NULL, err) < 0)
		return -1;
	if (owner && fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	p->disowned += owner && (st.st_uid != a->uid || st.st_gid != a->gid);
	return 0;
}

static bool
is_there(int parent, const char *base)
{
	struct stat st;
	return fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A file without a name where the file system can, else under a temporary one. */
static int
open_unnamed(struct vss_put *p, int parent, struct vss_err *err)
{
	p->fd = openat(parent, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (p->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL))
		goto opened;
	for (int i = 0; p->fd < 0 && i < TRIES; i++) {
		vss_put_temp_name(p, &p->temp);
		p->fd = openat(parent, p->temp, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
		if (p->fd < 0 && errno != EEXIST)
			break;
	}
opened:
	if (p->fd >= 0)
		return 0;
	vss_fail(err, VSS_SYSTEM, errno, "create");
	free(p->temp);
	p->temp = NULL;
	return -1;
}

int
vss_put_open(struct vss_put *p, const char *path, int *fd, struct vss_err *err)
{
	const char *base;
	int parent = vss_put_parent(p, path, &base, err);

	if (parent < 0)
		return -1;
	if ((p->o.existing == VSS_PUT_SKIP || p->o.existing == VSS_PUT_REFUSE) && is_there(parent, base))
		return p->o.existing == VSS_PUT_SKIP ? 1 : vss_fail(err, VSS_EXISTS, EEXIST, "put");
	if (open_unnamed(p, parent, err) < 0)
		return -1;
	p->name = vss_strdup(base);
	*fd = p->fd;
	return 0;
}

void
vss_put_drop(struct vss_put *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->temp)
		unlinkat(p->parent, p->temp, 0);
	free(p->temp);
	free(p->name);
	p->temp = p->name = NULL;
	p->fd = -1;
}

static int
remember(struct vss_put *p, int fd, struct vss_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	return vss_links_add(p->made, st.st_dev, st.st_ino, NULL, err);
}

int
vss_put_close(struct vss_put *p, const struct vss_attr *a, struct vss_err *err)
{
	int rc = -1;

	if (ftruncate(p->fd, (off_t)a->size) < 0) /* a hole at its end */
		vss_fail(err, VSS_SYSTEM, errno, "set its size");
	else if (vss_put_apply(p, p->fd, a, err) == 0 && remember(p, p->fd, err) == 0)
		rc = vss_put_name(p, p->parent, p->fd, p->temp, p->name, err);
	if (rc == 0) {
		free(p->temp);
		p->temp = NULL;
		if (close(p->fd) < 0) /* where quotas and networks report late */
			rc = vss_fail(err, VSS_SYSTEM, errno, "close");
		p->fd = -1;
	}
	vss_put_drop(p);
	return rc;
}

/* --- what is not a file --- */

static int
enter_directory(struct vss_put *p, int parent, const char *base, const char *path, const struct vss_attr *a,
	struct vss_err *err)
{
	int fd = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return vss_fail(
			err, errno == ENOTDIR || errno == ELOOP ? VSS_EXISTS : VSS_SYSTEM, errno, "open directory");
	return vss_put_enter(p, path, fd, a, err);
}

static int
put_directory(struct vss_put *p, int parent, const char *base, const char *path, const struct vss_attr *a,
	struct vss_err *err)
{
	bool made = mkdirat(parent, base, 0700) == 0;

	if (!made && errno == EEXIST && p->o.existing == VSS_PUT_REPLACE) {
		struct stat st;
		if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode))
			made = unlinkat(parent, base, 0) == 0 && mkdirat(parent, base, 0700) == 0;
		else
			errno = EEXIST;
	}
	if (!made && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "make directory");
	if (enter_directory(p, parent, base, path, a, err) < 0)
		return -1;
	p->dirs[p->ndirs - 1].fresh = made;
	return 0;
}

int
vss_put_way(struct vss_put *p, const char *path, const struct vss_attr *a, struct vss_err *err)
{
	const char *base;

	if (strcmp(path, ".") == 0)
		return 0;
	vss_put_leave(p, path);
	int parent = vss_put_parent(p, path, &base, err);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, base, 0700) < 0)
		return errno == EEXIST ? 0 : vss_fail(err, VSS_SYSTEM, errno, "make directory");
	return enter_directory(p, parent, base, path, a, err);
}

static int
make_node(int parent, const char *name, const struct vss_attr *a)
{
	if (S_ISLNK(a->mode))
		return symlinkat(a->link ? a->link : "", parent, name);
	return mknodat(parent, name, (a->mode & S_IFMT) | 0600, a->rdev);
}

/*
 * What was made under a name may be something else by now, where others may write too; the attributes are for
 * nothing but the thing made.
 */
static int
open_made(int parent, const char *name, const struct vss_attr *a, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOCLOSE int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open");
	if ((st.st_mode & S_IFMT) != (a->mode & S_IFMT) || st.st_nlink != 1 || st.st_uid != geteuid())
		return vss_fail(err, VSS_DENIED, 0, "something else took its place");
	return vss_take_fd(&fd);
}

static int
put_node(struct vss_put *p, int parent, const char *base, const struct vss_attr *a, struct vss_err *err)
{
	VSS_AUTOFREE char *temp = NULL;
	int made = -1;

	for (int i = 0; made < 0 && i < TRIES; i++) {
		vss_put_temp_name(p, &temp);
		made = make_node(parent, temp, a);
		if (made < 0 && errno != EEXIST)
			return vss_fail(err, VSS_SYSTEM, errno, "make");
	}
	vss_stop_point("restore.temporary");
	VSS_AUTOCLOSE int fd = open_made(parent, temp, a, err);
	int rc = fd < 0 ? -1 : vss_put_apply(p, fd, a, err);
	if (rc == 0)
		rc = remember(p, fd, err);
	if (rc == 0)
		rc = vss_put_name(p, parent, fd, temp, base, err);
	if (rc != 0)
		unlinkat(parent, temp, 0);
	return rc;
}

static int
put_root(struct vss_put *p, const struct vss_attr *a, struct vss_err *err)
{
	int fd = openat(p->o.rootfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "open");
	vss_put_leave(p, NULL);
	return vss_put_enter(p, ".", fd, a, err);
}

int
vss_put_entry(struct vss_put *p, const char *path, const struct vss_attr *a, struct vss_err *err)
{
	const char *base;
	bool device = S_ISCHR(a->mode) || S_ISBLK(a->mode);

	if (device && !(p->o.apply & VSS_APPLY_TRUSTED))
		return vss_fail(err, VSS_DENIED, 0, "a device node from an archive that is not trusted");
	if (strcmp(path, ".") == 0)
		return S_ISDIR(a->mode) ? put_root(p, a, err) : vss_fail(err, VSS_INVALID, 0, "not a directory");
	if (S_ISDIR(a->mode))
		vss_put_leave(p, path);
	int parent = vss_put_parent(p, path, &base, err);
	if (parent < 0)
		return -1;
	return S_ISDIR(a->mode) ? put_directory(p, parent, base, path, a, err) : put_node(p, parent, base, a, err);
}

/* The file at `path`, if it was put by us: 1 with *fd, 0, -1. */
static int
open_ours(const struct vss_put *p, const char *path, int *fd, struct vss_err *err)
{
	struct stat st;

	*fd = vss_open_beneath(p->o.rootfd, path, O_PATH | O_NOFOLLOW, 0, err);
	if (*fd < 0)
		return -1;
	int ours = fstat(*fd, &st) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "stat")
				       : vss_links_has(p->made, st.st_dev, st.st_ino, err);
	if (ours != 1) {
		close(*fd);
		*fd = -1;
	}
	return ours;
}

/* The first name of a hard link: where it was put, or beside what was there. */
static int
open_target(const struct vss_put *p, const char *target, struct vss_err *err)
{
	int fd, rc = open_ours(p, target, &fd, err);

	for (unsigned n = 1; rc == 0 && n <= VSS_PUT_BESIDE_MAX && p->o.existing == VSS_PUT_KEEP_BOTH; n++) {
		struct vss_err ignored;
		VSS_AUTOFREE char *dir = vss_path_dir(target), *name = vss_put_beside(vss_path_base(target), n);
		VSS_AUTOFREE char *path = strcmp(dir, ".") == 0 ? vss_strdup(name) : vss_path_join(dir, name);
		if (open_ours(p, path, &fd, &ignored) == 1)
			return fd;
	}
	if (rc < 0)
		return vss_wrap(err, "link to %s", target);
	return rc == 1 ? fd : vss_fail(err, VSS_DENIED, 0, "link to %s, which this restore did not make", target);
}

int
vss_put_link(struct vss_put *p, const char *path, const char *target, struct vss_err *err)
{
	const char *base;
	int parent = vss_put_parent(p, path, &base, err);

	if (parent < 0)
		return -1;
	if (p->o.existing == VSS_PUT_SKIP && is_there(parent, base))
		return 1;
	VSS_AUTOCLOSE int fd = open_target(p, target, err);
	return fd < 0 ? -1 : vss_put_name(p, parent, fd, NULL, base, err);
}
