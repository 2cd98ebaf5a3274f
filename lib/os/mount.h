/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_MOUNT_H
#define VSS_OS_MOUNT_H

#include "base/err.h"

#include <stdbool.h>

#include <stdint.h>

/**
 * Mounts of our own, by the new mount API (fsopen, fsmount, open_tree, mount_setattr, move_mount).  Paths that must not be
 * interpreted twice are given as descriptors.
 */

/**
 * A private, detached, writable mount of the top-level subvolume (ID 5) of the btrfs on `source`; nobody else sees it and it goes with
 * its last descriptor.  Returns an O_PATH-like directory descriptor of its root that can be used with *at() calls and openat(fd, ".", O_RDONLY), or -1.
 */
int vss_mount_btrfs_top(const char *source, struct vss_err *err);

/** Mount the subvolume with this ID of the btrfs on `source` at `target`, with these MOUNT_ATTR_* of its own. */
int vss_mount_btrfs_at(
	const char *source, uint64_t subvol, unsigned attributes, const char *target, struct vss_err *err);
/** Show the part `sub` of what is mounted at `whole` also at `target`, with these MOUNT_ATTR_*. */
int vss_mount_part_at(const char *whole, const char *sub, unsigned attributes, const char *target, struct vss_err *err);
/** The MOUNT_ATTR_* that the mount at `target` has. */
int vss_mount_attributes(const char *target, unsigned *out, struct vss_err *err);

/** A copy of the detached (or attached) tree `treefd`:`sub`, read-only, nosuid, nodev, noexec, as a private detached mount: its descriptor, or -1.  `sub` ""
 * is the tree's root itself. */
int vss_mount_read_only(int treefd, const char *sub, struct vss_err *err);
/** The same, attached at `target`. */
int vss_mount_read_only_at(int treefd, const char *sub, const char *target, struct vss_err *err);

/** Unmount `target` although it is in use: who has something of it open keeps it until he closes it.  Not mounted: VSS_ABSENT. */
int vss_unmount_lazily(const char *target, struct vss_err *err);
/**
 * The file system on a block device that is a copy of another one: read-only, nosuid, nodev, noexec, beside its origin (XFS: nouuid),
 * attached at `target`.  Its journal is replayed where the device can be written to; where it cannot,
 * and the journal is not empty, the file system is shown without it, with a warning.
 */
int vss_mount_device_at(const char *device, const char *fstype, const char *target, struct vss_err *err);

/**
 * The file system on a block device that was copied while the file system stood still (a snapshot by device-mapper): nothing is to be
 * replayed.  nosuid, nodev, noexec, beside its origin (XFS: nouuid), read-only unless `writable`, as a private detached mount: its descriptor, or -1.
 */
int vss_mount_still(const char *device, const char *fstype, bool writable, struct vss_err *err);
/** What is mounted at `target`, file system and mount, becomes read-only.  VSS_BUSY when something is open for writing. */
int vss_mount_make_read_only(const char *target, struct vss_err *err);

/** The btrfs subvolume whose root `fd` is, writable, nosuid, nodev, noexec, as a private detached mount: its descriptor, or -1. */
int vss_mount_subvolume(int fd, struct vss_err *err);
/** This mount, not the file system, becomes read-only.  VSS_BUSY when something is open for writing by it; not mounted: VSS_ABSENT. */
int vss_mount_seal(const char *target, struct vss_err *err);

/** Unmount `target` (not lazily; UMOUNT_NOFOLLOW).  VSS_BUSY when in use.  Not mounted: VSS_ABSENT. */
int vss_unmount(const char *target, struct vss_err *err);

#endif
