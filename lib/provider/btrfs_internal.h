/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_BTRFS_INTERNAL_H
#define VSS_PROVIDER_BTRFS_INTERNAL_H

#include "provider/store_internal.h"

/*
 * The btrfs provider: btrfs.c (the phases), btrfs_commit.c (one transaction for all snapshots),
 * btrfs_tries.c (how often and how far apart), btrfs_storage.c (the top-level subvolume, the
 * sources), btrfs_nested.c (what a snapshot leaves out), btrfs_use.c (what copies take), btrfs_search.c
 * (questions to the trees), btrfs_ioctl.c (the kernel's other calls).
 */

#define VSS_BTRFS_EMPTY "empty" /* in .vss-shadows: what leaders are snapshots of */
#define VSS_BTRFS_LEAD "lead"	/* in a SHADOW directory: the directory of the leader's snapshot */

/* btrfs_ioctl.c.  ENOSPC and EDQUOT give VSS_E_INSUFFICIENT_STORAGE. */

/** A snapshot of the subvolume `srcfd`, `name` in the directory `dirfd`; read-only unless `writable`. */
int vss_btrfs_snapshot(int srcfd, int dirfd, const char *name, bool writable, struct vss_err *err);
int vss_btrfs_create(int dirfd, const char *name, struct vss_err *err);
/** Delete the subvolume `name` in `dirfd`; absence is fine. */
int vss_btrfs_destroy(int dirfd, const char *name, struct vss_err *err);
/** Commit the running transaction and wait for it. */
int vss_btrfs_settle(int fd, struct vss_err *err);
/**
 * The ID of the subvolume that `fd` is the root of (VSS_INVALID when it is none) and the
 * transaction that it was made in.
 */
int vss_btrfs_identify(int fd, uint64_t *id, uint64_t *otransid, struct vss_err *err);
/** Free bytes for metadata, what is not allocated to anything included, and the size of a node. */
int vss_btrfs_metadata(int fd, uint64_t *free_bytes, uint32_t *nodesize, struct vss_err *err);

/* btrfs_tries.c: pure. */

#define VSS_BTRFS_TRIES 10
/** How long after the leader the others start in try number `try` (from 0), in microseconds. */
unsigned vss_btrfs_lead_us(unsigned try);
/**
 * Metadata that one try with `n` snapshots and a leader takes until the cleaner has been there, in
 * bytes.
 */
uint64_t vss_btrfs_try_cost(size_t n, uint32_t nodesize);
/**
 * How many tries are allowed: at least 1, else at most VSS_BTRFS_TRIES, and none beyond the first
 * when all together could take more than a tenth of what is free.
 */
unsigned vss_btrfs_tries(size_t n, uint64_t free_bytes, uint32_t nodesize);

/* btrfs_storage.c */

extern const struct vss_store_kind vss_btrfs_kind;
/** Is `place` a file-system UUID?  It becomes part of a path. */
bool vss_btrfs_is_place(const char *place);
/** The root of the volume's subvolume, below the top level `rootfd`; checked to be that subvolume.  -1. */
int vss_btrfs_open_source(int rootfd, const struct vss_volume *v, struct vss_err *err);
/** Make what a leader needs: the empty subvolume in the storage, the directory beside a copy. */
int vss_btrfs_furnish(int storefd, int shadow_dirfd, struct vss_err *err);
/** Remove the leader's snapshot, and its directory, beside a copy. */
int vss_btrfs_drop_leader(int shadow_dirfd, struct vss_err *err);

/* btrfs_writable.c */

/** As the ops of that name; a copy that is not sealed yet can be written at its device path. */
int vss_btrfs_surface(const struct vss_shadow *s, const char *device, struct vss_err *err);
int vss_btrfs_unsurface(const struct vss_shadow *s, const char *device, struct vss_err *err);
/** The copy in its directory can be written no more.  VSS_E_PROVIDER_VETO while somebody has a file open for writing. */
int vss_btrfs_seal(int shadow_dirfd, const struct vss_uuid *shadow, struct vss_err *err);

/* btrfs_nested.c */

/**
 * Warn of each subvolume within the volume (its root is `source`) that is not in the set: the copy
 * has an empty directory there.
 */
int vss_btrfs_name_nested(
	const struct vss_provider_set *ps, const struct vss_volume *v, int source, struct vss_err *err);

/* btrfs_search.c.  `fd`: anything on the file system. */

struct vss_btrfs_extent {
	uint64_t start, len; /* on disk; start names it */
};
struct vss_btrfs_extents {
	struct vss_btrfs_extent *v;
	size_t n, cap;
};
/**
 * Add the extents of the files of subvolume `tree`, as often as they are referred to; with `since` only what stands in
 * leaves written in that transaction or later, and what happens to stand beside it.  1: there are more than are looked at.
 */
int vss_btrfs_tree_extents(int fd, uint64_t tree, uint64_t since, struct vss_btrfs_extents *out, struct vss_err *err);
/** What only this subvolume refers to, by its quota group; -1: quotas are off, or do not know. */
int vss_btrfs_exclusive(int fd, uint64_t subvolume, uint64_t *bytes);
/** The subvolume with this UUID; -1: there is none. */
int vss_btrfs_by_uuid(int fd, const struct vss_uuid *uuid, uint64_t *id);

/* btrfs_use.c */

/** Bytes of the extents of `copies` that `volume` does not have.  Both are sorted by it. */
uint64_t vss_btrfs_only_in(struct vss_btrfs_extents *copies, struct vss_btrfs_extents *volume);
int vss_btrfs_use(
	const struct vss_shadow *const *copies, size_t n, struct vss_provider_use *out, struct vss_err *err);

/* btrfs_commit.c */

struct vss_btrfs_member {
	struct vss_provider_volume *v;
	int source, dirfd; /* the subvolume, the directory that gets `copy` */
	bool writable;	   /* it is to be sealed later */
	uint64_t otransid;
	int64_t committed_ns;
};
/**
 * Snapshots of all members (of one file system), in one transaction if that can be had in `tries`
 * tries: 1 it was had, 0 not (the copies are there), -1 failed (no copy is there).
 */
int vss_btrfs_commit(struct vss_btrfs_member *m, size_t n, int storefd, unsigned tries, const atomic_bool *cancelled,
	struct vss_err *err);

#endif
