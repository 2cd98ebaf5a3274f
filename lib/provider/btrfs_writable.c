/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"
#include "provider/btrfs_revert_internal.h"

#include "base/mem.h"
#include "os/dirs.h"
#include "os/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Copies that writers recover in (S23 to S27): from commit to post_final_commit they can be written, by a mount
 * of their own that nobody knows but by the device path.  Sealing makes the mount read-only first, which fails
 * while anybody has a file open for writing, and then the subvolume.
 */

/* No UUID: it is not taken for a file system (see add_our_mounts). */
static void
mount_key(const struct vss_uuid *shadow, char out[VSS_UUID_TEXT + 8])
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(shadow, id);
	snprintf(out, VSS_UUID_TEXT + 8, "%s.rw", id);
}

static int
open_copy(int dirfd, const char *path, struct vss_err *err)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "the copy is missing: another tool has deleted it");
	return fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "open the copy") : fd;
}

int
vss_btrfs_surface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	VSS_AUTOFREE char *sub = vss_store_copy_path(&s->id);
	VSS_AUTOCLOSE int root = vss_btrfs_kind.open_root(s->place, err);
	VSS_AUTOCLOSE int copy = root < 0 ? -1 : open_copy(root, sub, err);
	char key[VSS_UUID_TEXT + 8];
	bool sealed;

	if (copy < 0 || vss_btrfs_is_read_only(copy, &sealed, err))
		return -1;
	if (sealed)
		return vss_surface_mount(root, s->place, sub, device, err);
	VSS_AUTOCLOSE int mount = vss_mount_subvolume(copy, err);
	mount_key(&s->id, key);
	return mount < 0 ? -1 : vss_surface_tree(mount, key, device, err);
}

int
vss_btrfs_unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err)
{
	char key[VSS_UUID_TEXT + 8];

	if (!vss_btrfs_is_place(s->place))
		return vss_surface_unlink(device, err);
	mount_key(&s->id, key);
	VSS_AUTOFREE char *point = vss_strf("%s/fs/%s", vss_run_dir(), key);
	if (access(point, F_OK) == 0 && vss_surface_unmount(key, device, err))
		return -1;
	return vss_surface_unmount(s->place, device, err);
}

int
vss_btrfs_seal(int shadow_dirfd, const struct vss_uuid *shadow, struct vss_err *err)
{
	VSS_AUTOCLOSE int copy = open_copy(shadow_dirfd, VSS_STORE_COPY, err);
	char key[VSS_UUID_TEXT + 8];

	mount_key(shadow, key);
	VSS_AUTOFREE char *point = vss_strf("%s/fs/%s", vss_run_dir(), key);
	if (copy < 0)
		return -1;
	if (vss_mount_seal(point, err) && err->code != VSS_ABSENT)
		return err->code != VSS_BUSY
			       ? -1
			       : vss_fail(err, VSS_E_PROVIDER_VETO, 0,
					 "the copy cannot be sealed: a writer has files in it open for writing still");
	vss_forgive(err);
	return vss_btrfs_set_read_only(copy, true, err);
}
