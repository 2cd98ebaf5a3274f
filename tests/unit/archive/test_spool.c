/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/spool_internal.h"

static void
what_was_put_is_read_back_from_any_mark(void **state)
{
	struct vss_spool *s = vss_spool_new(-1);
	struct vss_err err = VSS_ERR_INIT;
	uint64_t marks[50];

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		assert_ok(vss_spool_mark(s, &marks[i], &err), err);
		for (uint32_t k = 0; k < 5000; k++) {
			uint32_t v = i * 5000 + k;

			assert_ok(vss_spool_put(s, &v, sizeof v, &err), err);
		}
	}
	assert_int_equal(vss_spool_bytes(s), 50 * 5000 * 4);
	for (uint32_t i = 0; i < 50; i++) {
		struct vss_spool_cursor *c = vss_spool_read_from(s, marks[i]);
		uint32_t v, want = i * 5000;
		int r;

		while ((r = vss_spool_get(c, &v, sizeof v, &err)) > 0)
			assert_int_equal(v, want++);
		assert_int_equal(r, 0);
		assert_int_equal(want, 250000);
		vss_spool_cursor_free(c);
	}
	vss_spool_free(s);
}

static void
a_small_one_needs_no_file(void **state)
{
	struct vss_spool *s = vss_spool_new(-2); /* no such directory */
	struct vss_err err = VSS_ERR_INIT;
	struct vss_spool_cursor *c;
	char text[8];

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	assert_ok(vss_spool_put(s, "hello", 5, &err), err);
	c = vss_spool_read_from(s, 0);
	assert_int_equal(vss_spool_get(c, text, 5, &err), 1);
	assert_memory_equal(text, "hello", 5);
	assert_int_equal(vss_spool_get(c, text, 1, &err), 0);
	vss_spool_cursor_free(c);
	vss_spool_free(s);
	unsetenv("TMPDIR");
}

static void
an_end_in_the_midst_is_corrupt(void **state)
{
	struct vss_spool *s = vss_spool_new(-1);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_spool_cursor *c;
	char text[8];

	(void)state;
	assert_ok(vss_spool_put(s, "hello", 5, &err), err);
	c = vss_spool_read_from(s, 0);
	assert_int_equal(vss_spool_get(c, text, 6, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
	vss_spool_cursor_free(c);
	vss_spool_free(s);
}

static void
no_room_for_it_is_reported(void **state)
{
	struct vss_spool *s = vss_spool_new(-1);
	VSS_AUTOFREE char *zeros = vss_alloc(100000);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	assert_int_equal(vss_spool_put(s, zeros, 100000, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	assert_non_null(strstr(err.text, "/nonexistent"));
	vss_spool_free(s);
	unsetenv("TMPDIR");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_read_back_from_any_mark),
		cmocka_unit_test(a_small_one_needs_no_file),
		cmocka_unit_test(an_end_in_the_midst_is_corrupt),
		cmocka_unit_test(no_room_for_it_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
