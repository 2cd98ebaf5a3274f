/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "script/words.h"

#include <ctype.h>
#include <string.h>

/* Is it one of the words in capitals that usage lines show? */
static bool
is_keyword(const char *usage, const char *word)
{
	while (*usage) {
		size_t n = strspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		VSS_AUTOFREE char *keyword = vss_strndup(usage, n);
		if (n && !islower((unsigned char)usage[n]) && vss_str_caseeq(keyword, word))
			return true;
		usage += n ? n : 1;
	}
	return false;
}

/* Words that have to be keywords and are none; those that hold a variable are known when the line runs. */
static const char *
strange_word(const struct verb *v, const struct vss_strv *words, size_t named)
{
	for (size_t i = named; i < words->n; i++) {
		enum shell_operand kind = i == named ? v->first : v->second;
		if (v->first == OPERAND_WORDS && kind == OPERAND_WORDS && !strchr(words->v[i], '%') &&
			!is_keyword(v->args, words->v[i]))
			return words->v[i];
	}
	return NULL;
}

/* No verb is named, or one that takes no words but has others behind the same first word (SET, ADD). */
static int
no_verb(const struct vss_strv *words, size_t known, struct vss_err *err)
{
	if (!known)
		return vss_fail(err, VSS_USAGE, 0, "'%s': no such command (HELP lists them)", words->v[0]);
	VSS_AUTOFREE char *name = verb_spelled(words, known);
	shell_help(words, known);
	if (words->n == known)
		return vss_fail(err, VSS_USAGE, 0, "%s: needs a word behind it", name);
	return vss_fail(err, VSS_USAGE, 0, "'%s': no such word behind %s", words->v[known], name);
}

/* What can be seen without doing anything; help is shown for what is wrong. */
static int
check(const struct verb *v, const struct vss_strv *words, size_t named, struct vss_err *err)
{
	size_t n = words->n - named;
	const char *strange = strange_word(v, words, named);

	if (n >= v->min && n <= v->max && !strange)
		return 0;
	if (n && !v->max && !*v->args && verb_is_group(v))
		return no_verb(words, named, err);
	VSS_AUTOFREE char *name = verb_spelled(words, named);
	shell_help(words, named);
	if (n < v->min)
		return vss_fail(err, VSS_USAGE, 0, "%s: needs %s behind it", name, n ? "more" : "something");
	if (strange)
		return vss_fail(err, VSS_USAGE, 0, "'%s': no such word behind %s", strange, name);
	return vss_fail(err, VSS_USAGE, 0, "'%s': a word too many behind %s", words->v[named + v->max], name);
}

static void
echo_variable(void *ctx, const char *name, const char *value)
{
	const struct shell *sh = ctx;
	VSS_AUTOFREE char *shown = shell_shown(value);

	if (!sh->interactive)
		vss_out("-> %%%s%% = %s\n", name, shown);
}

static int
run(struct shell *sh, const struct verb *v, const struct vss_strv *words, size_t named, struct vss_err *err)
{
	const struct vss_variables variables = { shell_value, echo_variable, sh };
	VSS_AUTOSTRV struct vss_strv args = VSS_STRV_INIT;

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
	size_t named;

	if (vss_line_is_empty(line))
		return 0;
	if (vss_words_split(line, &words, err) < 0)
		return -1;
	const struct verb *v = verb_find(&words, &named);
	size_t known = verb_known(&words);
	if (words.n == known + 1 && vss_str_eq(words.v[known], "/?")) {
		if (!checking)
			shell_help(&words, known);
		return 0;
	}
	if (!v)
		return no_verb(&words, known, err);
	if (check(v, &words, named, err) < 0)
		return -1;
	return checking ? 0 : run(sh, v, &words, named, err);
}
