/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/uuid.h"

#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void
stamp_version(struct vss_uuid *u, unsigned char version)
{
	u->b[6] = (unsigned char)((u->b[6] & 0x0F) | version << 4);
	u->b[8] = (unsigned char)((u->b[8] & 0x3F) | 0x80);
}

void
vss_uuid_random(struct vss_uuid *out)
{
	ssize_t n;
	do {
		n = getrandom(out->b, sizeof out->b, 0);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof out->b)
		abort(); /* up to 256 bytes always come whole; a kernel without getrandom(2) is below our floor */
	stamp_version(out, 4);
}

/* FNV-1a, 64 bits. */
static uint64_t
fnv(uint64_t h, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001B3);
	return h;
}

void
vss_uuid_of_bytes(struct vss_uuid *out, const void *p, size_t n)
{
	uint64_t first = fnv(UINT64_C(0xCBF29CE484222325), p, n);
	unsigned char seed[8];
	vss_put64(seed, first);
	/* The second half starts from another state, so that the halves do not move together. */
	uint64_t second = fnv(fnv(UINT64_C(0x84222325CBF29CE4), seed, sizeof seed), p, n);
	vss_put64(out->b, first);
	vss_put64(out->b + 8, second);
	stamp_version(out, 8);
}

bool
vss_uuid_is_nil(const struct vss_uuid *u)
{
	static const struct vss_uuid nil;
	return vss_uuid_eq(u, &nil);
}

bool
vss_uuid_eq(const struct vss_uuid *a, const struct vss_uuid *b)
{
	return vss_uuid_cmp(a, b) == 0;
}

int
vss_uuid_cmp(const struct vss_uuid *a, const struct vss_uuid *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

/* The hexadecimal digits of `s` in lower case without dashes and braces; their number, or -1. */
static int
collect_digits(const char *s, char hex[33])
{
	bool braced = *s == '{';
	int n = 0;
	for (s += braced; *s && *s != '}'; s++) {
		bool dash_place = (n == 8 || n == 12 || n == 16 || n == 20) && s[-1] != '-';
		if (*s == '-' && dash_place)
			continue;
		if (n == 32 || !strchr("0123456789abcdefABCDEF", *s))
			return -1;
		hex[n++] = (char)(*s >= 'A' && *s <= 'F' ? *s - 'A' + 'a' : *s);
	}
	if (*s == '}' && (!braced || s[1]))
		return -1;
	hex[n] = '\0';
	return n;
}

int
vss_uuid_parse(const char *s, struct vss_uuid *out)
{
	char hex[33];
	size_t n = strlen(s);
	bool open = *s == '{', closed = n && s[n - 1] == '}';
	if (collect_digits(s, hex) != 32 || open != closed || (n && s[n - 1] == '-'))
		return -1;
	return vss_hex_decode(out->b, hex, sizeof out->b);
}

void
vss_uuid_text(const struct vss_uuid *u, char out[VSS_UUID_TEXT])
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	size_t from = 0;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (i)
			*out++ = '-';
		vss_hex(out, u->b + from, groups[i]);
		out += 2 * groups[i];
		from += groups[i];
	}
}

void
vss_uuid_braced(const struct vss_uuid *u, char out[VSS_UUID_BRACED])
{
	out[0] = '{';
	vss_uuid_text(u, out + 1);
	out[VSS_UUID_BRACED - 2] = '}';
	out[VSS_UUID_BRACED - 1] = '\0';
}

bool
vss_uuid_is_prefix(const char *s)
{
	char hex[33];
	return collect_digits(s, hex) >= 8;
}

bool
vss_uuid_has_prefix(const struct vss_uuid *u, const char *s)
{
	char want[33], have[33];
	int n = collect_digits(s, want);
	vss_hex(have, u->b, sizeof u->b);
	return n >= 8 && memcmp(want, have, (size_t)n) == 0;
}
