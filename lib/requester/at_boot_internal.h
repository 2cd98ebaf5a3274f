/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_AT_BOOT_INTERNAL_H
#define VSS_REQUESTER_AT_BOOT_INTERNAL_H

#include "base/str.h"
#include "base/uuid.h"
#include "requester/at_boot.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * What the files of at-boot restores share.  A stage has an ID.  In the state directory, below at-boot/:
 *
 *	ID.open		where its files are put, as long as they are; locked by who puts them
 *	ID		the journal: it is sealed, and waits for the next boot
 *	ID.done		all is in its place; its directories are being removed
 *	ID.failed	some is not, and stays where it is; nobody tries again
 *	lock		held by whoever makes or removes directories, or moves
 *	log		what became of the stages
 */
#define VSS_BOOT_OPEN ".open"
#define VSS_BOOT_DONE ".done"
#define VSS_BOOT_FAILED ".failed"

/** `<state>/at-boot/<name>`, the directory made if missing; the caller frees it; NULL on failure. */
char *vss_boot_path(const char *name, struct vss_err *err);
/** The lock: a descriptor, or -1. */
int vss_boot_lock(struct vss_err *err);

/**
 * Directories of stages: `<anchor>/.vss-at-boot/<ID>`, 0700.  All paths are absolute, and opened beneath the root without a
 * link on the way.
 */
/** The uppermost directory from which a file can be renamed to `target`; the caller frees it.  *start is the nearest directory
 * that there is: another target with the same one has the same answer. */
char *vss_boot_anchor(const char *target, char **start, struct vss_err *err);
char *vss_boot_dir(const char *anchor, const char *id); /* its path */
bool vss_boot_is_dir(const char *dir, const char *id);	/* can it be one of the stage's? */
/** With the lock held.  Made anew, and not there twice. */
int vss_boot_dir_make(const char *dir, struct vss_err *err);
/** With the lock held.  With all that is in it, and the storage, when nothing else is there.  Absent: 0. */
int vss_boot_dir_remove(const char *dir, struct vss_err *err);
/** An absolute directory, or that of an absolute path, whose last element *base is then: O_PATH. */
int vss_boot_open(const char *path, int flags, struct vss_err *err);
int vss_boot_open_parent(const char *path, bool make, const char **base, struct vss_err *err);
/** With the lock held: take away what belongs to stages that nobody puts any more and that were never sealed. */
int vss_boot_sweep(struct vss_err *err);

/** One thing of a stage. */
struct vss_boot_entry {
	char *target, *place; /* absolute */
	bool is_dir;
	uint64_t inode; /* of what waits */
};
struct vss_boot_journal {
	char *what;
	struct vss_uuid boot; /* in which it was sealed */
	struct vss_boot_entry *v;
	size_t n, cap;
};
void vss_boot_journal_clear(struct vss_boot_journal *j);
/** Durably, as `path`. */
int vss_boot_journal_write(const char *path, const struct vss_boot_journal *j, struct vss_err *err);
/** Read and checked: of root or of us, whole, bounded, each place in a directory of the stage `id`.  VSS_CORRUPT, VSS_DENIED. */
int vss_boot_journal_read(const char *path, const char *id, struct vss_boot_journal *out, struct vss_err *err);

/** A line for people; `failed`: it is bad news. */
typedef void vss_boot_tell(bool failed, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Bring all entries to their places, also where an earlier run was cut off: how many are there now; `tell` hears of the others. */
size_t vss_boot_move(const struct vss_boot_journal *j, vss_boot_tell *tell);

#endif
