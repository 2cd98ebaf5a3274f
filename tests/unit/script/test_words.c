/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/words.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <string.h>

static void
blank_lines_and_comments_are_empty(void **state)
{
	static const char *const empty[] = { "", " ", "\t \r", "#", "# x", "##", "  #\"", "::", ":: x", "::x", "rem",
		"REM x", "\tRem\t\"open", "rem\r" };
	static const char *const full[] = { "x", "remark", "re m", "rem#", ": x", "create # x", "\"rem\"", "\"#\"" };

	(void)state;
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		if (!vss_line_is_empty(empty[i]))
			fail_msg("not empty: %s", empty[i]);
	for (size_t i = 0; i < sizeof full / sizeof *full; i++)
		if (vss_line_is_empty(full[i]))
			fail_msg("empty: %s", full[i]);
}

/* The words with a bar before each. */
static char *
joined(const struct vss_strv *words)
{
	struct vss_buf b = VSS_BUF_INIT;

	for (size_t i = 0; i < words->n; i++)
		vss_buf_fmt(&b, "|%s", words->v[i]);
	return vss_buf_take(&b);
}

static void
blanks_part_words_and_quotes_keep_them(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "", "" },
		{ "  \t", "" },
		{ "create", "|create" },
		{ "  add \t volume\t/srv  \r", "|add|volume|/srv" },
		{ "expose x \"/mnt/a b\"", "|expose|x|/mnt/a b" },
		{ "a\"b c\"d", "|ab cd" },
		{ "\"\"", "|" },
		{ "x \"\" y", "|x||y" },
		{ "\"a\"\"b\"", "|ab" },
		{ "\\\\server\\share\\", "|\\\\server\\share\\" },
		{ "\"a\\\" b", "|a\\|b" },
		{ "a # b 'c d'", "|a|#|b|'c|d'" },
		{ "\xC3\xA4 \xFF", "|\xC3\xA4|\xFF" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		struct vss_err err = VSS_ERR_INIT;

		assert_int_equal(vss_words_split(cases[i].line, &words, &err), 0);
		VSS_AUTOFREE char *got = joined(&words);
		assert_string_equal(got, cases[i].words);
	}
}

static void
an_open_quote_is_refused_and_adds_nothing(void **state)
{
	static const char *const bad[] = { "\"", "a \"b", "a b\" c", "\"a\"\"" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		struct vss_err err = VSS_ERR_INIT;

		vss_strv_add(&words, "kept");
		assert_int_equal(vss_words_split(bad[i], &words, &err), -1);
		assert_int_equal(err.code, VSS_USAGE);
		assert_string_equal(err.text, "a quote is not closed");
		assert_int_equal(words.n, 1);
	}
}

static const char *
value(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "a") == 0)
		return "one two";
	if (strcmp(name, "self") == 0)
		return "%self%";
	if (strcmp(name, "quote") == 0)
		return "\"x";
	return strcmp(name, "with blank") == 0 ? "" : NULL;
}

static void
used(void *ctx, const char *name, const char *text)
{
	vss_buf_fmt(ctx, "%s=%s;", name, text);
}

static void
variables_stay_within_their_word_and_are_replaced_once(void **state)
{
	static const struct {
		const char *line, *words, *used;
	} cases[] = {
		{ "x", "|x", "" }, { "%a%", "|one two", "a=one two;" },
		{ "p%a%s %a%", "|pone twos|one two", "a=one two;a=one two;" },
		{ "%self%%self%", "|%self%%self%", "self=%self%;self=%self%;" },
		{ "%quote% b", "|\"x|b", "quote=\"x;" }, { "\"%with blank%\"", "|", "with blank=;" },
		{ "100%", "|100%", "" }, { "100%%", "|100%", "" }, { "%%a%%", "|%a%", "" },
		{ "%%%a%%%", "|%one two%", "a=one two;" }, { "%a% %", "|one two|%", "a=one two;" },
		{ "% a%", "|%|a%", "" }, /* a percent sign closes one of its own word only */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		VSS_AUTOBUF struct vss_buf told = VSS_BUF_INIT;
		const struct vss_variables v = { value, used, &told };
		struct vss_err err = VSS_ERR_INIT;

		vss_buf_str(&told, "");
		assert_int_equal(vss_words_split(cases[i].line, &words, &err), 0);
		assert_int_equal(vss_words_expand(&words, &v, &err), 0);
		VSS_AUTOFREE char *got = joined(&words);
		assert_string_equal(got, cases[i].words);
		assert_string_equal(told.data, cases[i].used);
	}
}

static void
an_unknown_name_is_refused_and_the_words_stay(void **state)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	const struct vss_variables v = { value, NULL, NULL };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	vss_strv_add(&words, "%a%");
	vss_strv_add(&words, "x%nobody%");
	assert_int_equal(vss_words_expand(&words, &v, &err), -1);
	assert_int_equal(err.code, VSS_USAGE);
	assert_string_equal(err.text, "%nobody%: there is no alias or environment variable of this name");
	assert_string_equal(words.v[0], "%a%");
}

static const char *
much(void *ctx, const char *name)
{
	(void)name;
	return ctx;
}

static void
values_cannot_make_a_line_of_any_length(void **state)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf long_value = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < VSS_WORDS_MAX / 2; i++)
		vss_buf_ch(&long_value, 'x');
	const struct vss_variables v = { much, NULL, long_value.data };
	vss_strv_add(&words, "%a%");
	vss_strv_add(&words, "%a%z");
	assert_int_equal(vss_words_expand(&words, &v, &err), -1);
	assert_int_equal(err.code, VSS_USAGE);
	assert_string_equal(words.v[1], "%a%z");
	words.v[1][3] = '\0';
	assert_int_equal(vss_words_expand(&words, &v, &err), 0);
	assert_int_equal(strlen(words.v[1]), VSS_WORDS_MAX / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blank_lines_and_comments_are_empty),
		cmocka_unit_test(blanks_part_words_and_quotes_keep_them),
		cmocka_unit_test(an_open_quote_is_refused_and_adds_nothing),
		cmocka_unit_test(variables_stay_within_their_word_and_are_replaced_once),
		cmocka_unit_test(an_unknown_name_is_refused_and_the_words_stay),
		cmocka_unit_test(values_cannot_make_a_line_of_any_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
