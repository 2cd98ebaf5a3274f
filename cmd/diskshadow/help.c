/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Verbs whose names begin with `prefix`, whole words of it. */
static const struct verb *
next_of(const char *prefix, const struct verb *v)
{
	size_t n = strlen(prefix);

	for (v = v ? v + 1 : shell_verbs; v->name; v++)
		if (!n || (strncmp(v->name, prefix, n) == 0 && (!v->name[n] || v->name[n] == ' ')))
			return v;
	return NULL;
}

static const char *
behind(const struct verb *v, const char *prefix)
{
	const char *p = v->name + strlen(prefix);
	return *p == ' ' ? p + 1 : p;
}

/* DELETE becomes DELETE SHADOWS: a word that is the only one there needs no help of its own. */
static char *
lengthen(char *prefix)
{
	const struct verb *first = next_of(prefix, NULL);
	const char *word = behind(first, prefix);
	size_t len = strcspn(word, " ");

	for (const struct verb *v = first; v; v = next_of(prefix, v)) {
		const char *other = behind(v, prefix);
		if (!len || strcspn(other, " ") != len || strncmp(other, word, len) != 0)
			return prefix;
	}
	char *longer = vss_strf("%s %.*s", prefix, (int)len, word);
	free(prefix);
	return lengthen(longer);
}

static void
print_verb(const struct verb *v)
{
	vss_out("%s%s%s\n\n    %s\n", v->name, *v->args ? " " : "", v->args, v->help);
	if (v->example)
		vss_out("    Example: %s\n", v->example);
}

/* END { BACKUP | RESTORE } */
static void
print_head(const char *prefix)
{
	const struct verb *first = next_of(prefix, NULL);
	bool alone = !*behind(first, prefix), bare = alone && !*first->args;
	const char *last = "", *bar = "";
	size_t last_len = 0;

	vss_out("%s %s", prefix, bare ? "[" : "{");
	if (alone && !bare) {
		vss_out(" %s", first->args);
		bar = " |";
	}
	for (const struct verb *v = alone ? next_of(prefix, first) : first; v; v = next_of(prefix, v)) {
		const char *word = behind(v, prefix);
		size_t len = strcspn(word, " ");
		if (len == last_len && strncmp(word, last, len) == 0)
			continue;
		vss_out("%s %.*s", bar, (int)len, word);
		bar = " |";
		last = word;
		last_len = len;
	}
	vss_out(" %s\n\n", bare ? "]" : "}");
}

static const char *
row_name(const struct verb *v, const char *prefix)
{
	const char *rest = behind(v, prefix);

	if (*rest)
		return rest;
	return *v->args ? v->args : "(alone)";
}

static void
print_rows(const char *prefix)
{
	size_t width = 0;

	for (const struct verb *v = next_of(prefix, NULL); v; v = next_of(prefix, v)) {
		size_t n = strlen(row_name(v, prefix));
		width = n > width ? n : width;
	}
	for (const struct verb *v = next_of(prefix, NULL); v; v = next_of(prefix, v))
		vss_out("    %-*s  %s\n", (int)width, row_name(v, prefix), v->help);
}

void
shell_help(const struct vss_strv *words, size_t n)
{
	if (!n) {
		print_rows("");
		vss_out("\nHELP with a command behind it, or a command with /? behind it, says more.\n");
		return;
	}
	VSS_AUTOFREE char *name = lengthen(verb_spelled(words, n));
	const struct verb *first = next_of(name, NULL);
	if (!next_of(name, first)) {
		print_verb(first);
		return;
	}
	print_head(name);
	print_rows(name);
}

int
verb_help(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	size_t known = verb_known(args);

	(void)sh;
	if (known < args->n)
		return vss_fail(err, VSS_USAGE, 0, "'%s': no such command (HELP lists them)", args->v[known]);
	shell_help(args, args->n);
	return 0;
}
