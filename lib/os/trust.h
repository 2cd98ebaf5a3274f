/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_TRUST_H
#define VSS_OS_TRUST_H

#include "base/err.h"

#include <sys/types.h>

/**
 * May this file decide what we run?  It and every directory above it, symbolic links resolved, must belong to
 * root or to the caller and be writable by no one else; a sticky directory (/tmp) may be writable, because
 * there nobody can replace what is not theirs. VSS_DENIED names the element that is not to be trusted;
 * VSS_ABSENT when it is not there.
 */
int vss_check_trust(const char *path, struct vss_err *err);
/** The same, where `user` may own things beside root: what it is named for is its own doing. */
int vss_check_trust_of(const char *path, uid_t user, struct vss_err *err);

#endif
