/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/only.h"

#include "lib/cm.h"

static enum vss_only_match
match(const char *const *paths, size_t n, const char *path)
{
	VSS_AUTOSTRV struct vss_strv chosen = VSS_STRV_INIT;
	vss_only_init(&chosen, paths, n);
	return vss_only_match(&chosen, path);
}

static void
nothing_chosen_means_everything(void **state)
{
	(void)state;
	static const char *const root[] = { "a", "" }, *const dot[] = { "." };
	assert_int_equal(match(NULL, 0, "any/thing"), VSS_ONLY_INSIDE);
	assert_int_equal(match(root, 2, "any/thing"), VSS_ONLY_INSIDE);
	assert_int_equal(match(dot, 1, ""), VSS_ONLY_INSIDE);
}

static void
a_chosen_path_and_what_lies_below_is_inside(void **state)
{
	(void)state;
	static const char *const paths[] = { "var/lib/db", "etc", "var/lib.old" };
	assert_int_equal(match(paths, 3, "etc"), VSS_ONLY_INSIDE);
	assert_int_equal(match(paths, 3, "etc/x/y"), VSS_ONLY_INSIDE);
	assert_int_equal(match(paths, 3, "var/lib/db/f"), VSS_ONLY_INSIDE);
	assert_int_equal(match(paths, 3, "var/lib.old"), VSS_ONLY_INSIDE);
}

static void
the_way_to_a_chosen_path_is_above(void **state)
{
	(void)state;
	/* '.' and '-' sort before '/': the neighbours must not hide what is below. */
	static const char *const paths[] = { "var/lib-a", "var/lib.b", "var/lib/db", "var/lib0" };
	assert_int_equal(match(paths, 4, ""), VSS_ONLY_ABOVE);
	assert_int_equal(match(paths, 4, "var"), VSS_ONLY_ABOVE);
	assert_int_equal(match(paths, 4, "var/lib"), VSS_ONLY_ABOVE);
}

static void
names_that_begin_alike_are_outside(void **state)
{
	(void)state;
	static const char *const paths[] = { "etc", "var/lib/db" };
	assert_int_equal(match(paths, 2, "etcetera"), VSS_ONLY_OUTSIDE);
	assert_int_equal(match(paths, 2, "et"), VSS_ONLY_OUTSIDE);
	assert_int_equal(match(paths, 2, "var/li"), VSS_ONLY_OUTSIDE);
	assert_int_equal(match(paths, 2, "var/lib/dbx"), VSS_ONLY_OUTSIDE);
	assert_int_equal(match(paths, 2, "var/lib/d"), VSS_ONLY_OUTSIDE);
	assert_int_equal(match(paths, 2, "zzz"), VSS_ONLY_OUTSIDE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_chosen_means_everything),
		cmocka_unit_test(a_chosen_path_and_what_lies_below_is_inside),
		cmocka_unit_test(the_way_to_a_chosen_path_is_above),
		cmocka_unit_test(names_that_begin_alike_are_outside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
