/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buf.h"

#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
vss_buf_free(struct vss_buf *b)
{
	free(b->data);
	*b = (struct vss_buf)VSS_BUF_INIT;
}

void
vss_buf_reset(struct vss_buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void
vss_buf_reserve(struct vss_buf *b, size_t more)
{
	size_t need;
	if (__builtin_add_overflow(b->len, more, &need) || __builtin_add_overflow(need, 1, &need))
		abort();
	if (need <= b->cap)
		return;
	size_t half = b->cap + b->cap / 2;
	size_t cap = need > half ? need : half;
	if (cap < 64)
		cap = 64;
	b->data = vss_realloc(b->data, cap, 1);
	b->cap = cap;
	b->data[b->len] = '\0';
}

void
vss_buf_add(struct vss_buf *b, const void *p, size_t n)
{
	vss_buf_reserve(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
vss_buf_str(struct vss_buf *b, const char *s)
{
	vss_buf_add(b, s, strlen(s));
}

void
vss_buf_ch(struct vss_buf *b, char c)
{
	vss_buf_add(b, &c, 1);
}

void
vss_buf_vfmt(struct vss_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	vss_buf_reserve(b, 128);
	int n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	if (n < 0)
		abort(); /* a broken format, never input */
	if ((size_t)n >= b->cap - b->len) {
		vss_buf_reserve(b, (size_t)n);
		n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
	}
	va_end(again);
	b->len += (size_t)n;
}

void
vss_buf_fmt(struct vss_buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vss_buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void
vss_buf_consume(struct vss_buf *b, size_t n)
{
	assert(n <= b->len);
	if (!n)
		return;
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

char *
vss_buf_take(struct vss_buf *b)
{
	vss_buf_reserve(b, 0);
	char *text = b->data;
	*b = (struct vss_buf)VSS_BUF_INIT;
	return text;
}
