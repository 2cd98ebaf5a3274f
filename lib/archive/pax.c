/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/pax_internal.h"

#include "base/num.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NS 1000000000u

static size_t
digits(size_t n)
{
	size_t d = 1;

	while (n >= 10) {
		n /= 10;
		d++;
	}
	return d;
}

void
vss_pax_put(struct vss_buf *out, const char *key, const void *value, size_t n)
{
	size_t rest = 1 + strlen(key) + 1 + n + 1, length = rest + digits(rest);

	/* The length counts its own digits: these may be one more with them than without. */
	if (rest + digits(length) != length)
		length = rest + digits(length);
	vss_buf_fmt(out, "%zu %s=", length, key);
	vss_buf_add(out, value, n);
	vss_buf_ch(out, '\n');
}

void
vss_pax_str(struct vss_buf *out, const char *key, const char *value)
{
	vss_pax_put(out, key, value, strlen(value));
}

void
vss_pax_u64(struct vss_buf *out, const char *key, uint64_t value)
{
	char text[24];

	vss_pax_put(out, key, text, (size_t)snprintf(text, sizeof text, "%" PRIu64, value));
}

void
vss_pax_time(struct vss_buf *out, const char *key, int64_t s, uint32_t ns)
{
	char text[48];
	int n;

	if (!ns)
		n = snprintf(text, sizeof text, "%" PRId64, s);
	else if (s >= 0)
		n = snprintf(text, sizeof text, "%" PRId64 ".%09" PRIu32, s, ns);
	else /* half a second before 1969-12-31 23:59:59 is -1.5, not -2 and a half forward */
		n = snprintf(text, sizeof text, "-%" PRIu64 ".%09" PRIu32, (uint64_t) - (s + 1), NS - ns);
	vss_pax_put(out, key, text, (size_t)n);
}

static int
bad_record(struct vss_err *err)
{
	return vss_fail(err, VSS_CORRUPT, 0, "archive: malformed pax record");
}

int
vss_pax_next(char **at, const char *end, struct vss_pax_record *out, struct vss_err *err)
{
	char *p = *at, *equals;
	size_t length = 0, head = 0;

	if (p == end)
		return 0;
	while (p + head < end && head < 8 && p[head] >= '0' && p[head] <= '9')
		length = length * 10 + (size_t)(p[head++] - '0');
	if (!head || p + head == end || p[head] != ' ' || length < head + 4 || length > (size_t)(end - p) ||
		p[length - 1] != '\n')
		return bad_record(err);
	out->key = p + head + 1;
	equals = memchr(out->key, '=', length - head - 2);
	if (!equals || equals == out->key || memchr(out->key, 0, (size_t)(equals - out->key)))
		return bad_record(err);
	*equals = 0;
	out->value = equals + 1;
	out->n = (size_t)(p + length - 1 - out->value);
	*at = p + length;
	return 1;
}

int
vss_pax_to_u64(const struct vss_pax_record *r, uint64_t *out, struct vss_err *err)
{
	char text[24];

	if (r->n >= sizeof text)
		return bad_record(err);
	memcpy(text, r->value, r->n);
	text[r->n] = 0;
	return strlen(text) != r->n || vss_parse_u64(text, out) ? bad_record(err) : 0;
}

/* The digits behind the point, as nanoseconds; what is finer is dropped. */
static int
fraction(const char *p, size_t n, uint32_t *ns)
{
	uint32_t unit = NS / 10;

	*ns = 0;
	for (size_t i = 0; i < n; i++, unit /= 10) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		*ns += (uint32_t)(p[i] - '0') * unit;
	}
	return n ? 0 : -1;
}

int
vss_pax_to_time(const struct vss_pax_record *r, int64_t *s, uint32_t *ns, struct vss_err *err)
{
	const char *point = memchr(r->value, '.', r->n);
	size_t whole = point ? (size_t)(point - r->value) : r->n;
	char text[24];

	*ns = 0;
	if (!whole || whole >= sizeof text)
		return bad_record(err);
	memcpy(text, r->value, whole);
	text[whole] = 0;
	if (strlen(text) != whole || vss_parse_i64(text, s))
		return bad_record(err);
	if (point && fraction(point + 1, r->n - whole - 1, ns))
		return bad_record(err);
	if (text[0] == '-' && *ns) {
		if (*s == INT64_MIN)
			return bad_record(err);
		*s -= 1;
		*ns = NS - *ns;
	}
	return 0;
}

void
vss_pax_xattr_key(struct vss_buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '=' || *name == '%')
			vss_buf_str(out, *name == '=' ? "%3D" : "%25");
		else
			vss_buf_ch(out, *name);
	}
}

void
vss_pax_xattr_name(char *key)
{
	char *to = key;

	for (const char *from = key; *from; from++) {
		bool equals = vss_str_starts(from, "%3D"), percent = vss_str_starts(from, "%25");

		*to++ = equals ? '=' : *from; /* %25 leaves its own first byte */
		if (equals || percent)
			from += 2;
	}
	*to = 0;
}
