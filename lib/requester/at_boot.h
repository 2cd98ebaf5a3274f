/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_AT_BOOT_H
#define VSS_REQUESTER_AT_BOOT_H

#include "base/err.h"

#include <stddef.h>

/**
 * Restores that take place at the next boot (R16 methods 5 and 6, R21, R22): files are put beside their targets now, in a
 * directory of ours on the same file system (.vss-at-boot, 0700, root), a journal in the state directory says what is to be
 * moved where, and vss-restore-at-boot, started early by a unit or a script, moves it.  One stage is one component set: all of it
 * is moved, or (what fails at boot is logged and kept) as much as can be; a journal that is not sealed is thrown away with its
 * files.  Nothing is moved before the boot ID has changed.
 */
struct vss_at_boot;

/** Begin a stage; `what` names it for people ("writer \"X\": component /a/b"). */
struct vss_at_boot *vss_at_boot_new(const char *what, struct vss_err *err);
/**
 * A place, on the file system that the absolute path `target` will lie on, to which the caller puts the file meanwhile: absolute,
 * without a link on the way.  The caller frees it.
 */
char *vss_at_boot_place(struct vss_at_boot *b, const char *target, struct vss_err *err);
/** All was put: from now on the next boot moves it (durable when 0 is returned). */
int vss_at_boot_seal(struct vss_at_boot *b, struct vss_err *err);
/** Not sealed: everything that was put is removed.  NULL is fine. */
void vss_at_boot_free(struct vss_at_boot *b);

/** What vss-restore-at-boot does: move all sealed stages of earlier boots; each failure is told by vss_complain and counted. */
int vss_at_boot_commit(size_t *moved, size_t *failed, struct vss_err *err);
/** Sealed stages that wait: each to `each`. */
int vss_at_boot_pending(
	int (*each)(void *ctx, const char *what, size_t files, struct vss_err *err), void *ctx, struct vss_err *err);

#endif
