/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_internal.h"

#include "lib/box.h"

static const char *const sub[] = { "sub", "other/file" };

static uint64_t
measured(int fd, const char *const *only, size_t n)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_provider_volume v = { .only = only, .nonly = n };
	uint64_t bytes;

	assert_int_equal(vss_clone_measure(fd, &v, &bytes, &err), 0);
	return bytes;
}

static void
fill(int fd, const char *name, size_t kib)
{
	VSS_AUTOFREE char *text = vss_alloc(kib * 1024 + 1);
	memset(text, 'x', kib * 1024);
	box_write(fd, name, text);
}

static void
a_measure_counts_what_is_chosen_and_linked_files_once(void **state)
{
	VSS_AUTOCLOSE int fd = box_open(state);
	box_mkdir(fd, "sub");
	box_mkdir(fd, "other");
	sync();
	uint64_t before = measured(fd, NULL, 0), of_sub = measured(fd, sub, 1);
	assert_true(of_sub <= before);
	fill(fd, "sub/a", 1024);
	fill(fd, "other/b", 512);
	assert_int_equal(linkat(fd, "sub/a", fd, "sub/again", 0), 0);
	sync();
	assert_in_range(measured(fd, NULL, 0), before + 1536 * 1024, before + 1600 * 1024);
	assert_in_range(measured(fd, sub, 1), of_sub + 1024 * 1024, of_sub + 1088 * 1024);
}

static void
shadow_storage_is_not_measured(void **state)
{
	VSS_AUTOCLOSE int fd = box_open(state);
	uint64_t before = measured(fd, NULL, 0);

	assert_int_equal(mkdirat(fd, VSS_SHADOW_STORAGE, 0700), 0);
	box_write(fd, VSS_SHADOW_STORAGE "/" VSS_SHADOW_MARK, "");
	fill(fd, VSS_SHADOW_STORAGE "/big", 1024);
	assert_in_range(measured(fd, NULL, 0), before, before + 8192);
}

static void
a_coarse_clock_makes_us_careful(void **state)
{
	(void)state;
	const struct vss_clone_moment m = { .at = { .tv_sec = 1000, .tv_nsec = 500000000 }, .tick_ns = 4000000 };
	const struct timespec fine_before = { 1000, 491999999 }, fine_close = { 1000, 492000000 },
			      after = { 1000, 500000001 };
	const struct timespec second = { 999, 0 }, two = { 998, 0 }, three = { 997, 0 };

	assert_false(vss_clone_is_later(&fine_before, &m));
	assert_true(vss_clone_is_later(&fine_close, &m));
	assert_true(vss_clone_is_later(&after, &m));
	assert_true(vss_clone_is_later(&second, &m));
	assert_true(vss_clone_is_later(&two, &m));
	assert_false(vss_clone_is_later(&three, &m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_measure_counts_what_is_chosen_and_linked_files_once),
		BOX_TEST(shadow_storage_is_not_measured),
		cmocka_unit_test(a_coarse_clock_makes_us_careful),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
