/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

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
