/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_LOGICAL_H
#define VSS_MODEL_LOGICAL_H

#include <stdbool.h>

/**
 * Logical paths (C4): elements between '/' or '\\', whichever the writer used.  Leading, trailing and doubled
 * separators do not count (Q20); NULL and "" are the root.  Letters do count: names on this system differ by case.
 */
bool vss_logical_same(const char *a, const char *b);
/** Is `path`+`name` an ancestor of what lies at `below`: an element-wise prefix of it, or all of it (C6)? */
bool vss_logical_is_above(const char *path, const char *name, const char *below);
/** The full path with one leading separator, `sep` between all elements: "/path/name".  The caller frees it. */
char *vss_logical_full(const char *path, const char *name, char sep);
/** Does the full path `text`, as a user writes it ("/path/name", "path\\name"), mean this component? */
bool vss_logical_full_is(const char *text, const char *path, const char *name);

#endif
