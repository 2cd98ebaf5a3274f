/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "lib/cm.h"

#define NODE 16384u

static void
leads_go_from_short_to_long_and_around(void **state)
{
	(void)state;
	static const unsigned want[] = { 300, 50, 150, 600, 300, 50 };
	for (unsigned i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(vss_btrfs_lead_us(i), want[i]);
}

static void
a_try_costs_more_with_each_volume_and_counts_its_leader(void **state)
{
	(void)state;
	assert_int_equal(vss_btrfs_try_cost(1, NODE), 2 * 4 * NODE);
	assert_int_equal(vss_btrfs_try_cost(64, NODE), 65 * 4 * NODE);
}

static void
with_room_there_are_ten_tries(void **state)
{
	(void)state;
	assert_int_equal(vss_btrfs_tries(6, 1ull << 30, NODE), 10);
	assert_int_equal(vss_btrfs_tries(64, 1ull << 40, NODE), 10);
}

static void
tries_that_could_take_a_tenth_of_what_is_free_are_not_made(void **state)
{
	(void)state;
	uint64_t all = 10 * vss_btrfs_try_cost(6, NODE);
	assert_int_equal(vss_btrfs_tries(6, all * 10, NODE), 10);
	assert_int_equal(vss_btrfs_tries(6, all * 10 - 10, NODE), 1);
	assert_int_equal(vss_btrfs_tries(6, 0, NODE), 1);
}

static void
a_place_is_the_uuid_of_a_file_system_and_nothing_else(void **state)
{
	(void)state;
	assert_true(vss_btrfs_is_place("1362baf8-8e31-40b5-871c-0bcbc77d214b"));
	assert_false(vss_btrfs_is_place("../../etc"));
	assert_false(vss_btrfs_is_place("/mnt"));
	assert_false(vss_btrfs_is_place(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leads_go_from_short_to_long_and_around),
		cmocka_unit_test(a_try_costs_more_with_each_volume_and_counts_its_leader),
		cmocka_unit_test(with_room_there_are_ten_tries),
		cmocka_unit_test(tries_that_could_take_a_tenth_of_what_is_free_are_not_made),
		cmocka_unit_test(a_place_is_the_uuid_of_a_file_system_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
