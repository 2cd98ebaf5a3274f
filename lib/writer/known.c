/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "model/logical.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* The path in its one form, its length before it, and the name: equal when the identities are (C4), whatever bytes are in them. */
struct known {
	char *key;
	size_t at;
};

static char *
key_of(const char *path, const char *name)
{
	VSS_AUTOFREE char *above = vss_logical_full(path, "", '/');

	return vss_strf("%zu:%s/%s", strlen(above), above, name);
}

static int
by_key(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static void
drop(void *entry)
{
	struct known *k = entry;

	free(k->key);
	free(k);
}

void
host_known_add(struct host_known *all, const char *path, const char *name, size_t at)
{
	struct known *k = vss_alloc(sizeof *k);

	*k = (struct known){ key_of(path, name), at };
	if (!tsearch(k, &all->tree, by_key))
		abort(); /* no memory: as everywhere */
}

bool
host_known_find(const struct host_known *all, const char *path, const char *name, size_t *at)
{
	VSS_AUTOFREE char *key = key_of(path, name);
	const struct known wanted = { key, 0 };
	struct known *const *found = tfind(&wanted, &all->tree, by_key);

	if (found)
		*at = (*found)->at;
	return found != NULL;
}

void
host_known_free(struct host_known *all)
{
	tdestroy(all->tree, drop);
	all->tree = NULL;
}
