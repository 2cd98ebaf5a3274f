/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/path.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

static void
joined_paths_have_one_slash_between(void **state)
{
	(void)state;
	static const char *const cases[][3] = { { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "a", "/b", "a/b" },
		{ "a//", "//b", "a/b" }, { "/", "b", "/b" }, { "/", "", "/" }, { "a", "", "a" }, { "", "b", "b" },
		{ "a", "b/", "a/b/" }, { "a", "/", "a" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOFREE char *got = vss_path_join(cases[i][0], cases[i][1]);
		assert_string_equal(got, cases[i][2]);
	}
}

static void
cleaned_paths_are_absolute_and_plain(void **state)
{
	(void)state;
	static const char *const cases[][3] = { { "/", "/x", "/" }, { "//a///b/", "/x", "/a/b" },
		{ "/a/./b/.", "/x", "/a/b" }, { "/a/b/..", "/x", "/a" }, { "/..", "/x", "/" },
		{ "/../../a", "/x", "/a" }, { "b", "/x/y", "/x/y/b" }, { "../b", "/x/y", "/x/b" }, { ".", "/x", "/x" },
		{ "..", "/", "/" }, { "", "/x", "/x" }, { "/a/...", "/", "/a/..." }, { "/a/..b", "/", "/a/..b" },
		{ "/.a/.b", "/", "/.a/.b" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOFREE char *got = vss_path_clean(cases[i][0], cases[i][1]);
		assert_string_equal(got, cases[i][2]);
	}
}

static void
below_goes_by_elements(void **state)
{
	(void)state;
	assert_true(vss_path_is_below("/a/b", "/a"));
	assert_true(vss_path_is_below("/a", "/a"));
	assert_false(vss_path_is_below("/ab", "/a"));
	assert_false(vss_path_is_below("/", "/a"));
	assert_true(vss_path_is_below("/a", "/"));
	assert_false(vss_path_is_below("a", "/"));
	assert_string_equal(vss_path_below("/a/b/c", "/a"), "b/c");
	assert_string_equal(vss_path_below("/a", "/a"), "");
	assert_string_equal(vss_path_below("/", "/"), "");
	assert_string_equal(vss_path_below("/a/b", "/"), "a/b");
	assert_null(vss_path_below("/ab", "/a"));
}

static void
base_and_directory_split_at_the_last_slash(void **state)
{
	(void)state;
	static const char *const cases[][3] = { { "/a/b", "b", "/a" }, { "/a", "a", "/" }, { "a", "a", "." },
		{ "a/b", "b", "a" }, { "/", "", "/" }, { "", "", "." } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOFREE char *dir = vss_path_dir(cases[i][0]);
		assert_string_equal(vss_path_base(cases[i][0]), cases[i][1]);
		assert_string_equal(dir, cases[i][2]);
	}
}

static void
only_plain_relative_names_are_safe(void **state)
{
	(void)state;
	static const char *const good[] = { "a", "a/b", "...", "..a", "a..", ".a/.b", "a\nb", "\xFF" };
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/./b", "../a",
		"a/..", "a/../b" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(vss_path_is_safe_relative(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(vss_path_is_safe_relative(bad[i], strlen(bad[i])));
	assert_false(vss_path_is_safe_relative("a\0b", 3));
	assert_true(vss_path_is_safe_relative("ab/..", 2)); /* no further than told */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joined_paths_have_one_slash_between),
		cmocka_unit_test(cleaned_paths_are_absolute_and_plain),
		cmocka_unit_test(below_goes_by_elements),
		cmocka_unit_test(base_and_directory_split_at_the_last_slash),
		cmocka_unit_test(only_plain_relative_names_are_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
