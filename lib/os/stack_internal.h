/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_STACK_INTERNAL_H
#define VSS_OS_STACK_INTERNAL_H

#include "os/volume.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * Numbers of block devices and of superblocks are one space: a file system has the number of its device, or one of its own (btrfs,
 * overlay, tmpfs), which the mount table shows.
 */
struct vss_devs {
	dev_t *v;
	size_t n, cap;
};

bool vss_devs_has(const struct vss_devs *d, dev_t dev);
void vss_devs_add(struct vss_devs *d, dev_t dev); /* once */

/** The number of the superblock that `path` lies on, by its mount; 0: cannot be told. */
dev_t vss_stack_of_path(const struct vss_mount_list *mounts, const char *path);
/** The number of the superblock that shows files with this st_dev (a btrfs has one for each subvolume). */
dev_t vss_stack_of_dev(const struct vss_mount_list *mounts, dev_t st_dev);
/** The same for what is open; also on a mount that is not in the table. */
dev_t vss_stack_of_fd(const struct vss_mount_list *mounts, int fd);

/** What `dev` stands on, one step down, is added to `out`. */
void vss_stack_below(const struct vss_mount_list *mounts, dev_t dev, struct vss_devs *out);

/** The directories that an overlay's options name, colons and blanks unescaped, are given to `each` one by one. */
void vss_overlay_layers(const char *options, void (*each)(void *ctx, const char *path), void *ctx);

#endif
