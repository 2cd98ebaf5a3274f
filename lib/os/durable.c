/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/durable.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/uuid.h"
#include "os/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int
vss_fsync_dir(int dirfd, struct vss_err *err)
{
	/* EINVAL: the file system has nothing to sync for a directory; that it has no better promise is not ours to mend. */
	if (fsync(dirfd) < 0 && errno != EINVAL)
		return vss_fail(err, VSS_SYSTEM, errno, "sync directory");
	return 0;
}

/* fsync and close, both checked: NFS and quotas may say only here that the data did not fit. */
static int
finish_file(int fd, struct vss_err *err)
{
	if (fsync(fd) < 0) {
		int e = errno;
		close(fd);
		return vss_fail(err, VSS_SYSTEM, e, "sync");
	}
	if (close(fd) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "close");
	return 0;
}

/* Takes fd in any case. */
static int
fill_file(int fd, const void *data, size_t n, mode_t mode, struct vss_err *err)
{
	if (fchmod(fd, mode) < 0)
		vss_fail(err, VSS_SYSTEM, errno, "set mode");
	else if (vss_write_all(fd, data, n, err) == 0)
		return finish_file(fd, err);
	close(fd);
	return -1;
}

int
vss_write_file_at(int dirfd, const char *name, const void *data, size_t n, mode_t mode, struct vss_err *err)
{
	struct vss_uuid id;
	char text[VSS_UUID_TEXT], tmp[64];
	vss_uuid_random(&id);
	vss_uuid_text(&id, text);
	/* Its length does not depend on `name`, which may be as long as names can be. */
	snprintf(tmp, sizeof tmp, ".vss-%s.tmp", text);

	int fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: create", name);
	if (fill_file(fd, data, n, mode, err) < 0)
		goto drop;
	if (renameat(dirfd, tmp, dirfd, name) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "rename");
		goto drop;
	}
	if (vss_fsync_dir(dirfd, err) < 0)
		return vss_wrap(err, "%s", name);
	return 0;
drop:
	unlinkat(dirfd, tmp, 0);
	return vss_wrap(err, "%s", name);
}

/* The directory part of `path`, opened. */
static int
open_dir_of(const char *path, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	return fd;
}

int
vss_write_file(const char *path, const void *data, size_t n, mode_t mode, struct vss_err *err)
{
	VSS_AUTOCLOSE int dirfd = open_dir_of(path, err);
	if (dirfd < 0)
		return -1;
	return vss_write_file_at(dirfd, vss_path_base(path), data, n, mode, err);
}

/* Up to limit + 1 bytes, so that the caller sees whether there was more. */
static int
read_up_to(int fd, size_t limit, struct vss_buf *out)
{
	size_t had = out->len;
	while (out->len - had <= limit) {
		size_t want = limit + 1 - (out->len - had);
		if (want > 65536)
			want = 65536;
		vss_buf_reserve(out, want);
		ssize_t got = read(fd, out->data + out->len, want);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		out->len += (size_t)got;
		out->data[out->len] = '\0';
	}
	return 0;
}

int
vss_read_file_at(int dirfd, const char *name, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	/* O_NONBLOCK: a FIFO that somebody put there must not hold us. */
	VSS_AUTOCLOSE int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	struct stat st;
	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: not a regular file", name);
	size_t had = out->len;
	vss_buf_reserve(out, 1);
	out->data[had] = '\0';
	if (read_up_to(fd, limit, out) < 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s: read", name);
	else if (out->len - had > limit)
		vss_fail(err, VSS_INVALID, 0, "%s: longer than %zu bytes", name, limit);
	else
		return 0;
	out->len = had;
	out->data[had] = '\0';
	return -1;
}

int
vss_read_file(const char *path, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	return vss_read_file_at(AT_FDCWD, path, limit, out, err);
}

int
vss_write_all(int fd, const void *data, size_t n, struct vss_err *err)
{
	const char *p = data;
	while (n > 0) {
		ssize_t put = write(fd, p, n);
		if (put < 0 && errno == EINTR) {
			/* Into a pipe that nobody drains this would wait for ever. */
			if (vss_check_interrupt(err) < 0)
				return -1;
			continue;
		}
		if (put < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "write");
		p += put;
		n -= (size_t)put;
		/* A signal ends the wait of a write that has had room for a part with that part. */
		if (n > 0 && vss_check_interrupt(err) < 0)
			return -1;
	}
	return 0;
}

int
vss_pread_all(int fd, void *data, size_t n, off_t at, struct vss_err *err)
{
	char *p = data;
	while (n > 0) {
		ssize_t got = pread(fd, p, n, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "read");
		if (got == 0)
			return vss_fail(err, VSS_CORRUPT, 0, "ends early");
		p += got;
		n -= (size_t)got;
		at += got;
	}
	return 0;
}
