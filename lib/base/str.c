/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

char *
vss_strf(const char *fmt, ...)
{
	struct vss_buf b = VSS_BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	vss_buf_vfmt(&b, fmt, ap);
	va_end(ap);
	return vss_buf_take(&b);
}

bool
vss_str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Not strcasecmp(3), which follows the locale. */
static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool
vss_str_caseeq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return lower(*a) == lower(*b);
}

bool
vss_str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
vss_str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && strcmp(s + n - m, suffix) == 0;
}

void
vss_strv_free(struct vss_strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
	*v = (struct vss_strv)VSS_STRV_INIT;
}

void
vss_strv_take(struct vss_strv *v, char *s)
{
	VSS_PUSH(v->v, v->n, v->cap) = s;
	v->v = vss_grow_(v->v, v->n, &v->cap, sizeof *v->v);
	v->v[v->n] = NULL;
}

void
vss_strv_add(struct vss_strv *v, const char *s)
{
	vss_strv_take(v, vss_strdup(s));
}

bool
vss_strv_has(const struct vss_strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++) {
		if (strcmp(v->v[i], s) == 0)
			return true;
	}
	return false;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
vss_strv_sort(struct vss_strv *v)
{
	if (v->n)
		qsort(v->v, v->n, sizeof *v->v, by_bytes);
}

bool
vss_strv_has_sorted(const struct vss_strv *v, const char *s)
{
	return v->n && bsearch(&s, v->v, v->n, sizeof *v->v, by_bytes);
}
