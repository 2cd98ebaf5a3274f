/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/ranges.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define END_MAX ((uint64_t)INT64_MAX) /* what off_t can say */

void
vss_ranges_clear(struct vss_ranges *r)
{
	free(r->v);
	*r = (struct vss_ranges){ NULL, 0, 0 };
}

static int
add(struct vss_ranges *r, uint64_t at, uint64_t len, struct vss_err *err)
{
	if (!len)
		return vss_fail(err, VSS_INVALID, 0, "ranges: number %zu is empty", r->n + 1);
	if (at > END_MAX || len > END_MAX - at)
		return vss_fail(err, VSS_INVALID, 0, "ranges: number %zu ends past 2^63-1", r->n + 1);
	if (r->n >= VSS_RANGES_MAX)
		return vss_fail(err, VSS_INVALID, 0, "ranges: more than %u", VSS_RANGES_MAX);
	VSS_PUSH(r->v, r->n, r->cap) = (struct vss_range){ at, len };
	return 0;
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Decimal, or hexadecimal behind 0x.  Returns what follows, or NULL. */
static const char *
number(const char *s, uint64_t *out)
{
	unsigned base = 10;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	const char *start = s;
	for (*out = 0; (unsigned)digit_of(*s) < base; s++) {
		unsigned digit = (unsigned)digit_of(*s);
		if (*out > (UINT64_MAX - digit) / base)
			return NULL;
		*out = *out * base + digit;
	}
	return s == start ? NULL : s;
}

static const char *
range(const char *s, uint64_t *at, uint64_t *len)
{
	s = number(s, at);
	return s && *s == ':' ? number(s + 1, len) : NULL;
}

static int
parse(const char *text, struct vss_ranges *out, struct vss_err *err)
{
	for (const char *s = text;; s++) {
		uint64_t at, len;
		s = range(s + strspn(s, " "), &at, &len);
		if (!s || (*s && *s != ','))
			return vss_fail(err, VSS_INVALID, 0, "ranges: number %zu is not OFFSET:LENGTH", out->n + 1);
		if (add(out, at, len, err) < 0)
			return -1;
		if (!*s)
			return 0;
	}
}

int
vss_ranges_parse(const char *text, struct vss_ranges *out, struct vss_err *err)
{
	*out = (struct vss_ranges){ NULL, 0, 0 };
	if (parse(text, out, err) == 0)
		return 0;
	vss_ranges_clear(out);
	return -1;
}

const char *
vss_ranges_file(const char *text)
{
	static const char word[] = "File=";

	if (strncasecmp(text, word, strlen(word)) == 0)
		text += strlen(word);
	return *text == '/' ? text : NULL;
}

static int
read_all(const unsigned char *p, uint64_t count, struct vss_ranges *out, struct vss_err *err)
{
	for (uint64_t i = 0; i < count; i++, p += 16)
		if (add(out, vss_get64(p), vss_get64(p + 8), err) < 0)
			return -1;
	return 0;
}

int
vss_ranges_read(const void *data, size_t n, struct vss_ranges *out, struct vss_err *err)
{
	uint64_t count = n < 8 ? 0 : vss_get64(data);

	*out = (struct vss_ranges){ NULL, 0, 0 };
	if (n < 8 || count != (n - 8) / 16 || (n - 8) % 16)
		return vss_fail(err, VSS_INVALID, 0, "ranges file: not as long as its count says");
	if (read_all((const unsigned char *)data + 8, count, out, err) == 0)
		return 0;
	vss_ranges_clear(out);
	return -1;
}

uint64_t
vss_ranges_total(const struct vss_ranges *r)
{
	uint64_t total = 0;

	for (size_t i = 0; i < r->n; i++)
		total = r->v[i].len > UINT64_MAX - total ? UINT64_MAX : total + r->v[i].len;
	return total;
}

static int
by_offset(const void *a, const void *b)
{
	const struct vss_range *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

void
vss_ranges_normalise(struct vss_ranges *r)
{
	size_t last = 0;

	if (!r->n)
		return;
	qsort(r->v, r->n, sizeof *r->v, by_offset);
	for (size_t i = 1; i < r->n; i++) {
		struct vss_range *l = &r->v[last], *x = &r->v[i];
		if (x->at > l->at + l->len)
			r->v[++last] = *x;
		else if (x->at + x->len > l->at + l->len)
			l->len = x->at + x->len - l->at;
	}
	r->n = last + 1;
}

/* Where one side stands: `done` bytes of range `i`. */
struct cursor {
	const struct vss_ranges *r;
	size_t i;
	uint64_t done;
};

static uint64_t
rest_of(const struct cursor *c)
{
	return c->r->v[c->i].len - c->done;
}

/* Returns the offset that was passed. */
static uint64_t
pass(struct cursor *c, uint64_t len)
{
	uint64_t at = c->r->v[c->i].at + c->done;

	c->done += len;
	if (c->done == c->r->v[c->i].len) {
		c->i++;
		c->done = 0;
	}
	return at;
}

int
vss_ranges_map(const struct vss_ranges *from, const struct vss_ranges *to,
	int (*each)(void *ctx, uint64_t from, uint64_t to, uint64_t len, struct vss_err *err), void *ctx,
	struct vss_err *err)
{
	struct cursor a = { from, 0, 0 }, b = { to, 0, 0 };
	uint64_t total = vss_ranges_total(from);

	if (total != vss_ranges_total(to) || total == UINT64_MAX)
		return vss_fail(err, VSS_INVALID, 0, "ranges: source and destination differ in length");
	while (a.i < from->n) {
		uint64_t len = rest_of(&a) < rest_of(&b) ? rest_of(&a) : rest_of(&b);
		uint64_t source = pass(&a, len), place = pass(&b, len);
		if (each(ctx, source, place, len, err) < 0)
			return -1;
	}
	return 0;
}
