/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_PATH_H
#define VSS_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/** Text work on paths: by elements, never by string prefix; no system calls. */

/** `a/b` with exactly one slash between; an empty `b` gives `a`.  The caller frees it. */
char *vss_path_join(const char *a, const char *b);
/** Absolute, without `.`, `..` (resolved textually), doubled and trailing slashes.  Relative input is taken from `cwd`. */
char *vss_path_clean(const char *path, const char *cwd);
/** Is `path` the directory `dir` or below it?  Both clean. */
bool vss_path_is_below(const char *path, const char *dir);
/** The part of `path` behind `dir`, without a leading slash ("" for dir itself); points into `path`.  NULL if not below. */
const char *vss_path_below(const char *path, const char *dir);
/** Behind the last slash; points into `path`. */
const char *vss_path_base(const char *path);
/** Before the last slash ("." when there is none, "/" for the root); the caller frees it. */
char *vss_path_dir(const char *path);
/** Relative, no empty element, no "." and no "..", no NUL within `n`: fit to be extracted. */
bool vss_path_is_safe_relative(const char *path, size_t n);

#endif
