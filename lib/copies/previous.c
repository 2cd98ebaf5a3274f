/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/time.h"
#include "os/dirs.h"
#include "os/mount.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Samba reads a previous version as the user who asks for it, so the way to these mounts is open to all, and the copies' own
 * permissions decide.  Device paths are for root alone.
 */

int
copies_let_all(const char *dir, mode_t bits, struct vss_err *err)
{
	struct stat st;

	if (stat(dir, &st) < 0 || ((st.st_mode & bits) != bits && chmod(dir, (st.st_mode & 07777) | bits) < 0))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	return 0;
}

char *
copies_open_path(const char *dir, const char *name, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_run_path(dir, name, err);
	VSS_AUTOFREE char *at = path ? vss_path_dir(path) : NULL;

	while (at && vss_path_is_below(at, vss_run_dir())) {
		if (copies_let_all(at, 0111, err) < 0)
			return NULL;
		char *above = vss_path_dir(at);
		free(at);
		at = above;
	}
	return vss_take(&path);
}

static bool
is_previous_version(const struct vss_shadow *sh)
{
	const char *id = sh->volume_id;

	/* A document may come from elsewhere, and the ID becomes a directory that is opened to all. */
	return sh->attributes & VSS_ATTR_CLIENT_ACCESSIBLE && sh->attributes & VSS_ATTR_PERSISTENT && id && *id &&
	       *id != '.' && !strchr(id, '/');
}

/* samba/VOLUME-ID and @GMT-...: the moment in UTC is how clients name a version. */
static void
names_of(const struct vss_set *set, const struct vss_shadow *sh, char **dir, char **name)
{
	time_t t = (time_t)(set->created_ns / VSS_S);
	struct tm tm = { 0 };
	char text[40] = "";

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "@GMT-%Y.%m.%d-%H.%M.%S", &tm);
	*dir = vss_strf("samba/%s", sh->volume_id);
	*name = vss_strdup(text);
}

static int
show(const struct vss_set *set, const struct vss_shadow *sh, const struct vss_mount_list *mounts,
	struct vss_strv *shown, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = NULL;
	VSS_AUTOFREE char *name = NULL;
	const struct vss_provider_ops *ops = vss_provider_named(sh->provider, err);

	names_of(set, sh, &dir, &name);
	VSS_AUTOFREE char *path = ops ? copies_open_path(dir, name, err) : NULL;
	VSS_AUTOFREE char *list = path ? vss_path_dir(path) : NULL;
	/* Samba lists the versions as the user, too. */
	if (!path || copies_let_all(list, 0555, err) < 0)
		return -1;
	if (vss_strv_has(shown, path))
		return vss_fail(err, VSS_EXISTS, 0, "another copy of the same second is shown as %s", name);
	vss_strv_add(shown, path);
	if (copies_is_shown_at(path, &sh->id, mounts))
		return 0;
	return ops->surface(sh, sh->device, err) < 0 ? -1 : ops->expose(sh, sh->device, path, err);
}

static int
take_away(const char *path, struct vss_err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (S_ISLNK(st.st_mode))
		return unlink(path) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : 0;
	if (vss_unmount(path, err) < 0 && err->code != VSS_ABSENT)
		return -1;
	(void)vss_forgive(err);
	return rmdir(path) < 0 && errno != ENOENT ? vss_fail(err, VSS_SYSTEM, errno, "%s", path) : 0;
}

/* What no copy stands for any more. */
static void
drop_others(const char *dir, const struct vss_strv *shown)
{
	DIR *d = opendir(dir);

	for (struct dirent *e; d && (e = readdir(d));) {
		VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);
		struct vss_err err = VSS_ERR_INIT;
		if (*e->d_name == '.' || vss_strv_has(shown, path))
			continue;
		if (take_away(path, &err) < 0)
			vss_warn("previous version: %s", err.text);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir); /* the last one has gone */
}

void
copies_previous_renew(const struct vss_set_list *l)
{
	VSS_AUTOSTRV struct vss_strv shown = VSS_STRV_INIT;
	VSS_AUTOFREE char *dir = vss_path_join(vss_run_dir(), "samba");
	struct vss_mount_list mounts = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (vss_mounts(&mounts, &err) < 0) {
		vss_warn("previous versions: %s", err.text);
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->v[i]->nshadows; k++) {
			const struct vss_shadow *sh = &l->v[i]->shadows[k];
			err = (struct vss_err)VSS_ERR_INIT;
			if (!is_previous_version(sh) || show(l->v[i], sh, &mounts, &shown, &err) == 0)
				continue;
			/* Of one that shares its name every later run would say so again. */
			if (err.code == VSS_EXISTS)
				vss_info("previous version of %s: %s", sh->volume, err.text);
			else
				vss_warn("previous version of %s: %s", sh->volume, err.text);
		}
	vss_mount_list_free(&mounts);
	DIR *d = opendir(dir);
	for (struct dirent *e; d && (e = readdir(d));) {
		VSS_AUTOFREE char *volume = vss_path_join(dir, e->d_name);
		if (*e->d_name != '.')
			drop_others(volume, &shown);
	}
	if (d)
		closedir(d);
}

int
copies_previous_drop(const struct vss_set *set, const struct vss_shadow *sh, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = NULL;
	VSS_AUTOFREE char *name = NULL;
	struct vss_mount_list mounts = { 0 };

	if (!is_previous_version(sh))
		return 0;
	names_of(set, sh, &dir, &name);
	VSS_AUTOFREE char *path = vss_strf("%s/%s/%s", vss_run_dir(), dir, name);
	if (vss_mounts(&mounts, err) < 0)
		return -1;
	int rc = copies_is_shown_at(path, &sh->id, &mounts) ? take_away(path, err) : 0;
	vss_mount_list_free(&mounts);
	return rc < 0 ? vss_wrap(err, "previous version") : 0;
}

void
vss_copies_show_previous(void)
{
	struct vss_set_list l = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (vss_copies_list(&l, &err) < 0)
		vss_warn("previous versions: %s", err.text);
	else
		copies_previous_renew(&l);
	vss_set_list_free(&l);
}
