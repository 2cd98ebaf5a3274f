/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_SHADOWS_H
#define VSS_FRONT_SHADOWS_H

#include "front/front.h"
#include "front/select.h"

/**
 * vssadmin's `list shadows`, rows of copies, or JSON: a list of sets {set_id, created, host, context, instant,
 * grade, freeze_ms, note, tag, hold, count, shadows, writers}, the copies as create-shadow gives them and source,
 * fs_type, type, attributes, exposed.
 */
int vss_front_shadows(const struct vss_front_found *found, const struct vss_front_list *how, struct vss_err *err);

/** Where copies are exposed: those of `found` that are; text or JSON (id, set_id, volume, path). */
void vss_front_exposed(const struct vss_front_found *found, bool json);

#endif
