/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/utf16.h"

#include "base/str.h"

#include <stdint.h>

enum {
	HIGH = 0xD800, /* the first half of a pair, up to */
	LOW = 0xDC00,  /* the second, up to */
	BEHIND = 0xE000,
	PLANE = 0x10000, /* from here on a character needs a pair */
	UNKNOWN = 0xFFFD
};

static void
put_utf8(struct vss_buf *out, uint32_t c)
{
	if (c < 0x80) {
		vss_buf_ch(out, (char)c);
		return;
	}
	unsigned more = c < 0x800 ? 1 : c < PLANE ? 2 : 3;
	vss_buf_ch(out, (char)(0xF80u >> more | c >> (6 * more)));
	while (more--)
		vss_buf_ch(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

static uint32_t
unit_at(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

/* Bytes that the character at `p` has, and its code point; 0: it is half of something. */
static size_t
take(const unsigned char *p, size_t n, uint32_t *c)
{
	if (n < 2)
		return 0;
	*c = unit_at(p);
	if (*c < HIGH || *c >= BEHIND)
		return 2;
	if (*c >= LOW || n < 4)
		return 0;
	uint32_t low = unit_at(p + 2);
	if (low < LOW || low >= BEHIND)
		return 0;
	*c = PLANE + ((*c - HIGH) << 10) + (low - LOW);
	return 4;
}

int
vss_utf16_decode(struct vss_buf *out, const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t before = out->len;
	uint32_t c = 0;

	for (size_t i = 0, len; i < n; i += len) {
		len = take(s + i, n - i, &c);
		if (!len) {
			out->len = before;
			vss_buf_str(out, "");
			return -1;
		}
		put_utf8(out, c);
	}
	return 0;
}

static void
put_unit(struct vss_buf *out, uint32_t unit)
{
	const unsigned char bytes[] = { (unsigned char)unit, (unsigned char)(unit >> 8) };

	vss_buf_add(out, bytes, sizeof bytes);
}

void
vss_utf16_encode(struct vss_buf *out, const char *s, size_t n)
{
	for (size_t i = 0, len; i < n; i += len) {
		uint32_t c;

		len = vss_utf8_next(s + i, n - i, &c);
		if (!len) {
			len = 1;
			c = UNKNOWN;
		}
		if (c < PLANE) {
			put_unit(out, c);
			continue;
		}
		put_unit(out, HIGH + ((c - PLANE) >> 10));
		put_unit(out, LOW + ((c - PLANE) & 0x3FF));
	}
}
