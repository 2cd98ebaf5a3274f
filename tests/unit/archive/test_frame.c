/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/frame_internal.h"

static size_t
pack(const void *data, size_t n, unsigned char *out, size_t cap)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_codec *c = vss_codec_new(3, &err);
	size_t got;

	assert_ok(vss_frame_pack(c, out, cap, data, n, &got, &err), err);
	vss_codec_free(c);
	return got;
}

static void
a_frame_is_measured_while_it_comes(void **state)
{
	const size_t sizes[] = { 0, 1, 255, 256, 65535, 65792, 131072, 131073, 1000000 };
	unsigned char *room = vss_alloc(1100000);

	(void)state;
	for (int noisy = 0; noisy < 2; noisy++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			VSS_AUTOFREE void *data = noisy ? arc_noise(sizes[i], i) : vss_alloc(sizes[i]);
			size_t n = pack(data, sizes[i], room, 1100000), had = 0;
			struct vss_frame_shape shape = { 0 };
			struct vss_err err = VSS_ERR_INIT;

			do {
				assert_ok(vss_frame_measure(room, had, &shape, &err), err);
				assert_true(shape.need <= n || had < 8);
				had = shape.need < n ? shape.need : n;
			} while (!shape.whole);
			assert_int_equal(shape.need, n);
			assert_int_equal(vss_frame_content(room, n), sizes[i]);
		}
	free(room);
}

static void
what_is_not_just_one_frame_of_ours_is_refused(void **state)
{
	unsigned char room[512], out[256];
	size_t n = pack("hello", 5, room, sizeof room), got;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_codec *c = vss_codec_new(0, &err);

	(void)state;
	assert_int_equal(vss_frame_unpack(c, out, sizeof out, room, n, &got, &err), 0);
	assert_int_equal(got, 5);
	assert_int_equal(vss_frame_unpack(c, out, sizeof out, room, n - 1, &got, &err), -1);
	assert_int_equal(vss_frame_unpack(c, out, sizeof out, room, n + 1, &got, &err), -1);
	assert_int_equal(vss_frame_unpack(c, out, 4, room, n, &got, &err), -1);
	for (size_t i = 0; i < n; i++) {
		room[i] ^= 0xff;
		assert_int_equal(vss_frame_unpack(c, out, sizeof out, room, n, &got, &err), -1);
		assert_true(err.code == VSS_CORRUPT || err.code == VSS_INVALID);
		room[i] ^= 0xff;
	}
	vss_codec_free(c);
}

static void
a_level_that_zstd_has_not_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_null(vss_codec_new(99, &err));
	assert_int_equal(err.code, VSS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_measured_while_it_comes),
		cmocka_unit_test(what_is_not_just_one_frame_of_ours_is_refused),
		cmocka_unit_test(a_level_that_zstd_has_not_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
