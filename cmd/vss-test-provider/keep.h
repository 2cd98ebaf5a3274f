/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TEST_PROVIDER_KEEP_H
#define VSS_TEST_PROVIDER_KEEP_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Copies of directories, in a directory:
 *
 *	SHADOW/set	the set that it belongs to
 *	SHADOW/copy	the copy
 */

/** Begin a copy of `shadow`, which belongs to `set`: there is nothing in it. */
int keep_begin(int keepfd, const char *set, const char *shadow, struct vss_err *err);
/** Copy the directory `mount` into it. */
int keep_copy(int keepfd, const char *shadow, const char *mount, struct vss_err *err);
/** Is the copy there? */
bool keep_has(int keepfd, const char *shadow);
/** Absence is fine. */
int keep_delete(int keepfd, const char *shadow, struct vss_err *err);
/** All copies of a set, begun or complete. */
int keep_delete_set(int keepfd, const char *set, struct vss_err *err);
/** The names of all copies. */
int keep_list(int keepfd, struct vss_strv *out, struct vss_err *err);
/** Make `mount` what the copy is. */
int keep_put_back(int keepfd, const char *shadow, const char *mount, struct vss_err *err);

#endif
