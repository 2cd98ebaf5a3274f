/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_STACK_H
#define VSS_OS_STACK_H

#include "base/err.h"
#include "os/volume.h"

#include <stddef.h>
#include <sys/types.h>

/**
 * What a file system stands on: through partitions, dm and md (sysfs `slaves`), loop devices (the file system of the backing file),
 * and the layers of an overlay.  For who must not wait for himself: storage on a file system that is held, a loop file on another
 * that is frozen with it.
 */

/** Does the file system of device `upper` (st_dev of its files) stand on that of `lower`, directly or not?  A file system
 * stands on itself.  1, 0, -1. */
int vss_stands_on(dev_t upper, dev_t lower, struct vss_err *err);

/** The file system that `fd` lies on, against that of the volume `v` (any of its mounts and subvolumes): as above. */
int vss_lies_on(int fd, const struct vss_volume *v, struct vss_err *err);

/** Order of `n` volumes in which each comes before what it stands on: `order` gets their indexes. */
int vss_stack_order(const struct vss_volume *const *v, size_t n, size_t *order, struct vss_err *err);

#endif
