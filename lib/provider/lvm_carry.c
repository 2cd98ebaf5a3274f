/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/durable.h"
#include "provider/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From the directory of a place to the tags (lvm_storage.c has the way back). */

#define DOCUMENT_MAX (24u << 10) /* a group has room for half a megabyte of all its metadata */
#define DOCUMENT_LIMIT (64u << 20)

static bool
has_piece(const struct vss_lvm_lv *lv)
{
	for (size_t i = 0; i < lv->tags.n; i++)
		if (vss_lvm_is_piece(lv->tags.v[i]))
			return true;
	return false;
}

/* Another copy of the set in the group than `not`: one that has a document already, else the first. */
static const struct vss_lvm_lv *
find_bearer(
	const struct vss_lvm_report *r, const char *group, const struct vss_uuid *set, const struct vss_lvm_lv * not )
{
	const struct vss_lvm_lv *found = NULL;
	struct vss_uuid own, shadow;

	for (size_t i = 0; i < r->n; i++) {
		const struct vss_lvm_lv *lv = &r->v[i];
		if (lv == not || strcmp(lv->vg_uuid, group) != 0 || !vss_lvm_is_copy(lv, &shadow) ||
			vss_lvm_tagged(lv, VSS_LVM_TAG_SET, &own) || !vss_uuid_eq(&own, set))
			continue;
		if (!found || (has_piece(lv) && !has_piece(found)))
			found = lv;
	}
	return found;
}

/* The tags that `lv` has of a document become those in `tags`, in one change of the group. */
static int
change_pieces(const struct vss_lvm_lv *lv, const struct vss_strv *tags, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	vss_strv_add(&words, "lvchange");
	for (size_t i = 0; i < tags->n; i++) {
		if (vss_strv_has(&lv->tags, tags->v[i]))
			continue;
		vss_strv_add(&words, "--addtag");
		vss_strv_add(&words, tags->v[i]);
	}
	for (size_t i = 0; i < lv->tags.n; i++) {
		if (!vss_lvm_is_piece(lv->tags.v[i]) || vss_strv_has(tags, lv->tags.v[i]))
			continue;
		vss_strv_add(&words, "--deltag");
		vss_strv_add(&words, lv->tags.v[i]);
	}
	if (words.n == 1)
		return 0;
	vss_strv_take(&words, vss_lvm_path(lv->vg, lv->name));
	return vss_lvm_run(&words, false, err);
}

/* The document as it goes into tags; none when it is not there. */
static int
read_document(int fd, const struct vss_uuid *set, struct vss_strv *tags, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf doc = VSS_BUF_INIT;
	char name[VSS_UUID_TEXT + 8];
	struct stat st;

	vss_store_set_name(set, ".xml", name);
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	if (vss_read_file_at(fd, name, DOCUMENT_LIMIT, &doc, err))
		return -1;
	if (doc.len > DOCUMENT_MAX)
		vss_lvm_shorten(&doc);
	vss_lvm_tags_write(doc.data, doc.len, (int64_t)st.st_mtim.tv_sec * VSS_S + st.st_mtim.tv_nsec, tags);
	return 0;
}

/* The UUID of the group is the last name of its directory's path. */
static int
group_of(int dirfd, char *path, size_t room, const char **group, struct vss_err *err)
{
	char link[64];

	snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd);
	ssize_t n = readlink(link, path, room - 1);
	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", link);
	path[n] = '\0';
	*group = vss_path_base(path);
	return vss_lvm_is_place(*group) ? 0 : vss_fail(err, VSS_INVALID, 0, "%s: it is no place of ours", path);
}

int
vss_lvm_carry(const struct vss_provider_place *p, const struct vss_uuid *set, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	struct vss_lvm_report r = { 0 };
	char path[PATH_MAX];
	const char *group = NULL;

	if (group_of(p->dirfd, path, sizeof path, &group, err) || read_document(p->dirfd, set, &tags, err))
		return -1;
	int rc = vss_lvm_look(&r, err);
	const struct vss_lvm_lv *bearer = rc ? NULL : find_bearer(&r, group, set, NULL);
	if (bearer)
		rc = change_pieces(bearer, &tags, err);
	else if (rc == 0 && tags.n)
		rc = vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "no shadow copy of the set is left that could bear it");
	vss_lvm_report_free(&r);
	return rc;
}

int
vss_lvm_pass_on(const struct vss_lvm_report *r, const struct vss_lvm_lv *lv, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv tags = VSS_STRV_INIT;
	struct vss_uuid set;

	if (!has_piece(lv) || vss_lvm_tagged(lv, VSS_LVM_TAG_SET, &set))
		return 0;
	const struct vss_lvm_lv *next = find_bearer(r, lv->vg_uuid, &set, lv);
	for (size_t i = 0; next && i < lv->tags.n; i++)
		if (vss_lvm_is_piece(lv->tags.v[i]))
			vss_strv_add(&tags, lv->tags.v[i]);
	return next ? change_pieces(next, &tags, err) : 0;
}
