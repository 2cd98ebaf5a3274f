/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/lock.h"
#include "os/mount.h"
#include "os/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000

int
vss_surface_link(const char *target, const char *device, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(device);
	VSS_AUTOFREE char *fresh = vss_strf("%s.new", device);
	char old[PATH_MAX];

	if (vss_make_dirs(dir, err))
		return -1;
	ssize_t n = readlink(device, old, sizeof old);
	if (n >= 0 && (size_t)n == strlen(target) && memcmp(old, target, (size_t)n) == 0)
		return 0;
	unlink(fresh); /* of a run that died here */
	if (symlink(target, fresh) || rename(fresh, device))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", device);
	return 0;
}

int
vss_surface_unlink(const char *device, struct vss_err *err)
{
	if (unlink(device) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s", device);
	return 0;
}

static bool
is_mounted(const char *path, bool *out, struct vss_err *err)
{
	struct vss_mount_list list = { 0 };

	if (vss_mounts(&list, err))
		return false;
	*out = false;
	for (size_t i = 0; i < list.n; i++)
		*out |= strcmp(list.v[i].target, path) == 0;
	vss_mount_list_free(&list);
	return true;
}

/* Is what is mounted at `point` this tree?  Its storage may have been removed and made again since. */
static bool
shows(const char *point, int rootfd)
{
	struct stat there, wanted;
	return stat(point, &there) == 0 && fstat(rootfd, &wanted) == 0 && there.st_dev == wanted.st_dev &&
	       there.st_ino == wanted.st_ino;
}

/* Only one process at a time decides whether the mount is needed. */
static int
lock_mounts(struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_run_path("fs", ".lock", err);
	return path ? vss_lock(path, LOCK_WAIT_MS, err) : -1;
}

int
vss_surface_mount(int rootfd, const char *key, const char *sub, const char *device, struct vss_err *err)
{
	VSS_AUTOCLOSE int lock = lock_mounts(err);
	VSS_AUTOFREE char *point = lock < 0 ? NULL : vss_run_path("fs", key, err);
	bool there;

	if (!point || !is_mounted(point, &there, err) || vss_make_dirs(point, err))
		return -1;
	if (there && !shows(point, rootfd)) {
		if (vss_unmount(point, err))
			return -1;
		there = false;
	}
	if (!there && vss_mount_read_only_at(rootfd, "", point, err)) {
		rmdir(point);
		return -1;
	}
	VSS_AUTOFREE char *target = vss_path_join(point, sub);
	return vss_surface_link(target, device, err);
}

/* A mount that is there already is the one of this copy: its key is the copy's alone. */
int
vss_surface_device(const char *source, const char *fstype, const char *key, const char *device, struct vss_err *err)
{
	VSS_AUTOCLOSE int lock = lock_mounts(err);
	VSS_AUTOFREE char *point = lock < 0 ? NULL : vss_run_path("fs", key, err);
	bool there;

	if (!point || !is_mounted(point, &there, err) || vss_make_dirs(point, err))
		return -1;
	if (!there && vss_mount_device_at(source, fstype, point, err)) {
		rmdir(point);
		return -1;
	}
	return vss_surface_link(point, device, err);
}

int
vss_surface_tree(int mountfd, const char *key, const char *device, struct vss_err *err)
{
	VSS_AUTOCLOSE int lock = lock_mounts(err);
	VSS_AUTOFREE char *point = lock < 0 ? NULL : vss_run_path("fs", key, err);
	bool there;

	if (!point || !is_mounted(point, &there, err) || vss_make_dirs(point, err))
		return -1;
	if (!there && move_mount(mountfd, "", AT_FDCWD, point, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s: mount", point);
		rmdir(point);
		return -1;
	}
	return vss_surface_link(point, device, err);
}

/* Does a link in the directory of `device` lead into `point`?  Then the mount is needed still. */
static int
is_needed(const char *point, const char *device, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(device);
	char target[PATH_MAX];
	DIR *d = opendir(dir);

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	bool needed = false;
	for (struct dirent *e; !needed && (e = readdir(d));) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, target, sizeof target - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		needed = vss_path_is_below(target, point);
	}
	closedir(d);
	return needed;
}

/* The caller holds the lock of the mounts. */
static int
drop_unneeded(const char *point, const char *device, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	int needed = is_needed(point, device, err);

	if (needed != 0)
		return needed < 0 ? -1 : 0;
	if (vss_unmount(point, &why) && why.code != VSS_ABSENT) {
		*err = why;
		return -1;
	}
	if (rmdir(point) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove %s", point);
	return 0;
}

int
vss_surface_unmount(const char *key, const char *device, struct vss_err *err)
{
	VSS_AUTOCLOSE int lock = lock_mounts(err);
	VSS_AUTOFREE char *point = lock < 0 ? NULL : vss_run_path("fs", key, err);

	if (!point || vss_surface_unlink(device, err))
		return -1;
	return drop_unneeded(point, device, err);
}

int
vss_providers_tidy_mounts(struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_join(vss_run_dir(), "fs");
	VSS_AUTOFREE char *device = vss_strf("%s/shadows/any", vss_run_dir());
	DIR *d = opendir(dir);
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	VSS_AUTOCLOSE int lock = lock_mounts(err);
	for (struct dirent *e; lock >= 0 && r == 0 && (e = readdir(d));) {
		VSS_AUTOFREE char *point = vss_path_join(dir, e->d_name);
		if (*e->d_name != '.')
			r = drop_unneeded(point, device, err);
	}
	closedir(d);
	return lock < 0 ? -1 : r;
}

int
vss_expose_target(const char *path, struct vss_err *err)
{
	if (mkdir(path, 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make a directory to expose the copy at", path);
	DIR *d = opendir(path);
	if (!d)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	size_t n = 0;
	while (readdir(d))
		n++;
	closedir(d);
	if (n > 2)
		return vss_fail(err, VSS_EXISTS, 0, "%s: the directory is not empty", path);
	return 0;
}

int
vss_expose_mount(const struct vss_shadow *s, const char *device, const char *path, struct vss_err *err)
{
	(void)s;
	VSS_AUTOCLOSE int tree = open(device, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", device);
	if (vss_expose_target(path, err))
		return -1;
	return vss_mount_read_only_at(tree, "", path, err);
}

int
vss_expose_unmount(const struct vss_shadow *s, const char *path, struct vss_err *err)
{
	(void)s;
	if (vss_unmount(path, err) == 0)
		return 0;
	return err->code == VSS_ABSENT ? vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: nothing is exposed there", path)
				       : -1;
}

int
vss_expose_link(const char *device, const char *path, struct vss_err *err)
{
	if (vss_expose_target(path, err))
		return -1;
	if (rmdir(path) || symlink(device, path))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return 0;
}

int
vss_expose_unlink(const char *device, const char *path, struct vss_err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target);

	if (n < 0 || (size_t)n != strlen(device) || memcmp(target, device, (size_t)n) != 0)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "%s: nothing is exposed there", path);
	if (unlink(path) || mkdir(path, 0755))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	return 0;
}
