/* SPDX-License-Identifier: BSD-2-Clause */
#include "locks.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SAFELY = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

/* Locks of a description, not of the process: they conflict with the server's, and no other descriptor's end drops them. */
static struct flock
whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

int
locks_holder(const char *path)
{
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | SAFELY);
	struct flock f = whole_file();

	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &f) != 0 || f.l_type == F_UNLCK)
		return 0;
	return f.l_pid > 0 ? f.l_pid : -1;
}

static int
take(struct locks *l, const char *path, struct vss_err *err)
{
	int fd = open(path, O_RDWR | SAFELY);
	struct flock f = whole_file();

	if (fd < 0)
		return errno == ENOENT || errno == EROFS ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	VSS_PUSH(l->fds, l->n, l->cap) = fd;
	if (fcntl(fd, F_OFD_SETLK, &f) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return vss_fail(err, VSS_BUSY, 0, "%s: a server has been started", path);
	return vss_fail(err, VSS_SYSTEM, errno, "%s: lock", path);
}

int
locks_take(struct locks *l, const struct vss_strv *paths, struct vss_err *err)
{
	for (size_t i = 0; i < paths->n; i++)
		if (take(l, paths->v[i], err) != 0) {
			locks_release(l);
			return -1;
		}
	return 0;
}

void
locks_release(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		close(l->fds[i]);
	free(l->fds);
	*l = (struct locks)LOCKS_INIT;
}
