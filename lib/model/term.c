/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/term_internal.h"

#include <stddef.h>
#include <string.h>

static int
folded(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 'a'; /* not tolower(3): documents do not depend on the locale */
	return c == '_' ? '-' : c;
}

int
vss_term_same(const char *a, const char *b)
{
	if (!a || !b)
		return 0;
	while (*a && folded((unsigned char)*a) == folded((unsigned char)*b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

/* "VSS_WS_STABLE" -> "STABLE" */
static const char *
bare_name(const char *name)
{
	if (!name || strncmp(name, "VSS_", 4) != 0)
		return NULL;
	const char *end = strchr(name + 4, '_');
	return end ? end + 1 : NULL;
}

int
vss_term_find(const struct vss_term *table, int n, const char *text)
{
	for (int i = 0; i < n; i++)
		if (vss_term_same(table[i].word, text) || vss_term_same(table[i].name, text) ||
			vss_term_same(bare_name(table[i].name), text))
			return i;
	return -1;
}

const char *
vss_term_name(const struct vss_term *table, int n, int i)
{
	return table[i >= 0 && i < n && table[i].name ? i : 0].name;
}

const char *
vss_term_word(const struct vss_term *table, int n, int i)
{
	return table[i >= 0 && i < n && table[i].word ? i : 0].word;
}
