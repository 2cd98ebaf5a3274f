/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_REVERT_INTERNAL_H
#define VSS_PROVIDER_REVERT_INTERNAL_H

#include "base/buf.h"
#include "provider/store_internal.h"

#include <sys/types.h>

/**
 * Putting volumes back: revert_record.c (what of a revert must outlive its process), revert_use.c (who is in the way),
 * store_revert.c (by files, for every store), btrfs_revert.c (another subvolume takes the place).
 */

/** A mount that is taken away for a revert, and made again. */
struct vss_revert_mount {
	char *target, *source;
	char *part; /* what it shows of the volume, "" for all */
	unsigned attributes;
};

/** SHADOW.revert, see VSS_PROVIDER_REVERT_SUFFIX: lines KEY=VALUE, names in base64. */
struct vss_revert_record {
	struct vss_uuid boot; /* the run of the machine in which it was written */
	bool waits;	      /* for the next one */
	/* btrfs: the subvolume that is replaced, its path, and where the other one is until they change places. */
	uint64_t old;
	char *path, *other;
	struct vss_revert_mount *mounts;
	size_t nmounts, cmounts;
};
void vss_revert_record_clear(struct vss_revert_record *r);
/** Written durably; `boot` is filled in. */
int vss_revert_record_write(
	int storefd, const struct vss_uuid *shadow, struct vss_revert_record *r, struct vss_err *err);
/** 1, 0: there is none, -1. */
int vss_revert_record_read(
	int storefd, const struct vss_uuid *shadow, struct vss_revert_record *out, struct vss_err *err);
/** Nothing was changed after all, or all was taken back.  Absent: 0. */
int vss_revert_record_remove(int storefd, const struct vss_uuid *shadow, struct vss_err *err);
/**
 * VSS_E_REVERT_IN_PROGRESS when there is one in this storage for the volume at `path`, or for the subvolume `old` (0: none),
 * and for another copy than `shadow` (NULL: for any).
 */
struct vss_revert_claim {
	const struct vss_uuid *shadow;
	const char *path;
	uint64_t old;
};
int vss_revert_refuse_second(int storefd, const struct vss_revert_claim *claim, struct vss_err *err);
/** Has the machine been started since? */
bool vss_revert_is_later_boot(const struct vss_revert_record *r);

#define VSS_REVERT_PATIENCE_MS 1000 /* with those who only look in */
#define VSS_REVERT_TURN_MS 50
/**
 * VSS_E_VOLUME_IN_USE, with names, unless `how->force`; never forced where the running system or this very program is on it.
 * `below` as in vss_users_of.
 */
int vss_revert_check_use(const struct vss_provider_revert *how, dev_t dev, const char *below, struct vss_err *err);

/** File by file, for the copies of a store.  `below` not NULL: users are told apart by paths, not by the device. */
int vss_store_revert(const struct vss_shadow *s, const struct vss_store_kind *kind, bool by_path,
	struct vss_provider_revert *how, struct vss_err *err);

#endif
