/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_ASIDE_H
#define VSS_TREE_ASIDE_H

#include "base/buf.h"
#include "base/err.h"

/**
 * Set the old content of a directory aside before something is restored into it: all its entries are renamed into the new directory
 * `dir/before-restore.<UTC time>` (20260131T120000Z; 0700, of the owner of `dir`), whose path is appended to *where.  Earlier directories of
 * that kind, shadow storage and the lost+found of a file system stay where they are and are no content.  Without content, or without
 * `dir`, nothing is done and *where stays as it was.
 *
 * Fails with VSS_DENIED when `dir` is a symbolic link, with VSS_BUSY when something is mounted below it: then nothing was moved.
 * When an entry cannot be moved, what was moved is put back; the message says so where even that failed.
 */
int vss_tree_set_aside(const char *dir, struct vss_buf *where, struct vss_err *err);

#endif
