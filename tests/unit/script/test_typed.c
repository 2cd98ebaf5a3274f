/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/typed_internal.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <string.h>

static void
the_word_under_the_cursor_is_parted_from_those_before(void **state)
{
	static const struct {
		const char *line, *before, *start;
		size_t at;
	} cases[] = {
		{ "", "", "", 0 },
		{ "cre", "", "cre", 0 },
		{ "  cre", "", "cre", 2 },
		{ "add ", "|add", "", 4 },
		{ "add\tvol", "|add", "vol", 4 },
		{ "expose \"a b\" x", "|expose|a b", "x", 13 },
		{ "exec \"/a b", "|exec", "/a b", 5 },
		{ "exec /a\" \"b", "|exec", "/a b", 5 },
		{ "exec \"/a b/\"c", "|exec", "/a b/c", 5 },
		{ "exec \"", "|exec", "", 5 },
		{ "exec \"a\" ", "|exec|a", "", 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOBUF struct vss_buf before = VSS_BUF_INIT;
		struct vss_typed t;

		vss_typed_split(cases[i].line, strlen(cases[i].line), &t);
		vss_buf_str(&before, "");
		for (size_t k = 0; k < t.before.n; k++)
			vss_buf_fmt(&before, "|%s", t.before.v[k]);
		assert_string_equal(before.data, cases[i].before);
		assert_string_equal(t.start, cases[i].start);
		assert_int_equal(t.at, cases[i].at);
		vss_typed_clear(&t);
	}
}

static void
only_what_lies_before_the_cursor_counts(void **state)
{
	struct vss_typed t;

	(void)state;
	vss_typed_split("add volume x", 6, &t);
	assert_string_equal(t.start, "vo");
	vss_typed_clear(&t);
}

/* The candidates are parted by commas. */
static void
choose(const char *start, const char *candidates, struct vss_strv *out)
{
	struct vss_typed t = { .start = vss_strdup(start) };

	for (const char *p = candidates; *p; p += strspn(p, ",")) {
		size_t n = strcspn(p, ",");
		vss_strv_take(out, vss_strndup(p, n));
		p += n;
	}
	vss_typed_choose(&t, out);
	vss_typed_clear(&t);
}

static void
candidates_begin_as_the_word_does_and_can_be_typed(void **state)
{
	VSS_AUTOSTRV struct vss_strv chosen = VSS_STRV_INIT;

	(void)state;
	choose("a", "b,ab,Aa,ab,a\"b,a\nb,a\x1B[2J,a\xFF,a\\b,\xC3\xA4", &chosen);
	assert_int_equal(chosen.n, 3);
	assert_string_equal(chosen.v[0], "Aa");
	assert_string_equal(chosen.v[1], "a\\b");
	assert_string_equal(chosen.v[2], "ab");
}

static void
what_is_filled_in(void **state)
{
	static const struct {
		const char *start, *candidates, *word; /* NULL: nothing */
	} cases[] = {
		{ "cre", "create", "create " }, { "create", "create", "create " }, { "x", "create", NULL },
		{ "", "", NULL }, { "/m", "/mnt/", "/mnt/" }, { "/m", "/my file", "\"/my file\" " },
		{ "/m", "/my dir/", "\"/my dir/\"" }, { "", "volume,voyage", "vo" }, { "vo", "volume,voyage", NULL },
		{ "s", "set,shadow", NULL }, { "S", "SHADOW,SHADOWS", "SHADOW" }, { "l", "Log,log", NULL },
		{ "a", "a b,a c", "\"a " },	      /* to be gone on with: the quote stays open */
		{ "d", "d\xC3\xA4,d\xC3\xB6", NULL }, /* half of a character is nothing in common */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOSTRV struct vss_strv chosen = VSS_STRV_INIT;
		struct vss_typed t = { .start = vss_strdup(cases[i].start) };

		choose(cases[i].start, cases[i].candidates, &chosen);
		VSS_AUTOFREE char *word = vss_typed_fill(&t, &chosen);
		if (!cases[i].word)
			assert_null(word);
		else
			assert_string_equal(word, cases[i].word);
		vss_typed_clear(&t);
	}
}

static void
expect_list(const char *candidates, size_t width, const char *text)
{
	VSS_AUTOSTRV struct vss_strv chosen = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;

	choose("", candidates, &chosen);
	vss_typed_list(&chosen, width, &out);
	assert_string_equal(out.data, text);
}

static void
lists_have_as_many_columns_as_fit(void **state)
{
	(void)state;
	expect_list("a,bb,ccc", 80, "a    bb   ccc\n");
	expect_list("a,bb,ccc", 10, "a    bb\nccc\n");
	expect_list("a,bb,ccc", 4, "a\nbb\nccc\n");
	expect_list("a,bb,ccc", 1, "a\nbb\nccc\n");
	expect_list("\xC3\xA4,bb,c", 80, "bb  c   \xC3\xA4\n");
	expect_list("/mnt/a,/mnt/bb/", 80, "a    bb/\n");
	expect_list("/mnt/a,/media/b", 80, "media/b  mnt/a\n");
	expect_list("/mnt/a", 80, "/mnt/a\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_word_under_the_cursor_is_parted_from_those_before),
		cmocka_unit_test(only_what_lies_before_the_cursor_counts),
		cmocka_unit_test(candidates_begin_as_the_word_does_and_can_be_typed),
		cmocka_unit_test(what_is_filled_in),
		cmocka_unit_test(lists_have_as_many_columns_as_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
