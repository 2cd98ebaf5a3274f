/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/btrfs_internal.h"

#include "lib/cm.h"

static uint64_t
only_in(struct vss_btrfs_extent *copies, size_t n, struct vss_btrfs_extent *volume, size_t m)
{
	struct vss_btrfs_extents c = { copies, n, n }, v = { volume, m, m };
	return vss_btrfs_only_in(&c, &v);
}

static void
what_the_volume_has_still_is_not_counted(void **state)
{
	(void)state;
	struct vss_btrfs_extent copies[] = { { 30, 3 }, { 10, 1 }, { 20, 2 } }, volume[] = { { 40, 4 }, { 20, 2 } };
	assert_int_equal(only_in(copies, 3, volume, 2), 4);
}

static void
an_extent_of_many_copies_is_counted_once(void **state)
{
	(void)state;
	struct vss_btrfs_extent copies[] = { { 10, 5 }, { 20, 7 }, { 10, 5 }, { 10, 5 }, { 20, 7 } };
	assert_int_equal(only_in(copies, 5, NULL, 0), 12);
}

static void
nothing_takes_nothing(void **state)
{
	(void)state;
	struct vss_btrfs_extent volume[] = { { 10, 5 } };
	assert_int_equal(only_in(NULL, 0, volume, 1), 0);
	assert_int_equal(only_in(NULL, 0, NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_volume_has_still_is_not_counted),
		cmocka_unit_test(an_extent_of_many_copies_is_counted_once),
		cmocka_unit_test(nothing_takes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
