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

/** `flags` as open(2), O_CLOEXEC added.  `path` relative, may be longer than PATH_MAX (walked in pieces).  Returns a descriptor or -1. EAGAIN is retried. */
int vss_open_beneath(int dirfd, const char *path, int flags, mode_t mode, struct vss_err *err);

/** The directory that holds the last element of `path`; *base points at that element within `path`.  Missing parents are made (0700) when `make`. */
int vss_open_parent(int dirfd, const char *path, bool make, const char **base, struct vss_err *err);

#endif
