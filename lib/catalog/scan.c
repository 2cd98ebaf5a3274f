/* SPDX-License-Identifier: BSD-2-Clause */
#include "catalog/catalog.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "catalog/catalog_internal.h"
#include "doc/doc.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A scan under way.  `stamps` runs beside out->v and says when each document was written. */
struct scan {
	struct vss_set_list *out;
	struct timespec *stamps;
	size_t nstamps, cstamps;
};

static bool
is_newer(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Takes the set. */
static void
keep(struct scan *s, struct vss_set *set, struct timespec written)
{
	for (size_t i = 0; i < s->out->n; i++) {
		if (!vss_uuid_eq(&s->out->v[i]->id, &set->id))
			continue;
		if (is_newer(written, s->stamps[i])) {
			vss_set_free(s->out->v[i]);
			s->out->v[i] = set;
			s->stamps[i] = written;
		} else {
			vss_set_free(set);
		}
		return;
	}
	VSS_PUSH(s->out->v, s->out->n, s->out->cap) = set;
	VSS_PUSH(s->stamps, s->nstamps, s->cstamps) = written;
}

/* Out of the way, so that it is told once; an older one of that name is not overwritten, and then nothing is moved. */
static void
set_aside(const struct vss_catalog_place *place, const char *name, const struct vss_err *why)
{
	VSS_AUTOFREE char *aside = vss_strf("%s.unreadable", name);

	bool moved = renameat2(place->dirfd, name, place->dirfd, aside, RENAME_NOREPLACE) == 0;
	vss_warn("%s: %s: %s%s%s", place->label, name, why->text, moved ? "; kept as " : "", moved ? aside : "");
}

/* DIR/shadows/ID, as it was made; the run directory may have been another one then. */
static bool
is_device_path(const char *path, const struct vss_uuid *shadow)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	VSS_AUTOFREE char *end = vss_strf("/shadows/%s", id);
	VSS_AUTOFREE char *clean = path && *path == '/' ? vss_path_clean(path, "/") : NULL;
	return clean && strcmp(clean, path) == 0 && vss_str_ends(path, end);
}

/* A disk that comes from elsewhere brings documents along: what is made and removed at a device path is never another file. */
static int
check_devices(const struct vss_set *set, struct vss_err *err)
{
	for (size_t i = 0; i < set->nshadows; i++)
		if (!is_device_path(set->shadows[i].device, &set->shadows[i].id))
			return vss_fail(err, VSS_E_INVALID_XML_DOCUMENT, 0, "'%s' is no device path of a shadow copy",
				set->shadows[i].device ? set->shadows[i].device : "");
	return 0;
}

static struct vss_set *
read_set(const struct vss_catalog_place *place, const char *name, const struct vss_uuid *id, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;

	if (vss_read_file_at(place->dirfd, name, VSS_DOC_LIMIT, &doc, err) < 0)
		return NULL;
	struct vss_set *set = vss_doc_read_set(doc.data, doc.len, err);
	if (!set)
		return NULL;
	if (!vss_uuid_eq(&set->id, id))
		vss_fail(err, VSS_E_INVALID_XML_DOCUMENT, 0, "holds another set");
	else if (check_devices(set, err) == 0)
		return set;
	vss_set_free(set);
	return NULL;
}

/* Is the document itself at fault, and not the disk, our rights or our age? */
static bool
is_unreadable(const struct vss_err *err)
{
	return err->code == VSS_E_INVALID_XML_DOCUMENT || err->code == VSS_E_CORRUPT_XML_DOCUMENT ||
	       err->code == VSS_INVALID;
}

static void
scan_document(struct scan *s, const struct vss_catalog_place *place, const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_uuid id;
	struct stat st;

	if (vss_catalog_id_of(name, &id) < 0)
		return;
	if (fstatat(place->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return; /* removed since it was listed */
	struct vss_set *set = read_set(place, name, &id, &err);
	if (set)
		keep(s, set, st.st_mtim);
	else if (is_unreadable(&err))
		set_aside(place, name, &err);
	else if (err.code != VSS_ABSENT)
		vss_warn("%s: %s: %s", place->label, name, err.text);
}

static int
scan_place(struct scan *s, const struct vss_catalog_place *place, struct vss_err *err)
{
	/* of its own: a descriptor that is only duplicated would share its position with the caller's */
	int fd = openat(place->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: set documents", place->label);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	errno = 0;
	for (struct dirent *e; (e = readdir(dir)); errno = 0)
		scan_document(s, place, e->d_name);
	int failed = errno;
	closedir(dir);
	return failed ? vss_fail(err, VSS_SYSTEM, failed, "%s: set documents", place->label) : 0;
}

int
vss_catalog_scan(const struct vss_catalog_place *places, size_t n, struct vss_set_list *out, struct vss_err *err)
{
	struct vss_err other = VSS_ERR_INIT;
	struct scan s = { .out = out };
	int rc = 0;

	for (size_t i = 0; i < out->n; i++) /* what the caller brought is older than anything found */
		VSS_PUSH(s.stamps, s.nstamps, s.cstamps) = (struct timespec){ 0 };
	for (size_t i = 0; i < n; i++)
		if (scan_place(&s, &places[i], rc ? &other : err) < 0)
			rc = -1;
	free(s.stamps);
	return rc;
}
