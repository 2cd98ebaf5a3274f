/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_UTF16_H
#define VSS_BASE_UTF16_H

#include "base/buf.h"

#include <stddef.h>

/** UTF-16LE without a mark, as files of Windows have it, to and from UTF-8. */

/** Append; -1 for half a unit or a surrogate without its other half, with *out as it was. */
int vss_utf16_decode(struct vss_buf *out, const void *p, size_t n);
/** Append; a byte that is not UTF-8 becomes U+FFFD. */
void vss_utf16_encode(struct vss_buf *out, const char *s, size_t n);

#endif
