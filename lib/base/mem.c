/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *
vss_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);
	if (!p)
		abort();
	return p;
}

void *
vss_realloc(void *p, size_t count, size_t size)
{
	size_t n;
	if (__builtin_mul_overflow(count, size, &n))
		abort();
	void *q = realloc(p, n ? n : 1);
	if (!q)
		abort();
	return q;
}

void *
vss_memdup(const void *p, size_t n)
{
	void *q = vss_alloc(n);
	if (n)
		memcpy(q, p, n);
	return q;
}

char *
vss_strndup(const char *s, size_t n)
{
	if (!s)
		return NULL;
	size_t len = strnlen(s, n);
	char *d = vss_realloc(NULL, len + 1, 1);
	memcpy(d, s, len);
	d[len] = '\0';
	return d;
}

char *
vss_strdup(const char *s)
{
	return s ? vss_memdup(s, strlen(s) + 1) : NULL;
}

/* pp points to a pointer of any type: memcpy reads and clears it without breaking the aliasing rules. */
void *
vss_take_(void *pp)
{
	void *p;
	memcpy(&p, pp, sizeof p);
	memset(pp, 0, sizeof p);
	return p;
}

void
vss_autofree_(void *pp)
{
	free(vss_take_(pp));
}

int
vss_take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* Runs on the way out of a function, often one that has just failed: errno is left as it was. */
void
vss_autoclose_(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

void *
vss_grow_(void *items, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return items;
	size_t more = *cap < 8 ? 8 : *cap + *cap / 2;
	items = vss_realloc(items, more, size);
	*cap = more;
	return items;
}
