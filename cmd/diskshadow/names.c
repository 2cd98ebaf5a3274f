/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"

#include <string.h>
#include <strings.h>

const char *
verb_word(const struct verb *v, size_t i, size_t *len)
{
	const char *p = v->name;

	for (; i && *p; i--) {
		p += strcspn(p, " ");
		p += *p == ' ';
	}
	*len = strcspn(p, " ");
	return *len ? p : NULL;
}

size_t
verb_words(const struct verb *v)
{
	size_t n = 0, len;
	while (verb_word(v, n, &len))
		n++;
	return n;
}

size_t
verb_common(const struct verb *v, const struct vss_strv *words)
{
	size_t n = 0, len;
	const char *word;

	while (n < words->n && (word = verb_word(v, n, &len)) && strlen(words->v[n]) == len &&
		strncasecmp(words->v[n], word, len) == 0)
		n++;
	return n;
}

size_t
verb_known(const struct vss_strv *words)
{
	size_t most = 0;

	for (const struct verb *v = shell_verbs; v->name; v++) {
		size_t n = verb_common(v, words);
		most = n > most ? n : most;
	}
	return most;
}

bool
verb_is_group(const struct verb *of)
{
	size_t n = strlen(of->name);

	for (const struct verb *v = shell_verbs; v->name; v++)
		if (strncmp(v->name, of->name, n) == 0 && v->name[n] == ' ')
			return true;
	return false;
}

char *
verb_spelled(const struct vss_strv *words, size_t n)
{
	const struct verb *v = shell_verbs;
	size_t len;

	while (verb_common(v, words) < n)
		v++;
	const char *last = verb_word(v, n - 1, &len);
	return vss_strndup(v->name, (size_t)(last - v->name) + len);
}

/* The longest name counts: SET CONTEXT before SET. */
const struct verb *
verb_find(const struct vss_strv *words, size_t *named)
{
	const struct verb *best = NULL;

	*named = 0;
	for (const struct verb *v = shell_verbs; v->name; v++) {
		size_t n = verb_words(v);
		if (n > *named && verb_common(v, words) == n) {
			best = v;
			*named = n;
		}
	}
	return best;
}
