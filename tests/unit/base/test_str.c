/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

static void
equality_knows_null(void **state)
{
	(void)state;
	assert_true(vss_str_eq("a", "a"));
	assert_false(vss_str_eq("a", "A"));
	assert_true(vss_str_eq(NULL, NULL));
	assert_false(vss_str_eq(NULL, ""));
	assert_false(vss_str_eq("", NULL));
}

static void
case_is_folded_in_ascii_only(void **state)
{
	(void)state;
	assert_true(vss_str_caseeq("SqLite", "sQlITE"));
	assert_false(vss_str_caseeq("ab", "abc"));
	assert_false(vss_str_caseeq("abc", "ab"));
	assert_false(vss_str_caseeq("[", "{"));
	assert_false(vss_str_caseeq("\xC3\x84", "\xC3\xA4"));
	assert_true(vss_str_caseeq(NULL, NULL));
	assert_false(vss_str_caseeq(NULL, ""));
}

static void
starts_and_ends(void **state)
{
	(void)state;
	assert_true(vss_str_starts("abc", ""));
	assert_true(vss_str_starts("abc", "ab"));
	assert_false(vss_str_starts("a", "ab"));
	assert_true(vss_str_ends("abc", ""));
	assert_true(vss_str_ends("abc", "bc"));
	assert_true(vss_str_ends("abc", "abc"));
	assert_false(vss_str_ends("c", "bc"));
}

static void
a_formatted_string_is_whole(void **state)
{
	(void)state;
	VSS_AUTOFREE char *s = vss_strf("%s-%03d", "x", 7);
	VSS_AUTOFREE char *empty = vss_strf("%s", "");
	assert_string_equal(s, "x-007");
	assert_string_equal(empty, "");
}

static void
a_vector_is_terminated_searched_and_sorted_by_bytes(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv v = VSS_STRV_INIT;
	vss_strv_sort(&v);
	assert_false(vss_strv_has(&v, "a"));
	for (int i = 0; i < 100; i++) {
		vss_strv_take(&v, vss_strf("%02d", 99 - i));
		assert_null(v.v[v.n]);
	}
	vss_strv_add(&v, "\xFF");
	vss_strv_add(&v, "Z");
	vss_strv_add(&v, "a");
	assert_false(vss_strv_has_sorted(&(struct vss_strv)VSS_STRV_INIT, "a"));
	vss_strv_sort(&v);
	assert_true(vss_strv_has_sorted(&v, "\xFF"));
	assert_true(vss_strv_has_sorted(&v, "42"));
	assert_false(vss_strv_has_sorted(&v, "4"));
	assert_int_equal(v.n, 103);
	assert_null(v.v[103]);
	assert_string_equal(v.v[0], "00");
	assert_string_equal(v.v[100], "Z");
	assert_string_equal(v.v[101], "a");
	assert_string_equal(v.v[102], "\xFF");
	assert_true(vss_strv_has(&v, "57"));
	assert_false(vss_strv_has(&v, "5"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_knows_null),
		cmocka_unit_test(case_is_folded_in_ascii_only),
		cmocka_unit_test(starts_and_ends),
		cmocka_unit_test(a_formatted_string_is_whole),
		cmocka_unit_test(a_vector_is_terminated_searched_and_sorted_by_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
