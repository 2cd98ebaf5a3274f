/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_PAX_INTERNAL_H
#define VSS_ARCHIVE_PAX_INTERNAL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/**
 * Records of a pax extended header, "LENGTH KEY=VALUE\n", where LENGTH counts all of it.  Values
 * are raw bytes.  Private to this room.
 */
void vss_pax_put(struct vss_buf *out, const char *key, const void *value, size_t n);
void vss_pax_str(struct vss_buf *out, const char *key, const char *value);
void vss_pax_u64(struct vss_buf *out, const char *key, uint64_t value);
/** Seconds with nine decimals where `ns` is not 0. */
void vss_pax_time(struct vss_buf *out, const char *key, int64_t s, uint32_t ns);

/** One record; `key` is terminated (its '=' is overwritten), the value is not. */
struct vss_pax_record {
	char *key;
	const char *value;
	size_t n;
};
/** The next record of the text [*at, end), which it may change: 1, 0 at the end, -1 VSS_CORRUPT. */
int vss_pax_next(char **at, const char *end, struct vss_pax_record *out, struct vss_err *err);

int vss_pax_to_u64(const struct vss_pax_record *r, uint64_t *out, struct vss_err *err);
int vss_pax_to_time(const struct vss_pax_record *r, int64_t *s, uint32_t *ns, struct vss_err *err);

/** Keys cannot hold '=': it and '%' are written %3D and %25 in the names of extended attributes, as
 * GNU tar does. */
void vss_pax_xattr_key(struct vss_buf *out, const char *name);
void vss_pax_xattr_name(char *key); /* the reverse, in place */

#endif
