/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/beneath.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIECE (PATH_MAX - 1) /* bytes of path that one call takes */
#define TRIES 1000	     /* EAGAIN: something was renamed or mounted meanwhile */

/* One call: `path` is short and known to be relative, without "..". */
static int
open_piece(int dirfd, const char *path, int flags, mode_t mode)
{
	bool creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = creates ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;
	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

/* Go down `*path` until the rest fits into one call.  Returns a descriptor of ours, or -1 with errno. */
static int
walk_pieces(int dirfd, const char **path)
{
	int at = -1;
	while (strlen(*path) > PIECE) {
		const char *slash = memrchr(*path, '/', PIECE);
		VSS_AUTOFREE char *piece = slash ? vss_strndup(*path, (size_t)(slash - *path)) : NULL;
		int next = piece ? open_piece(at < 0 ? dirfd : at, piece, O_PATH | O_DIRECTORY, 0) : -1;
		if (!piece)
			errno = ENAMETOOLONG;
		if (at >= 0)
			close(at);
		if (next < 0)
			return -1;
		at = next;
		*path = slash + 1;
	}
	return at;
}

static int
open_any(int dirfd, const char *path, int flags, mode_t mode)
{
	if (strlen(path) <= PIECE)
		return open_piece(dirfd, path, flags, mode);
	VSS_AUTOCLOSE int at = walk_pieces(dirfd, &path);
	return at < 0 ? -1 : open_piece(at, path, flags, mode);
}

static int
check_path(const char *path, struct vss_err *err)
{
	if (!*path || strcmp(path, ".") == 0 || vss_path_is_safe_relative(path, strlen(path)))
		return 0;
	return vss_fail(err, VSS_DENIED, 0, "%s: not a plain relative path", path);
}

/* A link in the way is told apart: it is the sign of an attempt to get out. */
static int
refuse(const char *path, struct vss_err *err)
{
	if (errno == ELOOP || errno == EXDEV)
		return vss_fail(err, VSS_DENIED, 0, "%s: leads through a symbolic link or out of the tree", path);
	return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

int
vss_open_beneath(int dirfd, const char *path, int flags, mode_t mode, struct vss_err *err)
{
	if (check_path(path, err) < 0)
		return -1;
	int fd = open_any(dirfd, *path ? path : ".", flags, mode);
	return fd < 0 ? refuse(path, err) : fd;
}

/* One directory further down; made when it is missing. */
static int
enter_or_make(int at, const char *name)
{
	int fd = open_piece(at, name, O_PATH | O_DIRECTORY, 0);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
		return -1;
	return open_piece(at, name, O_PATH | O_DIRECTORY, 0);
}

static int
make_path(int dirfd, const char *dir)
{
	VSS_AUTOFREE char *copy = vss_strdup(dir);
	char *rest = copy;
	int at = open_piece(dirfd, ".", O_PATH | O_DIRECTORY, 0);
	for (char *name; at >= 0 && (name = strsep(&rest, "/"));) {
		int next = enter_or_make(at, name);
		close(at);
		at = next;
	}
	return at;
}

int
vss_open_parent(int dirfd, const char *path, bool make, const char **base, struct vss_err *err)
{
	if (!vss_path_is_safe_relative(path, strlen(path)))
		return vss_fail(err, VSS_DENIED, 0, "%s: not a plain relative path", path);
	const char *slash = strrchr(path, '/');
	VSS_AUTOFREE char *dir = slash ? vss_strndup(path, (size_t)(slash - path)) : vss_strdup(".");
	int fd = open_any(dirfd, dir, O_PATH | O_DIRECTORY, 0);
	if (fd < 0 && errno == ENOENT && make && slash)
		fd = make_path(dirfd, dir);
	if (fd < 0)
		return refuse(dir, err);
	*base = slash ? slash + 1 : path;
	return fd;
}
