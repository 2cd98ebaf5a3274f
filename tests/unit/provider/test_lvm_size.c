/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "lib/cm.h"

#define M (1ull << 20)
#define G (1ull << 30)

static const struct vss_lvm_wish nothing = { 0 };

static struct vss_lvm_lv
group(uint64_t left)
{
	return (struct vss_lvm_lv){ .vg_free = left, .vg_extent = 4 * M };
}

static uint64_t
size_of(uint64_t origin, const struct vss_lvm_wish *wish, uint64_t left)
{
	struct vss_lvm_share s = { .origin = origin };
	struct vss_lvm_lv vg = group(left);
	uint64_t need;

	return vss_lvm_share_out(&s, 1, wish, &vg, &need) ? 0 : s.size;
}

static void
a_copy_gets_a_fifth_of_its_volume(void **state)
{
	(void)state;
	assert_int_equal(size_of(100 * G, &nothing, 1000 * G), 20 * G);
	assert_int_equal(size_of(G + 4 * M, &nothing, 1000 * G), 256 * M); /* and 256 MiB at least */
}

static void
it_never_gets_more_than_covers_the_volume(void **state)
{
	(void)state;
	const struct vss_lvm_wish much = { .bytes = 500 * G }, twice = { .percent = 200 };

	assert_int_equal(size_of(100 * M, &nothing, 1000 * G), 104 * M);
	assert_int_equal(size_of(100 * M, &much, 1000 * G), 104 * M);
	assert_int_equal(size_of(100 * M, &twice, 1000 * G), 104 * M);
}

static void
a_wish_is_met_in_whole_extents(void **state)
{
	(void)state;
	const struct vss_lvm_wish odd = { .bytes = 41 * M }, tiny = { .bytes = 1 }, tenth = { .percent = 10 };

	assert_int_equal(size_of(10 * G, &odd, 1000 * G), 44 * M);
	assert_int_equal(size_of(10 * G, &tiny, 1000 * G), 4 * M);
	assert_int_equal(size_of(10 * G, &tenth, 1000 * G), G);
}

static void
a_wish_that_does_not_fit_is_not_made_smaller(void **state)
{
	(void)state;
	const struct vss_lvm_wish wish = { .bytes = 2 * G };
	struct vss_lvm_share s = { .origin = 10 * G };
	struct vss_lvm_lv vg = group(2 * G - 4 * M);
	uint64_t need = 0;

	assert_int_equal(vss_lvm_share_out(&s, 1, &wish, &vg, &need), -1);
	assert_int_equal(need, 2 * G);
	vg = group(2 * G);
	assert_int_equal(vss_lvm_share_out(&s, 1, &wish, &vg, &need), 0);
}

static void
defaults_share_four_fifths_of_what_is_free(void **state)
{
	(void)state;
	struct vss_lvm_share s[] = { { .origin = 100 * G }, { .origin = 300 * G } };
	struct vss_lvm_lv vg = group(50 * G);
	uint64_t need;

	assert_int_equal(vss_lvm_share_out(s, 2, &nothing, &vg, &need), 0);
	assert_int_equal(s[0].size, 10 * G);
	assert_int_equal(s[1].size, 30 * G);
}

static void
defaults_do_not_shrink_below_a_twentieth(void **state)
{
	(void)state;
	struct vss_lvm_share s = { .origin = 100 * G };
	struct vss_lvm_lv vg = group(6 * G);
	uint64_t need;

	assert_int_equal(vss_lvm_share_out(&s, 1, &nothing, &vg, &need), 0);
	assert_int_equal(s.size, 5 * G);
	vg = group(4 * G);
	assert_int_equal(vss_lvm_share_out(&s, 1, &nothing, &vg, &need), -1);
	assert_int_equal(need, 5 * G);
}

static void
a_group_without_room_gives_nothing(void **state)
{
	(void)state;
	assert_int_equal(size_of(G, &nothing, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_gets_a_fifth_of_its_volume),
		cmocka_unit_test(it_never_gets_more_than_covers_the_volume),
		cmocka_unit_test(a_wish_is_met_in_whole_extents),
		cmocka_unit_test(a_wish_that_does_not_fit_is_not_made_smaller),
		cmocka_unit_test(defaults_share_four_fifths_of_what_is_free),
		cmocka_unit_test(defaults_do_not_shrink_below_a_twentieth),
		cmocka_unit_test(a_group_without_room_gives_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
