/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_DIGEST_INTERNAL_H
#define VSS_ARCHIVE_DIGEST_INTERNAL_H

#include "base/err.h"

#include <stddef.h>

/** SHA-256, by libcrypto.  Private to this room; one context is used by one thread. */
struct vss_digest;

/** A context, started.  NULL when libcrypto has no SHA-256 to give (VSS_UNSUPPORTED). */
struct vss_digest *vss_digest_new(struct vss_err *err);
void vss_digest_start(struct vss_digest *d); /* again, from nothing */
void vss_digest_add(struct vss_digest *d, const void *p, size_t n);
void vss_digest_end(struct vss_digest *d, unsigned char out[32]); /* _start must follow before more is added */
void vss_digest_free(struct vss_digest *d);

/** Of one piece of memory. */
int vss_digest_once(unsigned char out[32], const void *p, size_t n, struct vss_err *err);

#endif
