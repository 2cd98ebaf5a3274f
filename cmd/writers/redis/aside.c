/* SPDX-License-Identifier: BSD-2-Clause */
#include "aside.h"

#include "base/mem.h"
#include "os/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool
is_there(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Owned like the directory that it is in, so that the server's user can look into it and remove it. */
static int
make_target(int dir, const char *name, struct vss_err *err)
{
	struct stat st;

	if (fstat(dir, &st) != 0 || mkdirat(dir, name, 0700) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, st.st_uid, st.st_gid) != 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", name);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static void
name_target(char out[64])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(out, 64, "before-restore.%Y%m%dT%H%M%SZ", &tm);
}

static int
move(int dir, int target, const char *name, struct vss_err *err)
{
	if (!is_there(dir, name) || renameat(dir, name, target, name) == 0)
		return 0;
	return vss_fail(err, VSS_SYSTEM, errno, "%s: set aside", name);
}

static int
move_all(int dir, const struct layout *l, struct vss_buf *where, struct vss_err *err)
{
	const char *const names[] = { l->aof_dir, l->aof, l->rdb };
	char name[64];
	bool any = false;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		any = any || is_there(dir, names[i]);
	if (!any)
		return 0;
	name_target(name);
	VSS_AUTOCLOSE int target = make_target(dir, name, err);
	if (target < 0)
		return -1;
	vss_buf_fmt(where, "%s/%s", l->dir, name);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (move(dir, target, names[i], err) != 0)
			return -1;
	return vss_fsync_dir(dir, err);
}

int
set_files_aside(const struct layout *l, struct vss_buf *where, struct vss_err *err)
{
	VSS_AUTOCLOSE int dir = open(l->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", l->dir);
	return move_all(dir, l, where, err) == 0 ? 0 : vss_wrap(err, "%s", l->dir);
}
