/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "base/mem.h"
#include "base/path.h"
#include "requester/documents.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
vss_backup_infos_free(struct vss_backup_infos *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		vss_bcd_free(l->v[i].bcd);
		free(l->v[i].problem);
	}
	free(l->v);
	memset(l, 0, sizeof *l);
}

static int
add_up(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	struct vss_backup_info *info = ctx;

	(void)err;
	if (vss_path_is_below(m->path, ".vss"))
		return 0; /* the documents are no content */
	info->files++;
	info->bytes += m->hardlink || m->partial ? 0 : m->size; /* the manifest does not say how long ranges are */
	return 0;
}

static int
look_inside(int fd, struct vss_backup_info *info, struct vss_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "stat");
	info->size = (uint64_t)st.st_size;
	struct vss_archive_reader *r = vss_archive_open(fd, err);
	if (!r)
		return -1;
	info->has_index = vss_archive_state(r) == VSS_ARCHIVE_WHOLE;
	info->bcd = vss_read_bcd(r, err);
	int rc = info->bcd ? vss_archive_manifest(r, add_up, info, err) : -1;
	info->whole = rc == 0;
	vss_archive_reader_free(r);
	return rc;
}

static void
describe(struct vss_backup_infos *out, const char *path)
{
	struct vss_backup_info *info = &VSS_PUSH(out->v, out->n, out->cap);
	struct vss_err err = VSS_ERR_INIT;

	*info = (struct vss_backup_info){ .path = vss_strdup(path) };
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		vss_fail(&err, VSS_SYSTEM, errno, "open");
	else
		look_inside(fd, info, &err);
	if (err.code != VSS_OK)
		info->problem = vss_strdup(err.text);
}

static int
by_age(const void *a, const void *b)
{
	const struct vss_backup_info *x = a, *y = b;
	int64_t at = x->bcd ? x->bcd->created_ns : 0, bt = y->bcd ? y->bcd->created_ns : 0;

	return at < bt ? -1 : at > bt ? 1 : strcmp(x->path, y->path);
}

static int
list_directory(DIR *dir, const char *path, struct vss_backup_infos *out, struct vss_err *err)
{
	const struct dirent *e;

	for (errno = 0; (e = readdir(dir)); errno = 0) {
		if (!vss_str_ends(e->d_name, ".tar.zst"))
			continue;
		VSS_AUTOFREE char *file = vss_path_join(path, e->d_name);
		describe(out, file);
	}
	if (errno)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_age);
	return 0;
}

int
vss_list_backups(const char *path, struct vss_backup_infos *out, struct vss_err *err)
{
	struct stat st;
	DIR *dir;
	int rc;

	memset(out, 0, sizeof *out);
	if (stat(path, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		describe(out, path);
		return 0;
	}
	dir = opendir(path);
	if (!dir)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	rc = list_directory(dir, path, out, err);
	closedir(dir);
	return rc;
}

int
vss_list_members(const char *archive, int (*each)(void *ctx, const struct vss_member *m, struct vss_err *err),
	void *ctx, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(archive, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", archive);
	struct vss_archive_reader *r = vss_archive_open(fd, err);
	if (!r)
		return vss_wrap(err, "%s", archive);
	int rc = vss_archive_state_lines(r, each, ctx, err);
	vss_archive_reader_free(r);
	return rc < 0 ? vss_wrap(err, "%s", archive) : 0;
}
