/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_STR_H
#define VSS_BASE_STR_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A formatted string of its own; the caller frees it. */
char *vss_strf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool vss_str_eq(const char *a, const char *b);	   /* NULL equals NULL only */
bool vss_str_caseeq(const char *a, const char *b); /* ASCII */
bool vss_str_starts(const char *s, const char *prefix);
bool vss_str_ends(const char *s, const char *suffix);

/** Is it well-formed UTF-8 (no surrogates, no overlong forms)? */
bool vss_utf8_valid(const char *s, size_t n);
/** How many bytes the character at `s` has, and its code point; 0 when it is not well-formed.  n > 0. */
size_t vss_utf8_next(const char *s, size_t n, uint32_t *code);

/**
 * Append `s` made safe for a terminal and a line: control characters, marks that change the direction of writing, backslash
 * and bytes that are not UTF-8 become \ooo (three octal digits a byte), everything else stays.
 */
void vss_escape(struct vss_buf *out, const char *s, size_t n);
char *vss_escaped(const char *s); /* the same, of its own */

/** `s` cut to at most `max` bytes by an ellipsis ("...") in the middle; the caller frees it.  max >= 5. */
char *vss_shorten(const char *s, size_t max);

/** Standard base64 with padding. */
void vss_base64(struct vss_buf *out, const void *p, size_t n);
/** 0 or -1 when it is not base64. */
int vss_base64_decode(struct vss_buf *out, const char *s, size_t n);

void vss_hex(char *out /* 2n+1 */, const void *p, size_t n);
int vss_hex_decode(unsigned char *out, const char *s, size_t n /* bytes wanted */);

/** A vector of strings that it owns; `v` is NULL-terminated once something was added. */
struct vss_strv {
	char **v;
	size_t n, cap;
};
#define VSS_STRV_INIT { NULL, 0, 0 }
#define VSS_AUTOSTRV __attribute__((cleanup(vss_strv_free)))
void vss_strv_free(struct vss_strv *v);
void vss_strv_add(struct vss_strv *v, const char *s);  /* copied */
void vss_strv_take(struct vss_strv *v, char *s);	/* owned from now on */
bool vss_strv_has(const struct vss_strv *v, const char *s);
void vss_strv_sort(struct vss_strv *v); /* by bytes */
bool vss_strv_has_sorted(const struct vss_strv *v, const char *s); /* the same of a sorted vector, fast */

#endif
