/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/logical.h"

#include "lib/cm.h"

#include <stdlib.h>

static void
separators_at_the_ends_do_not_count(void **state)
{
	(void)state;
	assert_true(vss_logical_same(NULL, ""));
	assert_true(vss_logical_same("\\", NULL));
	assert_true(vss_logical_same("a\\b", "/a//b/"));
	assert_false(vss_logical_same("a\\b", "a"));
	assert_false(vss_logical_same("a", "a\\b"));
	assert_false(vss_logical_same("ab", "a/b"));
	assert_false(vss_logical_same("A", "a"));
}

static void
above_means_a_prefix_of_whole_elements(void **state)
{
	(void)state;
	assert_true(vss_logical_is_above("", "writerData", "writerData\\QueryLogs"));
	assert_true(vss_logical_is_above(NULL, "writerData", "writerData"));
	assert_true(vss_logical_is_above("a/b", "c", "a\\b\\c\\d"));
	assert_false(vss_logical_is_above("", "writer", "writerData\\x"));
	assert_false(vss_logical_is_above("a", "b", "a"));
	assert_false(vss_logical_is_above("", "a", NULL));
}

static void
full_paths_have_one_leading_separator(void **state)
{
	(void)state;
	static const struct {
		const char *path, *name;
		char sep;
		const char *want;
	} cases[] = { { NULL, "n", '/', "/n" }, { "a\\b", "n", '/', "/a/b/n" }, { "/a/b/", "n", '\\', "\\a\\b\\n" },
		{ NULL, NULL, '/', "/" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *full = vss_logical_full(cases[i].path, cases[i].name, cases[i].sep);
		assert_string_equal(full, cases[i].want);
		free(full);
	}
}

static void
a_user_may_write_a_full_path_either_way(void **state)
{
	(void)state;
	assert_true(vss_logical_full_is("/a/b/n", "a\\b", "n"));
	assert_true(vss_logical_full_is("a\\b\\n", "a\\b", "n"));
	assert_true(vss_logical_full_is("n", NULL, "n"));
	assert_false(vss_logical_full_is("/a/b", "a\\b", "n"));
	assert_false(vss_logical_full_is("/a/b/n/m", "a\\b", "n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(separators_at_the_ends_do_not_count),
		cmocka_unit_test(above_means_a_prefix_of_whole_elements),
		cmocka_unit_test(full_paths_have_one_leading_separator),
		cmocka_unit_test(a_user_may_write_a_full_path_either_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
