/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_LINKS_H
#define VSS_TREE_LINKS_H

#include "base/err.h"

#include <sys/types.h>

/**
 * Files by (device, inode), with or without a path each: for finding the first name of a hard-linked file,
 * and for knowing what a restore has made.  However many there are, they take a few MiB of memory; the rest
 * lies in unlinked files.
 */
struct vss_links;

/**
 * `dirfd`: the directory for those files, open as long as the links; -1: as vss_unlinked_file.  They are made
 * when they are needed.
 */
struct vss_links *vss_links_new(int dirfd);
void vss_links_free(struct vss_links *l); /* NULL is fine */
/** Remember the file, unless it is known; `path` NULL: only that. */
int vss_links_add(struct vss_links *l, dev_t dev, ino_t ino, const char *path, struct vss_err *err);
/** Is it known?  1, 0, -1. */
int vss_links_has(const struct vss_links *l, dev_t dev, ino_t ino, struct vss_err *err);
/**
 * 1 and *path as it was added (the caller frees it), 0 when the file is not known, -1.  For files that were
 * added with a path.
 */
int vss_links_path(const struct vss_links *l, dev_t dev, ino_t ino, char **path, struct vss_err *err);

#endif
