/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/durable.h"
#include "provider/store_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The truth is in the tags.  <run>/lvm/GROUP is their image for those who read directories: SET.xml, whose time of change is
 * that of the document in the tags, and an empty file for each copy.  An image that is newer than the tags is another
 * process's work and left alone: it is about to be carried there.
 */

/* One group, as it is being looked at. */
struct view {
	const struct vss_lvm_report *report;
	const char *group; /* its UUID */
	int fd;		   /* its directory */
	int64_t looked_ns; /* wall: before lvm was asked */
};

int
vss_lvm_open_place(const char *place, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/lvm/%s", vss_run_dir(), place);

	if (vss_make_dirs(path, err))
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : fd;
}

/* Is it a copy of this set in this group? */
static bool
is_of(const struct view *v, const struct vss_lvm_lv *lv, const struct vss_uuid *set)
{
	struct vss_uuid shadow, own;

	return strcmp(lv->vg_uuid, v->group) == 0 && vss_lvm_is_copy(lv, &shadow) &&
	       vss_lvm_tagged(lv, VSS_LVM_TAG_SET, &own) == 0 && vss_uuid_eq(&own, set);
}

static int64_t
changed_ns(int fd, const char *name)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return -1;
	return (int64_t)st.st_mtim.tv_sec * VSS_S + st.st_mtim.tv_nsec;
}

/* --- From the tags to the directory --- */

static int
put_document(const struct view *v, const char *name, const struct vss_buf *doc, int64_t stamp, struct vss_err *err)
{
	const struct timespec t = { .tv_sec = stamp / VSS_S, .tv_nsec = stamp % VSS_S };
	const struct timespec times[2] = { t, t };

	if (vss_write_file_at(v->fd, name, doc->data, doc->len, 0600, err))
		return -1;
	if (utimensat(v->fd, name, times, AT_SYMLINK_NOFOLLOW))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	return 0;
}

static void
describe_copy(struct vss_buf *doc, const struct vss_lvm_lv *lv)
{
	vss_buf_fmt(doc,
		"<SHADOW_COPY id=\"%s\" volume=\"/dev/%s/%s\" volumeId=\"%s\" provider=\"lvm\" "
		"device=\"%s/shadows/%s\" "
		"place=\"%s\" attributes=\"%u\" grade=\"live\" instant=\"one\" mark=\"0\"/>",
		lv->name + strlen(VSS_LVM_PREFIX), lv->vg, lv->origin ? lv->origin : lv->name,
		lv->origin_uuid ? lv->origin_uuid : "", vss_run_dir(), lv->name + strlen(VSS_LVM_PREFIX), lv->vg_uuid,
		VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE | VSS_ATTR_DIFFERENTIAL);
}

/*
 * What the copies themselves tell, where the tags do not tell the document any more: enough to list, show and delete
 * them.  Nobody knows how long they were meant to be kept, so retention leaves them alone.
 */
static void
make_up(const struct view *v, const struct vss_uuid *set, struct vss_buf *doc)
{
	VSS_AUTOBUF struct vss_buf copies = VSS_BUF_INIT;
	char id[VSS_UUID_TEXT], made[40];
	int64_t when = 0;
	unsigned n = 0;

	for (size_t i = 0; i < v->report->n; i++) {
		const struct vss_lvm_lv *lv = &v->report->v[i];
		if (!is_of(v, lv, set))
			continue;
		describe_copy(&copies, lv);
		when = lv->made_s;
		n++;
	}
	vss_uuid_text(set, id);
	vss_time_rfc3339(when * VSS_S, made);
	vss_buf_reset(doc);
	vss_buf_fmt(doc,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SHADOW_COPY_SET xmlns=\"urn:x-vss-tools:documents:1\" "
		"version=\"1\" id=\"%s\" created=\"%s\" context=\"%u\" instant=\"many\" grade=\"live\" freezeNs=\"0\" "
		"note=\"its document was damaged\" hold=\"yes\" count=\"%u\">%s<LEDGER/></SHADOW_COPY_SET>\n",
		id, made, VSS_ATTR_PERSISTENT | VSS_ATTR_NO_AUTO_RELEASE, n, copies.data);
}

/* All tags of all copies of the set in this group; *making: it is not finished. */
static void
gather_tags(const struct view *v, const struct vss_uuid *set, struct vss_strv *tags, bool *making)
{
	struct vss_uuid owner;

	*making = false;
	for (size_t i = 0; i < v->report->n; i++) {
		const struct vss_lvm_lv *lv = &v->report->v[i];
		if (!is_of(v, lv, set))
			continue;
		*making = *making || vss_lvm_tagged(lv, VSS_LVM_TAG_MAKING, &owner) == 0;
		for (size_t k = 0; k < lv->tags.n; k++)
			if (vss_lvm_is_piece(lv->tags.v[k]))
				vss_strv_add(tags, lv->tags.v[k]);
	}
}

static int
show_set(const struct view *v, const struct vss_uuid *set, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	struct vss_err why = VSS_ERR_INIT;
	char name[VSS_UUID_TEXT + 8];
	int64_t stamp = 0;
	bool making;

	vss_store_set_name(set, ".xml", name);
	gather_tags(v, set, &tags, &making);
	int64_t shown = changed_ns(v->fd, name);
	if (vss_lvm_tags_read(&tags, &doc, &stamp, &why) == 0)
		return shown >= stamp ? 0 : put_document(v, name, &doc, stamp, err);
	if (shown >= 0 || making)
		return 0;
	vss_warn("shadow copy set %.36s: %s", name, why.text);
	make_up(v, set, &doc);
	return put_document(v, name, &doc, 0, err);
}

