/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_UUID_H
#define VSS_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>

struct vss_uuid {
	unsigned char b[16];
};

#define VSS_UUID_TEXT 37   /* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" and NUL */
#define VSS_UUID_BRACED 39 /* the same in braces */

void vss_uuid_random(struct vss_uuid *out); /* version 4, from getrandom(2) */
/** A UUID that depends on the bytes alone (not cryptographic): for things that have no UUID of their own. */
void vss_uuid_of_bytes(struct vss_uuid *out, const void *p, size_t n);
bool vss_uuid_is_nil(const struct vss_uuid *u);
bool vss_uuid_eq(const struct vss_uuid *a, const struct vss_uuid *b);
int vss_uuid_cmp(const struct vss_uuid *a, const struct vss_uuid *b);
/** Whole UUID, with or without braces, any case.  0 or -1. */
int vss_uuid_parse(const char *s, struct vss_uuid *out);
void vss_uuid_text(const struct vss_uuid *u, char out[VSS_UUID_TEXT]);
void vss_uuid_braced(const struct vss_uuid *u, char out[VSS_UUID_BRACED]);
/** Is `s` (braces allowed, 8 or more hexadecimal digits, dashes at their places or left out) a prefix of `u`? */
bool vss_uuid_has_prefix(const struct vss_uuid *u, const char *s);
/** Could `s` be a UUID or a prefix that is long enough? */
bool vss_uuid_is_prefix(const char *s);

#endif
