/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "script/words.h"

#include <string.h>
#include <strings.h>

/* How many of the words are the verb's name; 0: they are not. */
static size_t
matches(const struct verb *v, const struct vss_strv *words)
{
	const char *p = v->name;
	size_t n = 0;

	for (; *p; n++) {
		size_t len = strcspn(p, " ");
		if (n == words->n || strlen(words->v[n]) != len || strncasecmp(words->v[n], p, len) != 0)
			return 0;
		p += len + (p[len] == ' ');
	}
	return n;
}

/* The longest name counts: SET CONTEXT before SET. */
static const struct verb *
find(const struct vss_strv *words, size_t *named)
{
	const struct verb *best = NULL;

	*named = 0;
	for (const struct verb *v = shell_verbs; v->name; v++) {
		size_t n = matches(v, words);
		if (n > *named) {
			best = v;
			*named = n;
		}
	}
	return best;
}

static int
run(struct shell *sh, struct vss_strv *words, bool checking, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv args = VSS_STRV_INIT;
	const struct vss_variables variables = { shell_value, NULL, sh };
	size_t named;
	const struct verb *v = find(words, &named);

	if (!v)
		return vss_fail(err, VSS_USAGE, 0, "'%s': no such command", words->v[0]);
	if (words->n - named < v->min || words->n - named > v->max)
		return vss_fail(err, VSS_USAGE, 0, "usage: %s %s", v->name, v->args);
	if (checking)
		return 0;
	for (size_t i = named; i < words->n; i++)
		vss_strv_add(&args, words->v[i]);
	if (vss_words_expand(&args, &variables, err) < 0)
		return -1;
	return v->run(sh, &args, err);
}

int
shell_line(struct shell *sh, const char *line, bool checking, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	if (vss_line_is_empty(line))
		return 0;
	if (vss_words_split(line, &words, err) < 0)
		return -1;
	return run(sh, &words, checking, err);
}
