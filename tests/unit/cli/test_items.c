/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/items.h"

#include "cli/capture.h"
#include "lib/cm.h"

static const struct vss_column columns[] = { { "name", "NAME" }, { "size", "SIZE" }, { "used", "USED" } };

static void
fill(struct vss_items *it)
{
	static const char *const names[] = { "one", "t\two", NULL };
	for (unsigned i = 0; i < 3; i++) {
		vss_items_begin(it);
		vss_items_string(it, "name", names[i]);
		vss_items_u64(it, "size", i * 1000);
		vss_items_bool(it, "used", i == 1);
		vss_items_end(it);
	}
}

static const char *
printed(const char *chosen)
{
	struct vss_err err = VSS_ERR_INIT;
	struct capture c = capture_begin(STDOUT_FILENO);
	struct vss_items *it = vss_items_new(columns, 3, chosen, &err);
	assert_non_null(it);
	fill(it);
	vss_items_print(it);
	return capture_end(&c);
}

static void
rows_have_the_chosen_columns_in_order_with_tabs_between(void **state)
{
	(void)state;
	assert_string_equal(printed("size,name"), "0\tone\n1000\tt\\011wo\n2000\t-\n");
	assert_string_equal(printed("used"), "no\nyes\nno\n");
	assert_string_equal(printed("name,name"), "one\tone\nt\\011wo\tt\\011wo\n-\t-\n");
}

static void
json_has_all_with_numbers_and_truths(void **state)
{
	(void)state;
	assert_string_equal(printed(NULL),
		"[{\"name\":\"one\",\"size\":0,\"used\":false},{\"name\":\"t\\two\",\"size\":1000,\"used\":true},"
		"{\"name\":null,\"size\":2000,\"used\":false}]\n");
}

static void
a_list_is_an_array_or_has_commas(void **state)
{
	(void)state;
	static const char *const chosen[] = { "name,size", NULL };
	static const char *const wanted[] = { "a,b\t-\n", "[{\"name\":[\"a\",\"b\"],\"size\":[]}]\n" };
	for (int i = 0; i < 2; i++) {
		VSS_AUTOSTRV struct vss_strv names = VSS_STRV_INIT, none = VSS_STRV_INIT;
		struct vss_err err = VSS_ERR_INIT;
		vss_strv_add(&names, "a");
		vss_strv_add(&names, "b");
		struct capture c = capture_begin(STDOUT_FILENO);
		struct vss_items *it = vss_items_new(columns, 3, chosen[i], &err);
		vss_items_begin(it);
		vss_items_list(it, "name", &names);
		vss_items_list(it, "size", &none);
		vss_items_end(it);
		vss_items_print(it);
		assert_string_equal(capture_end(&c), wanted[i]);
	}
}

static void
an_unknown_column_fails_and_names_the_known_ones(void **state)
{
	(void)state;
	static const char *const wrong[] = { "nam", "name,", ",name", "", "name,frob", "names" };
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct vss_err err = VSS_ERR_INIT;
		assert_null(vss_items_new(columns, 3, wrong[i], &err));
		assert_int_equal(err.code, VSS_USAGE);
		assert_non_null(strstr(err.text, "is none of name,size,used"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_the_chosen_columns_in_order_with_tabs_between),
		cmocka_unit_test(json_has_all_with_numbers_and_truths),
		cmocka_unit_test(a_list_is_an_array_or_has_commas),
		cmocka_unit_test(an_unknown_column_fails_and_names_the_known_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
