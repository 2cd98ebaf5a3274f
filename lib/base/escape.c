/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

size_t
vss_utf8_next(const char *at, size_t n, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)at;
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF8 ? 4 : 0;
	if (!len || len > n)
		return 0;
	uint32_t c = len == 1 ? s[0] : s[0] & (0x7Fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3F);
	}
	if (c < smallest[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*code = c;
	return len;
}

bool
vss_utf8_valid(const char *s, size_t n)
{
	uint32_t code;
	for (size_t i = 0; i < n;) {
		size_t len = vss_utf8_next(s + i, n - i, &code);
		if (!len)
			return false;
		i += len;
	}
	return true;
}

/* C0, DEL and C1 (which some terminals obey even inside UTF-8), and the marks that turn the direction of a line. */
static bool
is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == '\\' || (code >= 0x202A && code <= 0x202E) ||
	       (code >= 0x2066 && code <= 0x2069);
}

void
vss_escape(struct vss_buf *out, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		size_t len = vss_utf8_next(s + i, n - i, &code);
		if (len && !is_unsafe(code)) {
			vss_buf_add(out, s + i, len);
			i += len;
			continue;
		}
		for (size_t end = i + (len ? len : 1); i < end; i++)
			vss_buf_fmt(out, "\\%03o", p[i]);
	}
}

char *
vss_escaped(const char *s)
{
	struct vss_buf b = VSS_BUF_INIT;
	vss_escape(&b, s, strlen(s));
	return vss_buf_take(&b);
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

char *
vss_shorten(const char *s, size_t max)
{
	assert(max >= 5);
	size_t n = strlen(s);
	if (n <= max)
		return vss_strdup(s);
	size_t head = (max - 3) / 2, tail = n - (max - 3 - head);
	/* A cut never splits a character. */
	while (head && is_continuation(s[head]))
		head--;
	while (tail < n && is_continuation(s[tail]))
		tail++;
	return vss_strf("%.*s...%s", (int)head, s, s + tail);
}
