/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
vss_store_copy_path(const struct vss_uuid *shadow)
{
	char id[VSS_UUID_TEXT];
	vss_uuid_text(shadow, id);
	return vss_strf(VSS_SHADOW_STORAGE "/%s/" VSS_STORE_COPY, id);
}

void
vss_store_leave_out(const char *place, const struct vss_err *err)
{
	if (err->code != VSS_ABSENT)
		vss_warn("%s: its shadow copies cannot be seen: %s", place, err->text);
}

int
vss_store_places(const struct vss_store_kind *kind, struct vss_provider_places *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv places = VSS_STRV_INIT;

	if (kind->candidates(&places, err))
		return -1;
	vss_strv_sort(&places);
	for (size_t i = 0; i < places.n; i++) {
		struct vss_err why = VSS_ERR_INIT;
		if (i && strcmp(places.v[i], places.v[i - 1]) == 0)
			continue;
		VSS_AUTOCLOSE int root = kind->open_root(places.v[i], &why);
		int fd = root < 0 ? -1 : vss_store_find(root, kind->provider, &why);
		if (fd < 0)
			vss_store_leave_out(places.v[i], &why);
		else
			VSS_PUSH(out->v, out->n, out->cap) =
				(struct vss_provider_place){ .dirfd = fd, .label = vss_strdup(places.v[i]) };
	}
	return 0;
}

/* The directory SHADOW in the storage `fd`; -1 with VSS_ABSENT. */
static int
open_shadow(int fd, const struct vss_uuid *shadow, struct vss_err *err)
{
	char name[VSS_UUID_TEXT];
	vss_uuid_text(shadow, name);
	int dir = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "shadow copy %s", name);
	return dir;
}

int
vss_store_drop_copy(int fd, const struct vss_uuid *shadow, const struct vss_store_kind *kind, struct vss_err *err)
{
	char name[VSS_UUID_TEXT];
	VSS_AUTOCLOSE int dir = open_shadow(fd, shadow, err);

	vss_uuid_text(shadow, name);
	if (dir < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	if (kind->drop(dir, VSS_STORE_COPY, err))
		return vss_wrap(err, "shadow copy %s", name);
	if (unlinkat(fd, name, AT_REMOVEDIR) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "shadow copy %s: remove its directory", name);
	return 0;
}

int
vss_store_remove_copy(const struct vss_shadow *s, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	if (root < 0)
		return -1;
	VSS_AUTOCLOSE int fd = vss_store_find(root, kind->provider, err);
	if (fd < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : vss_wrap(err, "%s", s->place);
	if (vss_store_drop_copy(fd, &s->id, kind, err) || (kind->settle && kind->settle(fd, err)))
		return -1;
	return vss_store_tidy(root, s->place, kind, err);
}

int
vss_store_tidy_place(const char *place, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(place, err);
	if (root < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	return vss_store_tidy(root, place, kind, err);
}

int
vss_store_copy_exists(const struct vss_shadow *s, const struct vss_store_kind *kind, struct vss_err *err)
{
	VSS_AUTOCLOSE int root = kind->open_root(s->place, err);
	if (root < 0)
		return -1;
	VSS_AUTOCLOSE int fd = vss_store_find(root, kind->provider, err);
	VSS_AUTOCLOSE int dir = fd < 0 ? -1 : open_shadow(fd, &s->id, err);
	if (dir < 0)
		return err->code == VSS_ABSENT ? vss_forgive(err) : -1;
	struct stat st;
	if (fstatat(dir, VSS_STORE_COPY, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return S_ISDIR(st.st_mode);
	return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", s->device);
}
