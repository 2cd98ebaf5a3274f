/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_RBD_IMAGE_H
#define VSS_PROVIDER_RBD_IMAGE_H

#include "command.h"

#include <stdbool.h>

/** Images that are mapped here, as sysfs tells them, and what the cluster knows of them. */
struct image {
	char *spec;  /* pool/[namespace/]image */
	char *group; /* pool/[namespace/]group, or NULL: in none */
};
void image_clear(struct image *i);

/**
 * The image that is mapped as the block device `number` ("252:0"), with `sysfs` ("/sys").  0; 1: it is none, a snapshot, or a
 * part of one.  Asks no cluster; the group is not known yet.
 */
int image_of_device(const char *sysfs, const char *number, struct image *out, struct vss_err *err);
/** All images that are mapped, not their snapshots; each once. */
int images_mapped(const char *sysfs, struct vss_strv *specs, struct vss_err *err);
/** Ask which group it is in. */
int image_find_group(const struct command *c, struct image *i, struct vss_err *err);

/**
 * The mark of a copy: metadata of the image, vss.SHADOW = GROUP@vss-SET.  It is made before the snapshot, and goes after it.
 */
int mark_set(const struct command *c, const char *spec, const char *shadow, const char *snapshot, struct vss_err *err);
/** Absence is fine. */
int mark_remove(const struct command *c, const char *spec, const char *shadow, struct vss_err *err);
/** All marks of an image: shadow and snapshot, one after the other in `out`. */
int marks_of(const struct command *c, const char *spec, struct vss_strv *out, struct vss_err *err);

#endif
