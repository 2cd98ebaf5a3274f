/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/select.h"

#include "front/sets.h"
#include "lib/cm.h"

#include <string.h>

#define SET_1 "11111111-0000-4000-8000-000000000001"
#define SET_2 "11111111-0000-4000-8000-000000000002"
#define A_1 "aaaaaaaa-0000-4000-8000-000000000001"
#define B_1 "bbbbbbbb-0000-4000-8000-000000000001"
#define A_2 "aaaaaaaa-0000-4000-8000-000000000002"
#define VOLUME_A "0a000000-1111-2222-3333-444444444444"
#define VOLUME_B "0b000000-1111-2222-3333-444444444444"

static struct vss_set_list sets;
static struct vss_front_found found;
static struct vss_err err;

static int
begin(void **state)
{
	(void)state;
	struct vss_set *one = new_set(&sets, SET_1);
	new_shadow(one, A_1, "/gone/a", VOLUME_A);
	new_shadow(one, B_1, "/gone/b", VOLUME_B);
	new_shadow(new_set(&sets, SET_2), A_2, "/gone/a", VOLUME_A);
	err = (struct vss_err)VSS_ERR_INIT;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	vss_front_found_free(&found);
	vss_set_list_free(&sets);
	return 0;
}

static void
find(struct vss_front_wish wish, size_t n)
{
	vss_front_found_free(&found);
	assert_int_equal(vss_front_find(&sets, &wish, &found, &err), 0);
	assert_int_equal(found.n, n);
}

static void
fails(struct vss_front_wish wish, enum vss_code code)
{
	vss_front_found_free(&found);
	err = (struct vss_err)VSS_ERR_INIT;
	assert_int_equal(vss_front_find(&sets, &wish, &found, &err), -1);
	assert_int_equal(err.code, code);
}

static void
no_wish_is_for_all_in_order(void **state)
{
	(void)state;
	find((struct vss_front_wish){ 0 }, 3);
	assert_ptr_equal(found.v[1].set, sets.v[0]);
	assert_int_equal(found.v[1].index, 1);
	assert_ptr_equal(found.v[2].set, sets.v[1]);
}

static void
wishes_combine(void **state)
{
	(void)state;
	find((struct vss_front_wish){ .set = SET_1 }, 2);
	find((struct vss_front_wish){ .shadow = A_2 }, 1);
	find((struct vss_front_wish){ .shadow = A_2, .set = SET_1 }, 0);
	find((struct vss_front_wish){ .volume = "/gone/a", .set = SET_2 }, 1);
	find((struct vss_front_wish){ .shadow = "{BBBBBBBB-0000" }, 1);
	assert_int_equal(err.code, VSS_OK);
}

static void
a_volume_that_is_gone_is_named_by_what_it_was(void **state)
{
	(void)state;
	find((struct vss_front_wish){ .volume = "/gone/a" }, 2);
	find((struct vss_front_wish){ .volume = "/gone//b/" }, 1);
	find((struct vss_front_wish){ .volume = VOLUME_B }, 1);
	find((struct vss_front_wish){ .volume = "{" VOLUME_A "}" }, 2);
	fails((struct vss_front_wish){ .volume = "/gone/c" }, VSS_ABSENT);
	fails((struct vss_front_wish){ .volume = "/gon" }, VSS_ABSENT);
}

/* The directory is there and lies on some volume; copies of that one are not meant. */
static void
an_unmounted_volume_is_not_the_one_its_mount_point_lies_on(void **state)
{
	(void)state;
	new_shadow(sets.v[1], "cccccccc-0000-4000-8000-000000000001", "/etc", VOLUME_B);
	new_shadow(sets.v[1], "dddddddd-0000-4000-8000-000000000001", "/", "0c000000-1111-2222-3333-444444444444");
	find((struct vss_front_wish){ .volume = "/etc/" }, 1);
	assert_string_equal(found.v[0].set->shadows[found.v[0].index].volume, "/etc");
}

static void
a_prefix_must_fit_one_and_be_long_enough(void **state)
{
	(void)state;
	fails((struct vss_front_wish){ .shadow = "aaaaaaaa" }, VSS_INVALID);
	fails((struct vss_front_wish){ .set = "11111111-0000" }, VSS_INVALID);
	fails((struct vss_front_wish){ .shadow = "aaaaaaa" }, VSS_USAGE);
	fails((struct vss_front_wish){ .set = "" }, VSS_USAGE);
	find((struct vss_front_wish){ .shadow = "eeeeeeee" }, 0);
}

static void
a_word_is_a_set_or_a_copy_and_counts_once(void **state)
{
	(void)state;
	assert_int_equal(vss_front_find_word(&sets, B_1, &found, &err), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(vss_front_find_word(&sets, SET_1, &found, &err), 0);
	assert_int_equal(found.n, 2);
	assert_int_equal(vss_front_find_word(&sets, "eeeeeeee", &found, &err), -1);
	assert_int_equal(err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_int_equal(vss_front_find_word(&sets, "11111111", &found, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_int_equal(vss_front_find_word(&sets, "frob", &found, &err), -1);
	assert_int_equal(err.code, VSS_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_wish_is_for_all_in_order, begin, end),
		cmocka_unit_test_setup_teardown(wishes_combine, begin, end),
		cmocka_unit_test_setup_teardown(a_volume_that_is_gone_is_named_by_what_it_was, begin, end),
		cmocka_unit_test_setup_teardown(an_unmounted_volume_is_not_the_one_its_mount_point_lies_on, begin, end),
		cmocka_unit_test_setup_teardown(a_prefix_must_fit_one_and_be_long_enough, begin, end),
		cmocka_unit_test_setup_teardown(a_word_is_a_set_or_a_copy_and_counts_once, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
