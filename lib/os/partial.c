/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/durable.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum claim { CLAIMED, AGAIN, REFUSED };

/* Locked, or on a file system without locks, where O_EXCL alone has to keep two runs apart. */
static enum claim
lock_new(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES))
		return CLAIMED;
	return AGAIN;
}

static bool
is_still(int dirfd, const char *name, int fd)
{
	struct stat held, named;
	return fstat(fd, &held) == 0 && fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* A `.partial` is there: take it away if the run that made it is dead. */
static enum claim
clear_stale(int dirfd, const char *tmp, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = openat(dirfd, tmp, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return AGAIN;
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", tmp);
		return REFUSED;
	}
	if (!S_ISREG(st.st_mode)) {
		vss_fail(err, VSS_EXISTS, 0, "%s: is in the way and not a regular file", tmp);
		return REFUSED;
	}
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		vss_fail(err, VSS_BUSY, 0, "%s: is being written by another run", tmp);
		return REFUSED;
	}
	if (is_still(dirfd, tmp, fd) && unlinkat(dirfd, tmp, 0) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: remove", tmp);
		return REFUSED;
	}
	return AGAIN;
}

/* Create and lock it.  Between the two another run may take ours for a dead one's: then it is not what the name says any more. */
static enum claim
claim_partial(int dirfd, const char *tmp, int *out, struct vss_err *err)
{
	int fd = openat(dirfd, tmp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return clear_stale(dirfd, tmp, err);
	if (fd < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: create", tmp);
		return REFUSED;
	}
	if (lock_new(fd) == AGAIN || !is_still(dirfd, tmp, fd)) {
		close(fd);
		return AGAIN;
	}
	*out = fd;
	return CLAIMED;
}

static char *
partial_name(const char *name)
{
	return vss_strf("%s.partial", name);
}

static int
check_name(const char *path, bool replace, const struct vss_partial *p, struct vss_err *err)
{
	struct stat st;
	if (!*p->name || strcmp(p->name, ".") == 0 || strcmp(p->name, "..") == 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: not the name of a file", path);
	if (fstatat(p->dirfd, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return vss_fail(err, VSS_SYSTEM, EISDIR, "%s", path);
	if (!replace)
		return vss_fail(err, VSS_EXISTS, EEXIST, "%s", path);
	return 0;
}

int
vss_partial_open(const char *path, bool replace, struct vss_partial *out, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	struct vss_partial p = { .fd = -1, .replace = replace };
	p.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p.dirfd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	p.name = vss_strdup(vss_path_base(path));
	VSS_AUTOFREE char *tmp = partial_name(p.name);
	if (check_name(path, replace, &p, err) < 0)
		goto fail;

	enum claim got = AGAIN;
	for (int tries = 0; got == AGAIN && tries < 16; tries++)
		got = claim_partial(p.dirfd, tmp, &p.fd, err);
	if (got == AGAIN)
		vss_fail(err, VSS_BUSY, 0, "%s: other runs keep taking it", tmp);
	if (got != CLAIMED)
		goto fail;
	*out = p;
	return 0;
fail:
	close(p.dirfd);
	free(p.name);
	return -1;
}

/* Give it its final name without touching what may have that name by now. */
static int
rename_exclusively(int dirfd, const char *tmp, const char *name)
{
	if (renameat2(dirfd, tmp, dirfd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* NFS and some FUSE file systems: a hard link is as exclusive. */
	if (linkat(dirfd, tmp, dirfd, name, 0) < 0)
		return -1;
	unlinkat(dirfd, tmp, 0);
	return 0;
}

static int
put_in_place(struct vss_partial *p, const char *tmp, struct vss_err *err)
{
	int r = p->replace ? renameat(p->dirfd, tmp, p->dirfd, p->name) : rename_exclusively(p->dirfd, tmp, p->name);
	if (r < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: rename", p->name);
	return 0;
}

/* Close the descriptor that was written to and see what that says, while the lock stays with a second one. */
static int
flush_partial(struct vss_partial *p, struct vss_err *err)
{
	if (fsync(p->fd) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: sync", p->name);
	int lock = fcntl(p->fd, F_DUPFD_CLOEXEC, 3);
	if (lock < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", p->name);
	int fd = p->fd;
	p->fd = lock;
	if (close(fd) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: close", p->name);
	return 0;
}

static void
release(struct vss_partial *p)
{
	close(p->fd);
	close(p->dirfd);
	free(p->name);
	*p = (struct vss_partial){ .fd = -1, .dirfd = -1 };
}

int
vss_partial_commit(struct vss_partial *p, struct vss_err *err)
{
	VSS_AUTOFREE char *tmp = partial_name(p->name);
	if (flush_partial(p, err) < 0 || put_in_place(p, tmp, err) < 0) {
		vss_partial_abandon(p);
		return -1;
	}
	int r = vss_fsync_dir(p->dirfd, err);
	if (r < 0)
		vss_wrap(err, "%s: is in place, but may not outlive a power cut", p->name);
	release(p);
	return r;
}

void
vss_partial_abandon(struct vss_partial *p)
{
	if (p->fd < 0)
		return;
	VSS_AUTOFREE char *tmp = partial_name(p->name);
	if (is_still(p->dirfd, tmp, p->fd))
		unlinkat(p->dirfd, tmp, 0);
	release(p);
}
