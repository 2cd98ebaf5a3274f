/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_AT_BOOT_H
#define VSS_REQUESTER_AT_BOOT_H

#include "base/err.h"

#include <stddef.h>

/**
 * Restores that take place at the next boot (R16 methods 5 and 6, R21, R22): files are put on the file systems of their targets
 * now, in a directory of ours (.vss-at-boot, 0700, which no backup takes), a journal in the state directory says what is to be
 * moved where, and vss-restore-at-boot(8), started early by a unit or a script, moves it.  One stage is one component set: all of
 * it is moved, or, where something fails, as much as can be; what failed is told, kept in the log and not tried again, and stays
 * where it waited.  A stage that was never sealed is thrown away with its files.  Nothing is moved before the boot ID has changed.
 */
struct vss_at_boot;

/** Begin a stage; `what` names it for people ("writer \"X\": component /a/b"). */
struct vss_at_boot *vss_at_boot_new(const char *what, struct vss_err *err);
/**
 * A place, on the file system that the absolute path `target` will lie on, to which the caller puts the file meanwhile: absolute,
 * without a link on the way, in a directory that is there.  The same target has the same place.  The way to `target` must be
 * free of links (VSS_DENIED).  A directory waits as one by itself, empty: what lies in it has places of its own.  The caller
 * frees it.
 */
char *vss_at_boot_place(struct vss_at_boot *b, const char *target, struct vss_err *err);
/**
 * All was put: from now on the next boot moves it (durable when 0 is returned).  Places to which nothing was put are none.
 * Files are known by their inodes: nothing may be put any more.
 */
int vss_at_boot_seal(struct vss_at_boot *b, struct vss_err *err);
/** Not sealed: everything that was put is removed.  NULL is fine. */
void vss_at_boot_free(struct vss_at_boot *b);

/**
 * What vss-restore-at-boot does: move all sealed stages of earlier boots, and finish what an earlier run began.  Each failure is
 * told by vss_complain and counted; a stage whose file systems are not all mounted waits on.
 */
int vss_at_boot_commit(size_t *moved, size_t *failed, struct vss_err *err);
/** Sealed stages that wait: each to `each`. */
int vss_at_boot_pending(int (*each)(void *ctx, const char *id, const char *what, size_t files, struct vss_err *err),
	void *ctx, struct vss_err *err);

#endif
