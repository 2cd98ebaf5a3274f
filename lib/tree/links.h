/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_LINKS_H
#define VSS_TREE_LINKS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * Files by (device, inode): 24 bytes each in memory, however long their paths are (these lie in an unlinked spool file).  For finding the first name of a
 * hard-linked file, and for knowing what a restore has made.
 */
struct vss_links;

/** `spool_dirfd`: where the spool of paths goes; -1: no paths are kept; VSS_LINKS_MEMORY: the spool is in memory. */
#define VSS_LINKS_MEMORY (-2)
struct vss_links *vss_links_new(int spool_dirfd, struct vss_err *err);
void vss_links_free(struct vss_links *l);
/** Remember the file; `path` NULL: only that it is known. */
int vss_links_add(struct vss_links *l, dev_t dev, ino_t ino, const char *path, struct vss_err *err);
bool vss_links_has(const struct vss_links *l, dev_t dev, ino_t ino);
/** 1 and *path (the caller frees it), 0 when it is not known, -1. */
int vss_links_path(const struct vss_links *l, dev_t dev, ino_t ino, char **path, struct vss_err *err);

#endif
