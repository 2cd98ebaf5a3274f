/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_ONLY_H
#define VSS_TREE_ONLY_H

#include "base/str.h"

enum vss_only_match { VSS_ONLY_OUTSIDE, VSS_ONLY_ABOVE, VSS_ONLY_INSIDE };

/** The chosen paths, sorted for vss_only_match; an empty list means everything. */
void vss_only_init(struct vss_strv *chosen, const char *const *paths, size_t n);
/** Is `path` chosen (or below what is), above something chosen, or neither? */
enum vss_only_match vss_only_match(const struct vss_strv *chosen, const char *path);

#endif