static int
show_copy(const struct view *v, const struct vss_lvm_lv *lv, struct vss_err *err)
{
	const char *name = lv->name + strlen(VSS_LVM_PREFIX);
	VSS_AUTOCLOSE int fd = openat(v->fd, name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", name) : 0;
}

/* Copies of the group, each set once. */
static int
show_all(const struct view *v, struct vss_err *err)
{
	for (size_t i = 0; i < v->report->n; i++) {
		const struct vss_lvm_lv *lv = &v->report->v[i];
		struct vss_uuid shadow, set;
		bool seen = false;
		if (strcmp(lv->vg_uuid, v->group) != 0 || !vss_lvm_is_copy(lv, &shadow))
			continue;
		if (show_copy(v, lv, err))
			return -1;
		if (vss_lvm_tagged(lv, VSS_LVM_TAG_SET, &set))
			continue;
		for (size_t k = 0; k < i && !seen; k++)
			seen = is_of(v, &v->report->v[k], &set);
		if (!seen && show_set(v, &set, err))
			return -1;
	}
	return 0;
}

/* A copy, or the document of a set, that lvm did not tell of. */
static bool
is_stale(const struct view *v, const char *name)
{
	char text[VSS_UUID_TEXT];
	struct vss_uuid id;
	bool known = false;

	snprintf(text, sizeof text, "%.36s", name);
	const char *suffix = name + strlen(text);
	if (vss_uuid_parse(text, &id) || (*suffix && strcmp(suffix, ".xml") != 0))
		return false;
	for (size_t i = 0; i < v->report->n && !known; i++)
		known = *suffix ? is_of(v, &v->report->v[i], &id) : vss_lvm_copy(v->report, v->group, &id) != NULL;
	return !known && changed_ns(v->fd, name) < v->looked_ns;
}

static int
drop_stale(const struct view *v, struct vss_err *err)
{
	VSS_AUTOCLOSE int again = openat(v->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "read the directory");
	vss_take_fd(&again);
	for (struct dirent *e; (e = readdir(d));)
		if (is_stale(v, e->d_name))
			unlinkat(v->fd, e->d_name, 0);
	closedir(d);
	return 0;
}

/* --- Places --- */

static bool
has_copies(const struct vss_lvm_report *r, const char *group)
{
	struct vss_uuid shadow;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].vg_uuid, group) == 0 && vss_lvm_is_copy(&r->v[i], &shadow))
			return true;
	return false;
}

static int
add_place(const struct view *v, const struct vss_lvm_lv *lv, struct vss_provider_places *out, struct vss_err *err)
{
	struct view own = *v;

	own.group = lv->vg_uuid;
	own.fd = vss_lvm_open_place(lv->vg_uuid, err);
	if (own.fd < 0)
		return -1;
	if (show_all(&own, err) || drop_stale(&own, err)) {
		close(own.fd);
		return vss_wrap(err, "volume group %s", lv->vg);
	}
	VSS_PUSH(out->v, out->n, out->cap) =
		(struct vss_provider_place){ .dirfd = own.fd, .label = vss_strf("volume group %s", lv->vg) };
	return 0;
}

/* Its last copy has gone, and with it the tags: their image follows. */
static int
clear_place(const struct view *v, const struct vss_lvm_lv *lv, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s/lvm/%s", vss_run_dir(), lv->vg_uuid);
	struct view own = *v;
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	own.group = lv->vg_uuid;
	own.fd = fd;
	if (drop_stale(&own, err))
		return vss_wrap(err, "volume group %s", lv->vg);
	(void)rmdir(path); /* something newer may be in it */
	return 0;
}

static bool
is_first_of_group(const struct vss_lvm_report *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->v[k].vg_uuid, r->v[i].vg_uuid) == 0)
			return false;
	return true;
}

int
vss_lvm_places(const struct vss_provider_ops *self, struct vss_provider_places *out, struct vss_err *err)
{
	struct vss_lvm_report report;
	struct view v = { .report = &report, .looked_ns = vss_now_wall(), .fd = -1 };

	(void)self;
	if (!vss_lvm_is_here())
		return 0;
	int rc = vss_lvm_look(&report, err);
	for (size_t i = 0; rc == 0 && i < report.n; i++) {
		const struct vss_lvm_lv *lv = &report.v[i];
		if (is_first_of_group(&report, i))
			rc = has_copies(&report, lv->vg_uuid) ? add_place(&v, lv, out, err) : clear_place(&v, lv, err);
	}
	vss_lvm_report_free(&report);
	return rc;
}

void
vss_lvm_forget(const char *place, const struct vss_uuid *shadow)
{
	VSS_AUTOFREE char *path = vss_strf("%s/lvm/%s", vss_run_dir(), place);
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		(void)unlinkat(fd, id, 0); /* what stays behind is dropped when the place is looked at */
	(void)rmdir(path);
}

int
vss_lvm_tidy(const struct vss_shadow *s, struct vss_err *err)
{
	(void)err;
	if (s->place && vss_lvm_is_place(s->place))
		vss_lvm_forget(s->place, &s->id);
	return 0;
}
