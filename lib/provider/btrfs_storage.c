/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"
#include "provider/builtin_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/dirs.h"
#include "os/mount.h"
#include "os/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Storage lies in the top-level subvolume, which is mounted privately for the time of a call, so
 * that a copy is found whatever is mounted where.  A place is the UUID of the file system.
 */

static char *
place_for(const struct vss_provider_set *ps, const struct vss_volume *v)
{
	(void)ps;
	return vss_strdup(v->fs_uuid ? v->fs_uuid : "");
}

bool
vss_btrfs_is_place(const char *place)
{
	struct vss_uuid id;
	return vss_uuid_parse(place, &id) == 0;
}

static bool
is_btrfs(const struct vss_volume *v)
{
	return strcmp(v->fstype, "btrfs") == 0 && v->fs_uuid;
}

/*
 * Mounted by nobody, as the kernel's own list says: one look, where a disk that is not there may have five hundred copies that are
 * asked for one by one.
 */
static bool
is_mounted_nowhere(const char *fs_uuid)
{
	VSS_AUTOFREE char *path = vss_strf("/sys/fs/btrfs/%s", fs_uuid);

	return access(path, F_OK) && errno == ENOENT && access("/sys/fs/btrfs/features", F_OK) == 0;
}

static int
fail_not_mounted(const char *fs_uuid, struct vss_err *err)
{
	return vss_fail(err, VSS_ABSENT, 0, "the btrfs file system %s is not mounted", fs_uuid);
}

/*
 * What our own mount of the file system, for the device paths of copies, was made from: all else
 * may have been unmounted.
 */
static char *
find_our_source(const char *fs_uuid, struct vss_err *err)
{
	VSS_AUTOFREE char *point = vss_run_path("fs", fs_uuid, err);
	struct vss_mount_list list = { 0 };
	char *source = NULL;

	if (!point || vss_mounts(&list, err))
		return NULL;
	for (size_t i = 0; i < list.n && !source; i++)
		if (strcmp(list.v[i].target, point) == 0)
			source = vss_strdup(list.v[i].source);
	vss_mount_list_free(&list);
	if (!source)
		fail_not_mounted(fs_uuid, err);
	return source;
}

/* What the file system is mounted from, of its own; NULL. */
static char *
find_source(const char *fs_uuid, struct vss_err *err)
{
	struct vss_volume_list list = { 0 };
	const struct vss_volume *found = NULL;
	char *source = NULL;

	if (is_mounted_nowhere(fs_uuid)) {
		fail_not_mounted(fs_uuid, err);
		return NULL;
	}
	if (vss_volumes(true, &list, err))
		return NULL;
	for (size_t i = 0; i < list.n; i++)
		if (is_btrfs(list.v[i]) && strcmp(list.v[i]->fs_uuid, fs_uuid) == 0)
			found = list.v[i];
	if (!found)
		source = find_our_source(fs_uuid, err);
	else if (found->read_only) /* our writable mount would change that for everybody */
		vss_fail(err, VSS_UNSUPPORTED, 0, "%s: the file system is read-only", found->mount);
	else
		source = vss_strdup(found->source);
	vss_volume_list_free(&list);
	return source;
}

static int
open_root(const char *place, struct vss_err *err)
{
	if (!vss_btrfs_is_place(place))
		return vss_fail(err, VSS_INVALID, 0, "%s: it is not the UUID of a file system", place);
	if (geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "btrfs %s: only root may work with its shadow copies", place);
	VSS_AUTOFREE char *source = find_source(place, err);
	VSS_AUTOCLOSE int top = source ? vss_mount_btrfs_top(source, err) : -1;
	if (top < 0)
		return -1;
	return vss_take_fd(&top);
}

static int
add_our_mounts(struct vss_strv *places, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_strf("%s/fs", vss_run_dir());
	struct vss_mount_list list = { 0 };

	if (vss_mounts(&list, err))
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		const char *name = vss_path_below(list.v[i].target, dir);
		if (name && strcmp(list.v[i].fstype, "btrfs") == 0 && vss_btrfs_is_place(name))
			vss_strv_add(places, name);
	}
	vss_mount_list_free(&list);
	return 0;
}

