/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
utf8_is_well_formed_or_not(void **state)
{
	(void)state;
	static const char *const good[] = { "", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
		"\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
		"a\xE2\x82\xAC"
		"b" };
	static const char *const bad[] = { "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2",
		"\xC2"
		"a",
		"\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "ok\xFF" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(vss_utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(vss_utf8_valid(bad[i], strlen(bad[i])));
}

static void
a_sequence_is_not_read_past_its_end(void **state)
{
	(void)state;
	assert_false(vss_utf8_valid("\xE2\x82\xAC", 2));
	assert_true(vss_utf8_valid("a\0b", 3));
}

static void
escaped_text_is_safe_on_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain name", "plain name" },
		{ "a\nb\tc", "a\\012b\\011c" },
		{ "\x1B[31m", "\\033[31m" },
		{ "\x7F", "\\177" },
		{ "back\\slash", "back\\134slash" },
		{ "\xE2\x82\xAC", "\xE2\x82\xAC" },
		{ "\xFF\xE2\x82", "\\377\\342\\202" },
		{ "\xC2\x9B"
		  "31m",
			"\\302\\23331m" }, /* CSI as one character */
		{ "\xE2\x80\xAE"
		  "gpj",
			"\\342\\200\\256gpj" }, /* right-to-left override */
		{ "\xE2\x81\xA6", "\\342\\201\\246" },
		{ "", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOFREE char *out = vss_escaped(cases[i].in);
		assert_string_equal(out, cases[i].out);
	}
}

static void
a_nul_is_escaped_too(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_escape(&b, "a\0b", 3);
	assert_string_equal(b.data, "a\\000b");
}

static void
shortened_text_keeps_both_ends(void **state)
{
	(void)state;
	VSS_AUTOFREE char *same = vss_shorten("0123456789", 10);
	VSS_AUTOFREE char *cut = vss_shorten("0123456789", 9);
	VSS_AUTOFREE char *least = vss_shorten("0123456789", 5);
	assert_string_equal(same, "0123456789");
	assert_string_equal(cut, "012...789");
	assert_string_equal(least, "0...9");
}

static void
shortening_does_not_split_a_character(void **state)
{
	(void)state;
	const char *text = "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC";
	for (size_t max = 5; max < 18; max++) {
		VSS_AUTOFREE char *cut = vss_shorten(text, max);
		assert_true(strlen(cut) <= max);
		assert_true(vss_utf8_valid(cut, strlen(cut)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_well_formed_or_not),
		cmocka_unit_test(a_sequence_is_not_read_past_its_end),
		cmocka_unit_test(escaped_text_is_safe_on_one_line),
		cmocka_unit_test(a_nul_is_escaped_too),
		cmocka_unit_test(shortened_text_keeps_both_ends),
		cmocka_unit_test(shortening_does_not_split_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
