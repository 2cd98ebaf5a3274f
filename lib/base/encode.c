/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
vss_base64(struct vss_buf *out, const void *p, size_t n)
{
	const unsigned char *s = p;
	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		unsigned v = (unsigned)s[i] << 16;
		if (have > 1)
			v |= (unsigned)s[i + 1] << 8;
		if (have > 2)
			v |= s[i + 2];
		char group[4] = { alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63], alphabet[v & 63] };
		for (size_t pad = have + 1; pad < 4; pad++)
			group[pad] = '=';
		vss_buf_add(out, group, sizeof group);
	}
}

static int
base64_value(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

int
vss_base64_decode(struct vss_buf *out, const char *s, size_t n)
{
	if (n % 4)
		return -1;
	for (size_t i = 0; i < n; i += 4) {
		size_t pad = i + 4 < n || s[i + 3] != '=' ? 0 : s[i + 2] == '=' ? 2 : 1;
		unsigned v = 0;
		for (size_t k = 0; k < 4; k++) {
			int d = k < 4 - pad ? base64_value(s[i + k]) : 0;
			if (d < 0)
				return -1;
			v = v << 6 | (unsigned)d;
		}
		const unsigned char b[3] = { (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v };
		vss_buf_add(out, b, 3 - pad);
	}
	return 0;
}

void
vss_hex(char *out, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = p;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[s[i] >> 4];
		out[2 * i + 1] = digits[s[i] & 15];
	}
	out[2 * n] = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
vss_hex_decode(unsigned char *out, const char *s, size_t n)
{
	if (strlen(s) != 2 * n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(s[2 * i]), low = hex_value(s[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}
