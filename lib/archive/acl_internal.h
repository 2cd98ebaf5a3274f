/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_ACL_INTERNAL_H
#define VSS_ARCHIVE_ACL_INTERNAL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * A POSIX ACL as the kernel keeps it in system.posix_acl_access and _default, and as tar carries it
 * in SCHILY.acl.access and .default: `user::rw-,user:1001:r--,group::r--,mask::r--,other::---`,
 * numbers only, so that no other machine's names get in the way. Private to this room.
 */

/** false when it is not an ACL that the text can hold exactly: then it travels as a plain attribute. */
bool vss_acl_to_text(struct vss_buf *out, const void *value, size_t n);
/** The reverse; appends the kernel's form.  VSS_CORRUPT. */
int vss_acl_from_text(struct vss_buf *out, const char *text, size_t n, struct vss_err *err);

#endif
