/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/aside.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/durable.h"
#include "os/volume.h"
#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "before-restore."
#define MAX_TRIES 100 /* names for one second */

struct aside {
	int dirfd, to;	       /* the directory, and the new one in it */
	struct stat st;	       /* of the directory */
	struct vss_strv names; /* its content */
	char name[64];	       /* of the new one */
};

static bool
is_content(int dirfd, const char *name)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lost+found") == 0)
		return false;
	return !vss_str_starts(name, PREFIX) && !vss_is_shadow_storage(dirfd, name);
}

static int
list_content(struct aside *a, struct vss_err *err)
{
	int fd = openat(a->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d) {
		vss_fail(err, VSS_SYSTEM, errno, "read directory");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	errno = 0;
	for (const struct dirent *e; (e = readdir(d)); errno = 0)
		if (is_content(a->dirfd, e->d_name))
			vss_strv_add(&a->names, e->d_name);
	int result = errno ? vss_fail(err, VSS_SYSTEM, errno, "read directory") : 0;
	closedir(d);
	vss_strv_sort(&a->names);
	return result;
}

/* A rename would take what is mounted deeper down along, and fail on what is mounted here. */
static int
refuse_mounts(const struct aside *a, struct vss_err *err)
{
	char link[32], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", a->dirfd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "its path");
	path[n] = '\0';
	struct vss_mount_list mounts;
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	int result = 0;
	for (size_t i = 0; i < mounts.n && result == 0; i++)
		if (vss_path_is_below(mounts.v[i].target, path) && strcmp(mounts.v[i].target, path) != 0)
			result = vss_fail(err, VSS_BUSY, 0, "%s is mounted in it", mounts.v[i].target);
	vss_mount_list_free(&mounts);
	return result;
}

static int
make_place(struct aside *a, struct vss_err *err)
{
	char stamp[32];
	time_t now = (time_t)(vss_now_wall() / VSS_S);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	snprintf(a->name, sizeof a->name, PREFIX "%s", stamp);
	for (int i = 2; mkdirat(a->dirfd, a->name, 0700) < 0; i++) {
		if (errno != EEXIST || i > MAX_TRIES)
			return vss_fail(err, VSS_SYSTEM, errno, "make %s", a->name);
		snprintf(a->name, sizeof a->name, PREFIX "%s.%d", stamp, i);
	}
	a->to = openat(a->dirfd, a->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (a->to >= 0 && fchown(a->to, a->st.st_uid, a->st.st_gid) == 0 && fchmod(a->to, 0700) == 0)
		return 0;
	vss_fail(err, VSS_SYSTEM, errno, "%s", a->name);
	unlinkat(a->dirfd, a->name, AT_REMOVEDIR);
	return -1;
}

/* The first `n` back to where they were. */
static int
put_back(const struct aside *a, size_t n, struct vss_err *err)
{
	int result = 0;
	while (n-- > 0)
		if (renameat2(a->to, a->names.v[n], a->dirfd, a->names.v[n], RENAME_NOREPLACE) < 0)
			result = vss_wrap(err, "%s was left in %s", a->names.v[n], a->name);
	if (result == 0)
		unlinkat(a->dirfd, a->name, AT_REMOVEDIR);
	return -1;
}

static int
move_all(const struct aside *a, struct vss_err *err)
{
	for (size_t i = 0; i < a->names.n; i++)
		if (renameat(a->dirfd, a->names.v[i], a->to, a->names.v[i]) < 0) {
			vss_fail(err, VSS_SYSTEM, errno, "move %s aside", a->names.v[i]);
			return put_back(a, i, err);
		}
	if (vss_fsync_dir(a->to, err) < 0 || vss_fsync_dir(a->dirfd, err) < 0)
		return put_back(a, a->names.n, err);
	return 0;
}

/* 1 when there was content, and it is aside now. */
static int
set_aside(struct aside *a, struct vss_err *err)
{
	if (fstat(a->dirfd, &a->st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "look at it");
	if (list_content(a, err) < 0)
		return -1;
	if (a->names.n == 0)
		return 0;
	if (refuse_mounts(a, err) < 0 || make_place(a, err) < 0)
		return -1;
	int result = move_all(a, err);
	close(a->to);
	return result < 0 ? -1 : 1;
}

int
vss_tree_set_aside(const char *dir, struct vss_buf *where, struct vss_err *err)
{
	struct aside a = { .to = -1, .names = VSS_STRV_INIT };
	size_t len = strlen(dir);
	while (len > 1 && dir[len - 1] == '/') /* open(2) would follow a link before it */
		len--;
	VSS_AUTOFREE char *path = vss_strndup(dir, len);
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return vss_fail(err, VSS_DENIED, 0, "%s: is a symbolic link", dir);
	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	a.dirfd = fd;
	int result = set_aside(&a, err);
	if (result < 0)
		vss_wrap(err, "%s", dir);
	if (result > 0)
		vss_buf_fmt(where, "%s/%s", path, a.name);
	vss_strv_free(&a.names);
	return result < 0 ? -1 : 0;
}
