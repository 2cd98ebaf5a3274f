/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_BENEATH_H
#define VSS_TREE_BENEATH_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/**
 * THE way to open a file that is restored, cloned or reverted: openat2(2) beneath a held directory descriptor with RESOLVE_BENEATH,
 * RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS.  Any errno that is not expected is a refusal (facts: how extractors got broken).
 */

/**
 * `flags` as open(2), O_CLOEXEC added; `mode` counts only when they create.  `path`: relative, of any length (beyond PATH_MAX it is walked in
 * pieces), "" or "." for `dirfd` itself.  Returns a descriptor or -1.  EAGAIN is retried.  Fails with VSS_DENIED for a path that is absolute or has
 * empty, "." or ".." elements, and where it meets a symbolic link (with O_PATH|O_NOFOLLOW the last element may be one); else as vss_fail
 * maps errno.
 */
int vss_open_beneath(int dirfd, const char *path, int flags, mode_t mode, struct vss_err *err);

/**
 * The directory that holds the last element of `path`, as an O_PATH descriptor for *at() calls; *base points at that element within `path`.
 * Missing parents are made when `make`, with what the umask leaves of 0777.  Fails like vss_open_beneath; parents made until then stay.
 */
int vss_open_parent(int dirfd, const char *path, bool make, const char **base, struct vss_err *err);

#endif
