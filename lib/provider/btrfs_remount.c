/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_revert_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "os/durable.h"
#include "os/mount.h"
#include "os/users.h"
#include "os/volume.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT (1u << 20)

static bool
is_of(const struct vss_volume *v, const char *fs_uuid, uint64_t id)
{
	return v->subvol_id == id && vss_str_eq(v->fs_uuid, fs_uuid);
}

/* The mount on top at this place. */
static const struct vss_mount *
mount_at(const struct vss_mount_list *list, const char *target)
{
	for (size_t i = list->n; i-- > 0;)
		if (strcmp(list->v[i].target, target) == 0)
			return &list->v[i];
	return NULL;
}

static int
refuse_mounts_in(const struct vss_mount_list *list, const char *target, struct vss_err *err)
{
	const struct vss_mount *m = mount_at(list, target);

	for (size_t i = 0; m && i < list->n; i++)
		if (list->v[i].parent == m->id && &list->v[i] != m)
			return vss_fail(err, VSS_E_VOLUME_IN_USE, 0, "%s: %s is mounted in it: unmount that before",
				target, list->v[i].target);
	return 0;
}

static int
add_mount(struct vss_revert_record *r, const struct vss_volume *v, struct vss_err *err)
{
	unsigned attributes;

	if (vss_mount_attributes(v->mount, &attributes, err) < 0)
		return -1;
	VSS_PUSH(r->mounts, r->nmounts, r->cmounts) = (struct vss_revert_mount){
		.target = vss_strdup(v->mount),
		.source = vss_strdup(v->source),
		.part = vss_strdup(v->subpath ? v->subpath : ""),
		.attributes = attributes,
	};
	return 0;
}

/* Parts are shown from a mount of the whole. */
static int
check_parts(const struct vss_revert_record *r, struct vss_err *err)
{
	for (size_t i = 0; i < r->nmounts; i++)
		if (!*r->mounts[i].part)
			return 0;
	return r->nmounts ? vss_fail(err, VSS_UNSUPPORTED, 0,
				    "%s: only a part of the volume is mounted: mount the whole, or unmount the part",
				    r->mounts[0].target)
			  : 0;
}

int
vss_btrfs_find_mounts(const char *fs_uuid, struct vss_revert_record *r, struct vss_err *err)
{
	struct vss_volume_list list;
	struct vss_mount_list mounts;
	int rc = 0;

	if (vss_mounts(&mounts, err) < 0)
		return -1;
	if (vss_volumes_mounted(&list, err) < 0) {
		vss_mount_list_free(&mounts);
		return -1;
	}
	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		if (!is_of(list.v[i], fs_uuid, r->old))
			continue;
		rc = refuse_mounts_in(&mounts, list.v[i]->mount, err);
		if (rc == 0)
			rc = add_mount(r, list.v[i], err);
	}
	vss_volume_list_free(&list);
	vss_mount_list_free(&mounts);
	return rc == 0 ? check_parts(r, err) : rc;
}

/* The first place where it is mounted, of its own; NULL. */
static char *
mounted_where(const char *fs_uuid, uint64_t id)
{
	struct vss_volume_list list;
	struct vss_err unknown = VSS_ERR_INIT;
	char *where = NULL;

	if (vss_volumes_mounted(&list, &unknown) < 0)
		return vss_strdup("?");
	for (size_t i = 0; i < list.n && !where; i++)
		if (is_of(list.v[i], fs_uuid, id))
			where = vss_strdup(list.v[i]->mount);
	vss_volume_list_free(&list);
	return where;
}

bool
vss_btrfs_is_mounted(const char *fs_uuid, uint64_t id)
{
	VSS_AUTOFREE char *where = mounted_where(fs_uuid, id);
	return where != NULL;
}

static dev_t
superblock_of(const char *target)
{
	struct vss_mount_list mounts;
	struct vss_err unknown = VSS_ERR_INIT;

	if (vss_mounts(&mounts, &unknown) < 0)
		return 0;
	const struct vss_mount *m = mount_at(&mounts, target);
	dev_t dev = m ? m->dev : 0;
	vss_mount_list_free(&mounts);
	return dev;
}

