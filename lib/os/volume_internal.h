/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_VOLUME_INTERNAL_H
#define VSS_OS_VOLUME_INTERNAL_H

#include "os/volume.h"

/** The mount table in `file`, which has the form of /proc/self/mountinfo. */
int vss_mounts_read(const char *file, struct vss_mount_list *out, struct vss_err *err);
/** The mount that a look-up of the clean absolute `path` ends on, links aside; NULL for an empty table. */
const struct vss_mount *vss_mounts_at(const struct vss_mount_list *list, const char *path);
const struct vss_mount *vss_mounts_by_id(const struct vss_mount_list *list, uint64_t id);

bool vss_fs_is_pseudo(const char *fstype);
bool vss_fs_is_network(const char *fstype);

/** Fill in dev, subvol_id, subpath, fs_uuid and id of the volume shown by mount `m` of `list`.  What cannot be learnt is derived. */
void vss_volume_identify(struct vss_volume *v, const struct vss_mount *m, const struct vss_mount_list *list);

/** The part of it that the subvolume tells whose root `fd` is.  fs_uuid stays if it is known. */
struct stat;
void vss_volume_identify_btrfs(struct vss_volume *v, int fd, const struct stat *st);
/** The subvolume within `outer` that the open file lies in and that has no mount of its own; NULL: it lies in `outer` itself. */
struct vss_volume *vss_volume_around(const struct vss_volume *outer, int fd);

/**
 * The LV UUID as lvs(8) shows it, from the UUID that LVM gives its device-mapper devices: "LVM-", VG UUID, LV UUID (32 characters each, no
 * dashes), perhaps "-suffix".  NULL: not LVM's.
 */
char *vss_lv_uuid_of(const char *dm_uuid);
/** Is the logical volume with this device-mapper name a shadow copy (provider lvm)?  And the one that this device is? */
bool vss_lv_is_copy(const char *dm_name);
bool vss_device_is_copy(dev_t dev);

/** UUID of the file system on block device `dev`, named `source` in the mount table, by what blkid and udev know; NULL: unknown. */
char *vss_blkid_uuid(dev_t dev, const char *source);

/** The directories of $VSS_FAKE_VOLUMES that exist. */
void vss_fake_volumes(struct vss_volume_list *out);

#endif
