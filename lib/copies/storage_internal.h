/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_STORAGE_INTERNAL_H
#define VSS_COPIES_STORAGE_INTERNAL_H

#include "copies/copies.h"
#include "copies/storage.h"

/*
 * Storage and its limits: limits.c (what was set), storage.c (what copies take, beside that), trim.c (the oldest
 * go), busy.c (who uses a copy).
 */

/** Where in its set the copy stands. */
size_t copies_index_of(const struct vss_storage_copy *c);
/** Ask the provider what the copies of the area take. */
void copies_area_ask(struct vss_storage_area *a);

#endif
