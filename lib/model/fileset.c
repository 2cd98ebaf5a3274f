/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "base/mem.h"

#include <string.h>

/* The length of the character at `s`: a UTF-8 sequence that is whole, else one byte. */
static size_t
character(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;

	return n > 1 && strnlen(s, n) == n && vss_utf8_valid(s, n) ? n : 1;
}

/* `*` and `?` as C30 has them: no brackets, no escapes, a leading dot is a character like any other. Goes back to the
 * last star only, so the time is bounded by the product of the lengths. */
static bool
spec_matches(const char *spec, const char *name)
{
	const char *star = NULL, *mark = NULL;

	while (*name) {
		if (*spec == '*') {
			star = ++spec;
			mark = name;
		} else if (*spec == '?') {
			spec++;
			name += character(name);
		} else if (*spec == *name) {
			spec++;
			name++;
		} else if (star) {
			spec = star;
			name = mark += character(mark);
		} else {
			return false;
		}
	}
	return spec[strspn(spec, "*")] == '\0';
}

/* The length of a directory's path without trailing separators (C29); 0 is the root. */
static size_t
length(const char *dir)
{
	size_t n = strlen(dir);
	while (n && dir[n - 1] == '/')
		n--;
	return n;
}

static bool
is_at_or_below(const char *dir, const char *top)
{
	size_t n = length(top);
	return length(dir) >= n && memcmp(dir, top, n) == 0 && (dir[n] == '/' || dir[n] == '\0');
}

static bool
is_at(const char *dir, const char *top)
{
	return length(dir) == length(top) && is_at_or_below(dir, top);
}

bool
vss_fileset_matches(const struct vss_fileset *f, const char *dir, const char *name)
{
	if (!(f->recursive ? is_at_or_below(dir, f->path) : is_at(dir, f->path)))
		return false;
	return strcmp(f->spec, "*.*") == 0 || spec_matches(f->spec, name);
}

bool
vss_fileset_may_match_below(const struct vss_fileset *f, const char *dir)
{
	return is_at_or_below(f->path, dir) || (f->recursive && is_at_or_below(dir, f->path));
}

bool
vss_fileset_same(const struct vss_fileset *a, const struct vss_fileset *b)
{
	return is_at(a->path, b->path) && strcmp(a->spec, b->spec) == 0 && a->recursive == b->recursive;
}

#define OVERLAP_MAX (1u << 20) /* pairs of places in two specifications; names of files need far fewer */

/* Two specifications, and the pairs of places in them that a common name can reach. */
struct common {
	const char *a, *b;
	size_t width;
	unsigned char *reached;
};

static void
reach(struct common *c, size_t i, size_t j)
{
	c->reached[i * c->width + j] = 1;
}

/* Where a common name can go on from places `i` and `j`. */
static void
step(struct common *c, size_t i, size_t j)
{
	const char *a = c->a + i, *b = c->b + j;

	if (*a == '*') {
		reach(c, i + 1, j);
		reach(c, i, j + (*b ? character(b) : 0));
	} else if (*b == '*') {
		reach(c, i, j + 1);
		reach(c, i + (*a ? character(a) : 0), j);
	} else if (*a && *b && (*a == '?' || *b == '?')) {
		reach(c, i + character(a), j + character(b));
	} else if (*a && *a == *b) {
		reach(c, i + 1, j + 1);
	}
}

static bool
specs_overlap(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (strcmp(a, "*.*") == 0 || strcmp(b, "*.*") == 0 || n >= OVERLAP_MAX || m >= OVERLAP_MAX ||
		(n + 1) * (m + 1) > OVERLAP_MAX)
		return true;
	VSS_AUTOFREE unsigned char *reached = vss_alloc((n + 1) * (m + 1));
	struct common c = { a, b, m + 1, reached };
	reach(&c, 0, 0);
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j <= m; j++)
			if (reached[i * c.width + j])
				step(&c, i, j);
	return reached[n * c.width + m];
}

bool
vss_fileset_overlaps(const struct vss_fileset *a, const struct vss_fileset *b)
{
	bool place = is_at(a->path, b->path) || (a->recursive && is_at_or_below(b->path, a->path)) ||
		     (b->recursive && is_at_or_below(a->path, b->path));

	return place && specs_overlap(a->spec, b->spec);
}
