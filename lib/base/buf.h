/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_BASE_BUF_H
#define VSS_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

/**
 * A growing byte buffer.  `data` always has a NUL behind `len` once something was added; VSS_BUF_INIT is a valid empty one.
 */
struct vss_buf {
	char *data;
	size_t len, cap;
};

#define VSS_BUF_INIT { NULL, 0, 0 }
#define VSS_AUTOBUF __attribute__((cleanup(vss_buf_free)))

void vss_buf_free(struct vss_buf *b); /* leaves it empty and usable */
void vss_buf_reset(struct vss_buf *b); /* length 0, memory kept */
void vss_buf_reserve(struct vss_buf *b, size_t more);
void vss_buf_add(struct vss_buf *b, const void *p, size_t n);
void vss_buf_str(struct vss_buf *b, const char *s);
void vss_buf_ch(struct vss_buf *b, char c);
void vss_buf_fmt(struct vss_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void vss_buf_vfmt(struct vss_buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/** Drop the first `n` bytes (n <= len). */
void vss_buf_consume(struct vss_buf *b, size_t n);
/** The text, owned by the caller from now on (never NULL); the buffer is empty. */
char *vss_buf_take(struct vss_buf *b);

#endif
