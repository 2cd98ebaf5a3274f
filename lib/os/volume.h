/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_VOLUME_H
#define VSS_OS_VOLUME_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * Volumes: a mounted file system, or a mounted btrfs subvolume (design: Words).  A volume is named by its mount point; any path
 * inside resolves to it.  Its ID is the btrfs subvolume UUID, else the LV UUID, else the file-system UUID (blkid), else for file systems without one
 * (tmpfs, NFS, overlay) a UUID made from source, type and mount point.  A btrfs subvolume without a UUID of its own (the top level
 * of an old file system) gets one made from the file-system UUID and the subvolume's ID.  Several mounts of one volume are one volume: the first by mount order that
 * shows its root is the one returned by the list, and resolving a path prefers the mount the path lies on.
 *
 * For trials without root, $VSS_FAKE_VOLUMES (colon-separated clean absolute paths of directories; ignored when set-uid) declares plain
 * directories as volumes of type "fake"; they win over the mount that they lie on.
 */
struct vss_volume {
	char *mount;   /* mount point, clean */
	char *source;  /* "/dev/loop0", "tmpfs", "host:/export" */
	char *fstype;  /* "btrfs", "ext4", "fake" ... */
	char *id;      /* volume ID as UUID text in lower case, no braces (a vfat serial is given as it is) */
	char *fs_uuid; /* file-system UUID, or NULL */
	char *fs_root; /* root of this mount within its file system ("/", "/@home"); never NULL */
	char *subpath; /* root of this mount within the volume: "" unless a part is bind-mounted; NULL: unknown (btrfs, no privilege) */
	dev_t dev;	    /* st_dev of its root */
	uint64_t subvol_id; /* btrfs: ID of the mounted subvolume, else 0 */
	bool read_only;	    /* the superblock is read-only */
	bool mount_read_only;
	bool network; /* NFS, CIFS, 9p, FUSE over a network ...; its root is never touched to learn more */
	bool pseudo;  /* proc, sysfs, cgroup, devtmpfs ...: never taken; no id is looked for: "" */
	bool nested;  /* a btrfs subvolume that is only a directory of another: `mount` is that directory */
	bool snapshot; /* btrfs: a read-only subvolume that was made of another */
	bool shadow;  /* a shadow copy that is mounted: below vss_run_dir(), or from shadow storage */
};

void vss_volume_free(struct vss_volume *v);
struct vss_volume *vss_volume_copy(const struct vss_volume *v);

struct vss_volume_list {
	struct vss_volume **v;
	size_t n, cap;
};
void vss_volume_list_free(struct vss_volume_list *list);

/**
 * Every volume of this machine, sorted by mount point.  Left out unless `all`: pseudo file systems, and shadow copies that are mounted (below
 * vss_run_dir(), or from shadow storage).  Left out always: mounts hidden below others, single files that were bind-mounted.
 * A volume whose details cannot be read is listed with what is known.
 */
int vss_volumes(bool all, struct vss_volume_list *out, struct vss_err *err);

/** Every directory that something is mounted on and not hidden, by mount point: a volume as often as it is mounted, pseudo file systems and copies too. */
int vss_volumes_mounted(struct vss_volume_list *out, struct vss_err *err);

/**
 * The subvolumes within the btrfs volume `v` that can be seen below its mount point, however deep, our own storage left out; each is
 * `nested`, also where it is mounted as well.  Added to *out; none of other file systems.
 */
int vss_volume_nested(const struct vss_volume *v, struct vss_volume_list *out, struct vss_err *err);

/**
 * The volume that `path` lies on: a btrfs subvolume that has no mount of its own is one (`nested`).  Symbolic links in `path` are followed.  Fails with VSS_ABSENT when the path is not there.
 */
struct vss_volume *vss_volume_of(const char *path, struct vss_err *err);
/** The same for a path (absolute, clean) that need not be there: of what can be reached of the way to it. */
struct vss_volume *vss_volume_near(const char *path, struct vss_err *err);

/**
 * A volume as users name it: a path on it; the device that it is mounted from, or another one of its file system; its volume ID or
 * the UUID of its file system (braces allowed); `\\?\Volume{id}\` or `(/mount)\\?\Volume{id}\` as vssadmin and our lists print it.
 * Fails with VSS_ABSENT or VSS_E_OBJECT_NOT_FOUND, and VSS_INVALID for what names several volumes.
 */
struct vss_volume *vss_volume_named(const char *word, struct vss_err *err);

/** `(/mount)\\?\Volume{id}\`; the caller frees it. */
char *vss_volume_display(const char *mount, const char *id);

/**
 * Where `path` (clean, absolute, without symbolic links) is within the volume, and so within a copy of it: relative, "" for its root; the
 * caller frees it.  NULL when `path` is not below v->mount, or v->subpath is unknown.
 */
char *vss_volume_inner(const struct vss_volume *v, const char *path);

/** A mount point as /proc/self/mountinfo shows it, for finding our own mounts. */
struct vss_mount {
	char *target, *root, *source, *fstype;
	char *options; /* of the superblock: "rw,lowerdir=/a" */
	dev_t dev; /* of the superblock: for btrfs not the st_dev of its files */
	int id, parent;
	bool read_only;	      /* the superblock */
	bool mount_read_only; /* this mount of it */
};
struct vss_mount_list {
	struct vss_mount *v;
	size_t n, cap;
};
/** In the order of mounting. */
int vss_mounts(struct vss_mount_list *out, struct vss_err *err);
/** The network file system that `path` (absolute, clean) lies on, as the table says: nothing is touched, since a server that
 * is away would hold whoever asks.  NULL: it is not on one. */
const struct vss_mount *vss_mounts_network(const struct vss_mount_list *list, const char *path);
void vss_mount_list_free(struct vss_mount_list *list);

/** Free bytes on the file system of fd, with what is reserved for root; on btrfs the kernel's cautious estimate. */
int vss_free_bytes(int fd, uint64_t *out, struct vss_err *err);

#endif
