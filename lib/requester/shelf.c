/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/shelf.h"

#include "archive/reader.h"
#include "base/mem.h"
#include "base/path.h"
#include "os/interrupt.h"
#include "requester/documents.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".tar.zst"

void
vss_shelf_clear(struct vss_shelf *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].path);
		vss_bcd_free(s->v[i].bcd);
		free(s->v[i].problem);
	}
	free(s->v);
	free(s->dir);
	memset(s, 0, sizeof *s);
}

static struct vss_bcd *
document_of(const char *path, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "open");
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		vss_fail(err, VSS_INVALID, 0, "not a file");
		return NULL;
	}
	struct vss_archive_reader *r = vss_archive_open(fd, err);
	struct vss_bcd *bcd = r ? vss_read_bcd(r, err) : NULL;
	vss_archive_reader_free(r);
	return bcd;
}

static void
add(struct vss_shelf *s, const char *name)
{
	struct vss_shelf_archive *a = &VSS_PUSH(s->v, s->n, s->cap);
	struct vss_err why = VSS_ERR_INIT;

	*a = (struct vss_shelf_archive){ .path = vss_path_join(s->dir, name) };
	a->bcd = document_of(a->path, &why);
	if (!a->bcd)
		a->problem = vss_strdup(why.text);
}

static int
by_name(const void *a, const void *b)
{
	const struct vss_shelf_archive *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int
read_names(struct vss_shelf *s, DIR *dir, struct vss_err *err)
{
	const struct dirent *e;

	for (errno = 0; (e = readdir(dir)); errno = 0) {
		if (vss_check_interrupt(err) < 0)
			return -1;
		if (vss_str_ends(e->d_name, SUFFIX))
			add(s, e->d_name);
	}
	if (errno)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", s->dir);
	if (s->n)
		qsort(s->v, s->n, sizeof *s->v, by_name);
	return 0;
}

int
vss_shelf_read(struct vss_shelf *s, const char *path, struct vss_err *err)
{
	DIR *dir = opendir(path);

	if (!dir)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	*s = (struct vss_shelf){ .dir = vss_strdup(path) };
	int rc = read_names(s, dir, err);
	closedir(dir);
	return rc;
}

static const struct vss_shelf_archive *
find(const struct vss_shelf *s, const struct vss_uuid *backup_id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].bcd && vss_uuid_eq(&s->v[i].bcd->backup_id, backup_id))
			return &s->v[i];
	return NULL;
}

const struct vss_shelf_archive *
vss_shelf_find(struct vss_shelf *s, const struct vss_uuid *backup_id, const char *hint)
{
	const struct vss_shelf_archive *a = find(s, backup_id);

	if (a || !hint || vss_str_ends(hint, SUFFIX))
		return a;
	add(s, vss_path_base(hint));
	return find(s, backup_id);
}
