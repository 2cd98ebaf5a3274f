/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/undo.h"

#include "lib/box.h"

/* One process for all tests: the directory is asked for once. */
static int
set_up(void **state)
{
	return box_make(state) == 0 ? setenv("VSS_RUN_DIR", *state, 1) : -1;
}
#define UNDO_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, box_drop)

static void
take(struct vss_undo *u, const char *expected)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	assert_int_equal(vss_undo_open("demo", 0, u, &left, &err), 1);
	assert_string_equal(left.len ? left.data : "", expected);
}

static void
write_record(const struct vss_undo *u, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_str(&b, text);
	assert_ok(vss_undo_write(u, &b, &err), err);
}

static void
what_was_undone_leaves_nothing(void **state)
{
	(void)state;
	struct vss_undo u = VSS_UNDO_NONE;
	take(&u, "");
	write_record(&u, "one\n");
	vss_undo_close(&u, true);
	take(&u, "");
	vss_undo_close(&u, true);
}

static void
what_was_not_undone_is_found_by_the_next(void **state)
{
	(void)state;
	struct vss_undo u = VSS_UNDO_NONE;
	take(&u, "");
	write_record(&u, "one\n");
	write_record(&u, "one\ntwo\n");
	vss_undo_close(&u, false); /* as the kernel does it for who is killed */
	take(&u, "one\ntwo\n");
	vss_undo_close(&u, true);
}

static void
a_living_process_keeps_it(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	struct vss_undo u = VSS_UNDO_NONE, other = VSS_UNDO_NONE;
	take(&u, "");
	write_record(&u, "mine\n");
	assert_int_equal(vss_undo_open("demo", 0, &other, &left, &err), 0);
	assert_int_equal(left.len, 0);
	vss_undo_close(&other, true);
	vss_undo_close(&u, false);
	take(&u, "mine\n");
	vss_undo_close(&u, true);
}

static void
a_record_that_is_none_is_an_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	struct vss_undo u = VSS_UNDO_NONE;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "undo");
	box_mkdir(sub, "demo");
	assert_int_equal(vss_undo_open("demo", 0, &u, &left, &err), -1);
	assert_int_equal(u.lock, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNDO_TEST(what_was_undone_leaves_nothing),
		UNDO_TEST(what_was_not_undone_is_found_by_the_next),
		UNDO_TEST(a_living_process_keeps_it),
		UNDO_TEST(a_record_that_is_none_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
