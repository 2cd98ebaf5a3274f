/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_BTRFS_REVERT_INTERNAL_H
#define VSS_PROVIDER_BTRFS_REVERT_INTERNAL_H

#include "base/str.h"
#include "provider/btrfs_internal.h"
#include "provider/revert_internal.h"

/*
 * Copies that become what is used.  Putting a subvolume back: btrfs_revert.c (the order of things, and how it is ended by another run), btrfs_swap.c (what is done to
 * subvolumes), btrfs_remount.c (mounts), btrfs_place.c (where subvolumes are, and what they are).
 */

/* btrfs_place.c */

/** The path of the subvolume below the top level `topfd`; the caller frees it; NULL, VSS_ABSENT when it has none. */
char *vss_btrfs_path_of(int topfd, uint64_t id, struct vss_err *err);
/** The ID of the subvolume at `path`; 0: there is none. */
uint64_t vss_btrfs_id_at(int topfd, const char *path);
/** Its root, to read. */
int vss_btrfs_open_at(int topfd, const char *path, struct vss_err *err);
/** Its UUID as text; the caller frees it; NULL. */
char *vss_btrfs_uuid_at(int topfd, const char *path, struct vss_err *err);
/** The directory that holds `path`, to read, and the last element of it. */
int vss_btrfs_open_dir_of(int topfd, const char *path, const char **base, struct vss_err *err);
/** Subvolumes that lie directly in the one whose root `fd` is: their paths in it. */
int vss_btrfs_nested_in(int fd, struct vss_strv *paths, struct vss_err *err);
int vss_btrfs_is_read_only(int fd, bool *out, struct vss_err *err);
int vss_btrfs_set_read_only(int fd, bool read_only, struct vss_err *err);
int vss_btrfs_default(int topfd, uint64_t *id, struct vss_err *err);
int vss_btrfs_set_default(int topfd, uint64_t id, struct vss_err *err);

/* btrfs_swap.c: of the record they use `path`, `other` and `old`. */

/** Could a snapshot of the copy stand in for the subvolume?  Subvolumes that lie in it must have a place there. */
int vss_btrfs_check_swap(int topfd, const struct vss_shadow *s, const struct vss_revert_record *r, struct vss_err *err);
/** The writable snapshot of the copy, at r->other. */
int vss_btrfs_make_other(int topfd, const struct vss_shadow *s, const struct vss_revert_record *r, struct vss_err *err);
/** The two change places, in one step. */
int vss_btrfs_swap(int topfd, const struct vss_revert_record *r, struct vss_err *err);
/** Subvolumes that lie in the old one move into the new one; being the default does too. */
int vss_btrfs_move_over(int topfd, const struct vss_revert_record *r, struct vss_err *err);
/** Delete what is at r->other. */
int vss_btrfs_drop_other(int topfd, const struct vss_revert_record *r, struct vss_err *err);

/* btrfs_remount.c */

/** Where the subvolume r->old of the file system `fs_uuid` is mounted, into the record.  VSS_E_VOLUME_IN_USE when something is mounted in it. */
int vss_btrfs_find_mounts(const char *fs_uuid, struct vss_revert_record *r, struct vss_err *err);
/** Is it mounted anywhere that we can see? */
bool vss_btrfs_is_mounted(const char *fs_uuid, uint64_t id);
/** Unmount all; VSS_E_VOLUME_IN_USE, then some may be unmounted. */
int vss_btrfs_unmount(const char *fs_uuid, const struct vss_revert_record *r, bool force, struct vss_err *err);
/** Mount the subvolume `id` at all of the record's places where it is not.  What fails is told by vss_complain. */
void vss_btrfs_mount_again(const char *fs_uuid, const struct vss_revert_record *r, uint64_t id);
/** Warn where fstab or the kernel's command line name the subvolume by its ID. */
void vss_btrfs_warn_of_id(uint64_t old, uint64_t id);

/* btrfs_detach.c: a copy becomes a subvolume of its own, beside its origin */
int vss_btrfs_detach(
	const struct vss_shadow *s, const char *name, bool writable, char **where, struct vss_err *err);

/* btrfs_revert.c */
int vss_btrfs_revert(const struct vss_shadow *s, struct vss_provider_revert *how, struct vss_err *err);

#endif
