/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_revert_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/stop.h"

#include <errno.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LOCK_WAIT_MS 2000

/*
 * A read-only subvolume cannot be renamed into another directory: a snapshot of it is made there, and it is
 * deleted.  Cut short in between both are there, and who asks again goes on from that.
 */

/* Beside the origin, or in the top level when that is gone; relative to the top level. */
static char *
target_path(int top, const struct vss_shadow *s, const char *name)
{
	struct vss_uuid uuid;
	struct vss_err gone = VSS_ERR_INIT;
	uint64_t id;

	if (vss_uuid_parse(s->volume_id, &uuid) < 0 || vss_btrfs_by_uuid(top, &uuid, &id) < 0)
		return vss_strdup(name);
	VSS_AUTOFREE char *origin = vss_btrfs_path_of(top, id, &gone);
	VSS_AUTOFREE char *dir = origin && strchr(origin, '/') ? vss_path_dir(origin) : NULL;
	return dir ? vss_path_join(dir, name) : vss_strdup(name);
}

static int
subvolume_uuids(int fd, struct btrfs_ioctl_get_subvol_info_args *out, struct vss_err *err)
{
	memset(out, 0, sizeof *out);
	return ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, out) < 0
		       ? vss_fail(err, VSS_SYSTEM, errno, "ask about the btrfs subvolume")
		       : 0;
}

/* Did an earlier run make it of this copy?  1, 0. */
static bool
is_made_of(int top, const char *path, int copy)
{
	struct vss_err none = VSS_ERR_INIT;
	struct btrfs_ioctl_get_subvol_info_args it, of;
	VSS_AUTOCLOSE int fd = vss_btrfs_open_at(top, path, &none);

	return fd >= 0 && subvolume_uuids(fd, &it, &none) == 0 && subvolume_uuids(copy, &of, &none) == 0 &&
	       memcmp(it.parent_uuid, of.uuid, sizeof of.uuid) == 0;
}

static int
make_snapshot(int top, const char *path, int copy, bool writable, struct vss_err *err)
{
	const char *base;
	struct btrfs_ioctl_vol_args_v2 a = { .fd = copy, .flags = writable ? 0 : BTRFS_SUBVOL_RDONLY };
	VSS_AUTOCLOSE int dir = vss_btrfs_open_dir_of(top, path, &base, err);

	if (dir < 0)
		return -1;
	snprintf(a.name, sizeof a.name, "%s", base);
	if (ioctl(dir, BTRFS_IOC_SNAP_CREATE_V2, &a) < 0) {
		if (errno == EEXIST && is_made_of(top, path, copy))
			return 0;
		bool full = errno == ENOSPC || errno == EDQUOT;
		return vss_fail(
			err, full ? VSS_E_INSUFFICIENT_STORAGE : VSS_SYSTEM, errno, "subvolume %s: make it", path);
	}
	return vss_btrfs_settle(dir, err);
}

int
vss_btrfs_detach(const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err)
{
	VSS_AUTOCLOSE int mount = vss_btrfs_kind.open_root(s->place, err);
	VSS_AUTOCLOSE int top = mount < 0 ? -1 : vss_btrfs_open_at(mount, "", err);
	VSS_AUTOCLOSE int store = top < 0 ? -1 : vss_store_find(top, vss_btrfs_kind.provider, err);
	VSS_AUTOCLOSE int lock = store < 0 ? -1 : vss_store_lock(store, LOCK_WAIT_MS, err);
	VSS_AUTOFREE char *inner = vss_store_copy_path(&s->id);
	VSS_AUTOCLOSE int copy = lock < 0 ? -1 : vss_btrfs_open_at(top, inner, err);

	if (copy < 0)
		return -1;
	VSS_AUTOFREE char *path = target_path(top, s, name);
	if (make_snapshot(top, path, copy, writable, err) < 0)
		return -1;
	vss_stop_point("provider.btrfs.detached");
	if (vss_store_drop_copy(store, &s->id, &vss_btrfs_kind, err) < 0 || vss_btrfs_settle(store, err) < 0)
		return -1;
	*where = vss_take(&path);
	return 0;
}
