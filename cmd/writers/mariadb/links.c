/* SPDX-License-Identifier: BSD-2-Clause */
#include "links.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct search {
	links_found *found;
	void *ctx;
	uid_t owner; /* of the data directory */
};

enum { PATH_BYTES = 4096, BASE = 0, DATABASE = 1 };

static int scan(const struct search *s, const char *dir, int level, struct vss_err *err);

/* The server's user can make a link to anything: what is somebody else's is not the server's. */
static int
follow(const struct search *s, const char *path, int level, struct vss_err *err)
{
	VSS_AUTOFREE char *target = realpath(path, NULL);
	struct stat st;

	if (!target || stat(target, &st) != 0)
		return 0;
	if (st.st_uid != s->owner) {
		fprintf(stderr, "%s: leads to %s, which belongs to somebody else: left alone\n", path, target);
		return 0;
	}
	if (S_ISDIR(st.st_mode) && level == BASE)
		return s->found(s->ctx, target, true, err) != 0 ? -1 : scan(s, target, DATABASE, err);
	return S_ISREG(st.st_mode) ? s->found(s->ctx, target, false, err) : 0;
}

/* The path of a tablespace, and nothing else. */
static int
follow_isl(const struct search *s, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err why = VSS_ERR_INIT;

	if (vss_read_file(path, PATH_BYTES, &text, &why) != 0 || text.len == 0)
		return 0;
	text.data[strcspn(text.data, "\r\n")] = '\0';
	return *text.data == '/' ? follow(s, text.data, DATABASE, err) : 0;
}

static int
look(const struct search *s, const char *dir, const struct dirent *e, int level, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);
	struct stat st;

	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || vss_str_starts(e->d_name, "before-restore."))
		return 0;
	if (e->d_type != DT_UNKNOWN && e->d_type != DT_LNK && e->d_type != DT_DIR &&
		!(level == DATABASE && vss_str_ends(e->d_name, ".isl")))
		return 0;
	if (lstat(path, &st) != 0)
		return 0;
	if (S_ISLNK(st.st_mode))
		return follow(s, path, level, err);
	if (S_ISDIR(st.st_mode) && level == BASE)
		return scan(s, path, DATABASE, err);
	return level == DATABASE && vss_str_ends(e->d_name, ".isl") ? follow_isl(s, path, err) : 0;
}

static int
scan(const struct search *s, const char *dir, int level, struct vss_err *err)
{
	DIR *d = opendir(dir);
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (const struct dirent *e; r == 0 && (e = readdir(d));)
		r = look(s, dir, e, level, err);
	closedir(d);
	return r;
}

int
links_find(const char *datadir, links_found *found, void *ctx, struct vss_err *err)
{
	struct stat st;

	if (stat(datadir, &st) != 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", datadir);
	const struct search s = { found, ctx, st.st_uid };
	return scan(&s, datadir, BASE, err);
}
