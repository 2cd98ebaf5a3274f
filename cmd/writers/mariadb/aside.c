/* SPDX-License-Identifier: BSD-2-Clause */
#include "aside.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/durable.h"
#include "tree/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The names in `dirfd` that the specification means. */
static int
list(int dirfd, const char *spec, struct vss_strv *out, struct vss_err *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d) {
		vss_fail(err, VSS_SYSTEM, errno, "read directory");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_type != DT_DIR && fnmatch(spec, e->d_name, 0) == 0)
			vss_strv_add(out, e->d_name);
	closedir(d);
	return 0;
}

/* Two specifications may share a directory: they share its new one too. */
static int
make_place(int dirfd, char name[64], struct vss_err *err)
{
	time_t now = (time_t)(vss_now_wall() / VSS_S);
	struct stat st;
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(name, 64, "before-restore.%Y%m%dT%H%M%SZ", &tm);
	if (mkdirat(dirfd, name, 0700) != 0 && errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "make %s", name);
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(dirfd, &st) != 0 || fchown(fd, st.st_uid, st.st_gid) != 0)
		vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
move_files(int dirfd, const struct place *p, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv names = VSS_STRV_INIT;
	char name[64];

	if (list(dirfd, p->spec, &names, err) != 0)
		return -1;
	if (names.n == 0)
		return 0;
	VSS_AUTOCLOSE int to = make_place(dirfd, name, err);
	if (to < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (renameat2(dirfd, names.v[i], to, names.v[i], RENAME_NOREPLACE) != 0)
			return vss_fail(err, VSS_SYSTEM, errno, "move %s aside", names.v[i]);
	if (vss_fsync_dir(to, err) != 0 || vss_fsync_dir(dirfd, err) != 0)
		return -1;
	fprintf(stderr, "%s/%s: set aside in %s\n", p->dir, p->spec, name);
	return 0;
}

static int
aside_files(const struct place *p, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", p->dir);
	return move_files(fd, p, err) == 0 ? 0 : vss_wrap(err, "%s", p->dir);
}

static int
aside_whole(const struct place *p, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;

	if (vss_tree_set_aside(p->dir, &where, err) != 0)
		return -1;
	if (where.len > 0)
		fprintf(stderr, "%s: its old content is in %s\n", p->dir, where.data);
	return 0;
}

int
aside_places(const struct places *p, struct vss_err *err)
{
	for (size_t i = 0; i < p->n; i++)
		if ((p->v[i].whole ? aside_whole(&p->v[i], err) : aside_files(&p->v[i], err)) != 0)
			return -1;
	return 0;
}
