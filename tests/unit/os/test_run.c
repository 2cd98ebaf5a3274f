/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/child.h"

#include "base/time.h"
#include "lib/box.h"

#include <signal.h>

static int
run(const char *line, int timeout_ms, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	const char *const argv[] = { "sh", "-c", line, NULL };
	return vss_run(argv, timeout_ms, limit, out, err);
}

static void
the_output_is_collected(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	assert_ok(run("echo one; echo two; echo aside >&2", 20000, 100, &out, &err), err);
	assert_string_equal(out.data, "one\ntwo\n");
	assert_ok(run("echo unwanted", 20000, 100, NULL, &err), err);
}

static void
more_than_a_pipe_holds_is_collected_from_both(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	assert_ok(run("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero", 20000, 300000, &out, &err), err);
	assert_int_equal(out.len, 300000);
}

static void
a_failure_ends_with_the_last_line_of_stderr(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(run("echo first >&2; echo 'it went wrong' >&2; echo >&2; exit 3", 20000, 100, NULL, &err), -1);
	assert_string_equal(err.text, "sh: status 3: it went wrong");
	assert_int_equal(
		run("{ echo '  it failed'; echo '  WARNING: and more'; } >&2; exit 5", 20000, 100, NULL, &err), -1);
	assert_string_equal(err.text, "sh: status 5: it failed");
	assert_int_equal(run("echo 'WARNING: all there is' >&2; exit 5", 20000, 100, NULL, &err), -1);
	assert_string_equal(err.text, "sh: status 5: WARNING: all there is");
	assert_int_equal(run("exit 4", 20000, 100, NULL, &err), -1);
	assert_string_equal(err.text, "sh: status 4");
	assert_int_equal(run("kill -9 $$", 20000, 100, NULL, &err), -1);
	assert_string_equal(err.text, "sh: ended by signal 9");
}

static void
the_last_line_is_found_behind_much_noise(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	const char *line = "{ head -c 60000 /dev/zero | tr '\\0' x; echo; echo 'the end'; } >&2; exit 1";
	assert_int_equal(run(line, 20000, 100, NULL, &err), -1);
	assert_string_equal(err.text, "sh: status 1: the end");
}

static void
too_much_output_is_an_error(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	assert_int_equal(run("yes", 20000, 1000, &out, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
}

static void
one_that_hangs_is_killed_at_its_time(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	int64_t start = vss_now_mono();
	assert_int_equal(run("trap '' TERM; sleep 1000", 50, 100, NULL, &err), -1);
	assert_int_equal(err.code, VSS_TIMEOUT);
	assert_true(vss_now_mono() - start < 20 * VSS_S);
}

static void
what_it_leaves_in_the_background_is_not_waited_for(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	assert_ok(run("sleep 1000 & echo $!", 20000, 100, &out, &err), err);
	assert_int_equal(kill(atoi(out.data), SIGKILL), 0);
}

static void
what_is_left_behind_can_still_print(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *go = box_path(state, "go"), *said = box_path(state, "said");
	VSS_AUTOFREE char *line = vss_strf("(read x <%s; echo late && echo fine >%s) & echo now; exit 3", go, said);
	const char *const argv[] = { "sh", "-c", line, NULL };
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(mkfifo(go, 0600) + mkfifo(said, 0600), 0);
	assert_int_equal(vss_run_leaving(argv, 60000, &text, &err), 3);
	assert_string_equal(text.data, "now\n");
	box_write(dir, "go", "\n");
	assert_string_equal(box_read(dir, "said"), "fine\n");
}

static void
who_leaves_and_hangs_or_floods_is_killed(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	const char *const hangs[] = { "sleep", "1000", NULL }, *const floods[] = { "yes", NULL };
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_run_leaving(hangs, 50, &text, &err), -1);
	assert_int_equal(err.code, VSS_TIMEOUT);
	assert_int_equal(vss_run_leaving(floods, 60000, &text, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_output_is_collected),
		cmocka_unit_test(more_than_a_pipe_holds_is_collected_from_both),
		cmocka_unit_test(a_failure_ends_with_the_last_line_of_stderr),
		cmocka_unit_test(the_last_line_is_found_behind_much_noise),
		cmocka_unit_test(too_much_output_is_an_error),
		cmocka_unit_test(one_that_hangs_is_killed_at_its_time),
		cmocka_unit_test(what_it_leaves_in_the_background_is_not_waited_for),
		BOX_TEST(what_is_left_behind_can_still_print),
		cmocka_unit_test(who_leaves_and_hangs_or_floods_is_killed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