static int
unmount(const char *target, bool force, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + VSS_REVERT_PATIENCE_MS * VSS_MS;
	int rc;

	while ((rc = force ? vss_unmount_lazily(target, err) : vss_unmount(target, err)) < 0 && err->code == VSS_BUSY &&
		vss_now_mono() < deadline)
		poll(NULL, 0, VSS_REVERT_TURN_MS);
	if (rc == 0 || err->code == VSS_ABSENT)
		return vss_forgive(err);
	return err->code != VSS_BUSY
		       ? -1
		       : vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
				 "%s: it is in use, by the kernel (swap, a loop device, an export) or by one "
				 "who has just come",
				 target);
}

int
vss_btrfs_unmount(const char *fs_uuid, const struct vss_revert_record *r, bool force, struct vss_err *err)
{
	dev_t dev = r->nmounts ? superblock_of(r->mounts[0].target) : 0;
	VSS_AUTOFREE char *root = vss_strf("/%s", r->path);

	for (size_t i = 0; i < r->nmounts; i++)
		if (unmount(r->mounts[i].target, force, err) < 0)
			return -1;
	VSS_AUTOFREE char *where = mounted_where(fs_uuid, r->old);
	if (where)
		return vss_fail(err, VSS_E_VOLUME_IN_USE, 0, "%s: it is mounted there once more", where);
	pid_t pid = dev && !force ? vss_mounted_by(dev, root) : 0;
	return pid ? vss_fail(err, VSS_E_VOLUME_IN_USE, 0,
			     "%s: process %d has it mounted in a mount namespace of its own", r->mounts[0].target,
			     (int)pid)
		   : 0;
}

static void
mount_one(const struct vss_revert_record *r, const struct vss_revert_mount *m, uint64_t id)
{
	struct vss_err err = VSS_ERR_INIT;
	const char *whole = NULL;

	for (size_t i = 0; i < r->nmounts && !whole; i++)
		whole = *r->mounts[i].part ? NULL : r->mounts[i].target;
	int rc = *m->part ? vss_mount_part_at(whole, m->part, m->attributes, m->target, &err)
			  : vss_mount_btrfs_at(m->source, id, m->attributes, m->target, &err);
	if (rc < 0)
		vss_complain("the volume could not be mounted again: %s", err.text);
}

static bool
is_there(const struct vss_volume_list *list, const struct vss_revert_mount *m, const char *fs_uuid, uint64_t id)
{
	for (size_t i = 0; i < list->n; i++)
		if (vss_str_eq(list->v[i]->mount, m->target) && is_of(list->v[i], fs_uuid, id))
			return true;
	return false;
}

void
vss_btrfs_mount_again(const char *fs_uuid, const struct vss_revert_record *r, uint64_t id)
{
	struct vss_volume_list list;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_volumes_mounted(&list, &err) < 0) {
		vss_complain("the volume could not be mounted again: %s", err.text);
		return;
	}
	for (int parts = 0; parts < 2; parts++) /* the whole first */
		for (size_t i = 0; i < r->nmounts; i++)
			if (!*r->mounts[i].part == !parts && !is_there(&list, &r->mounts[i], fs_uuid, id))
				mount_one(r, &r->mounts[i], id);
	vss_volume_list_free(&list);
}

static void
warn_if_named(const char *file, uint64_t old, uint64_t id)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err none = VSS_ERR_INIT;
	VSS_AUTOFREE char *option = vss_strf("subvolid=%" PRIu64, old);
	size_t n = strlen(option);

	if (vss_read_file(file, FILE_LIMIT, &text, &none) < 0 || !text.len)
		return;
	for (const char *at = text.data; (at = strstr(at, option)); at += n)
		if (!at[n] || strchr(", \t\n", at[n])) {
			vss_warn("%s: names the subvolume by an ID that it has not any more: %s is subvolid=%" PRIu64
				 " now",
				file, option, id);
			return;
		}
}

void
vss_btrfs_warn_of_id(uint64_t old, uint64_t id)
{
	warn_if_named("/etc/fstab", old, id);
	warn_if_named("/proc/cmdline", old, id);
}