/* Without privilege there is nothing to look at; saying so for each file system would help nobody. */
static int
candidates(struct vss_strv *places, struct vss_err *err)
{
	struct vss_volume_list list = { 0 };

	if (geteuid() != 0 || vss_in_trial())
		return 0;
	if (vss_volumes(true, &list, err))
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (is_btrfs(list.v[i]) && !list.v[i]->read_only)
			vss_strv_add(places, list.v[i]->fs_uuid);
	vss_volume_list_free(&list);
	return add_our_mounts(places, err);
}

int
vss_btrfs_drop_leader(int shadow_dirfd, struct vss_err *err)
{
	VSS_AUTOCLOSE int lead = openat(shadow_dirfd, VSS_BTRFS_LEAD, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (lead < 0)
		return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "open " VSS_BTRFS_LEAD);
	if (vss_btrfs_destroy(lead, VSS_BTRFS_EMPTY, err))
		return -1;
	if (unlinkat(shadow_dirfd, VSS_BTRFS_LEAD, AT_REMOVEDIR) && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "remove " VSS_BTRFS_LEAD);
	return 0;
}

static int
drop(int dirfd, const char *name, struct vss_err *err)
{
	if (vss_btrfs_destroy(dirfd, name, err))
		return -1;
	return vss_btrfs_drop_leader(dirfd, err);
}

static int
clear(int storefd, struct vss_err *err)
{
	/*
	 * Not settled: the storage goes in the same transaction or a later one, so a power cut
	 * cannot tear them apart.
	 */
	return vss_btrfs_destroy(storefd, VSS_BTRFS_EMPTY, err);
}

const struct vss_store_kind vss_btrfs_kind = {
	.provider = "btrfs",
	.place_for = place_for,
	.open_root = open_root,
	.candidates = candidates,
	.drop = drop,
	.settle = vss_btrfs_settle,
	.clear = clear,
};

int
vss_btrfs_furnish(int storefd, int shadow_dirfd, struct vss_err *err)
{
	if (faccessat(storefd, VSS_BTRFS_EMPTY, F_OK, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT)
			return vss_fail(err, VSS_SYSTEM, errno, VSS_BTRFS_EMPTY);
		if (vss_btrfs_create(storefd, VSS_BTRFS_EMPTY, err))
			return -1;
	}
	if (mkdirat(shadow_dirfd, VSS_BTRFS_LEAD, 0700))
		return vss_fail(err, VSS_SYSTEM, errno, "make a directory for the leader");
	return 0;
}

/*
 * The path of the subvolume below the top level, of its own: the root of the mount less what was
 * bind-mounted of it.
 */
static char *
subvolume_path(const struct vss_volume *v)
{
	size_t n = strlen(v->fs_root), inner = v->subpath ? strlen(v->subpath) : 0;

	if (inner && n > inner && strcmp(v->fs_root + n - inner, v->subpath) == 0)
		n -= inner;
	while (n && v->fs_root[n - 1] == '/')
		n--;
	return n > 1 ? vss_strndup(v->fs_root + 1, n - 1) : vss_strdup(".");
}

int
vss_btrfs_open_source(int rootfd, const struct vss_volume *v, struct vss_err *err)
{
	VSS_AUTOFREE char *path = subvolume_path(v);
	VSS_AUTOCLOSE int fd = openat(rootfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t id, otransid;

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: subvolume %s", v->mount, path);
	if (vss_btrfs_identify(fd, &id, &otransid, err))
		return vss_wrap(err, "%s", v->mount);
	/* It may have been renamed since the mount table was read, and another put in its place. */
	if (id != v->subvol_id)
		return vss_fail(err, VSS_BUSY, 0, "%s: another subvolume took the place of %s", v->mount, path);
	return vss_take_fd(&fd);
}
