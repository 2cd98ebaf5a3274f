/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include "base/str.h"
#include "lib/cm.h"

#include <string.h>

static struct vss_strv seen;

static void
collect(void *ctx, enum vss_log_level level, const char *text)
{
	vss_strv_take(ctx, vss_strf("%d %s", (int)level, text));
}

static int
start(void **state)
{
	(void)state;
	vss_log_set_sink(collect, &seen);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	vss_log_release();
	vss_log_set_sink(NULL, NULL);
	vss_strv_free(&seen);
	return 0;
}

static void
messages_reach_the_sink_with_their_level(void **state)
{
	(void)state;
	vss_warn("disk %d", 7);
	vss_debug("x");
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.v[0], "1 disk 7");
	assert_string_equal(seen.v[1], "3 x");
}

static void
without_a_sink_they_are_dropped(void **state)
{
	(void)state;
	vss_log_set_sink(NULL, NULL);
	vss_warn("nobody hears");
	assert_int_equal(seen.n, 0);
}

static void
held_messages_wait_and_keep_their_order(void **state)
{
	(void)state;
	vss_log_hold();
	vss_info("first");
	vss_warn("%s", "");
	vss_info("third");
	assert_int_equal(seen.n, 0);
	vss_log_release();
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.v[0], "2 first");
	assert_string_equal(seen.v[1], "1 ");
	assert_string_equal(seen.v[2], "2 third");
	vss_info("after");
	assert_int_equal(seen.n, 4);
}

static void
the_oldest_are_kept_and_the_loss_is_counted(void **state)
{
	(void)state;
	vss_log_hold();
	for (int i = 0; i < 2000; i++)
		vss_info("message %04d %0100d", i, 0);
	vss_log_release();
	assert_true(seen.n > 400 && seen.n < 1000);
	assert_true(vss_str_starts(seen.v[0], "2 message 0000 "));
	VSS_AUTOBUF struct vss_buf want = VSS_BUF_INIT;
	vss_buf_fmt(&want, "1 %zu further messages were dropped while writes were held", 2000 - (seen.n - 1));
	assert_string_equal(seen.v[seen.n - 1], want.data);
}

static void
a_message_larger_than_the_store_is_counted_too(void **state)
{
	(void)state;
	vss_log_hold();
	vss_info("%0100000d", 1);
	vss_log_release();
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.v[0], "1 1 further messages were dropped while writes were held");
	vss_log_release();
	assert_int_equal(seen.n, 1);
}

static void
what_is_said_while_muted_is_never_said(void **state)
{
	(void)state;
	vss_log_mute(true);
	vss_warn("unasked");
	vss_log_hold();
	vss_warn("unasked");
	vss_log_mute(false);
	vss_warn("asked");
	vss_log_release();
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.v[0], "1 asked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(messages_reach_the_sink_with_their_level, start, finish),
		cmocka_unit_test_setup_teardown(without_a_sink_they_are_dropped, start, finish),
		cmocka_unit_test_setup_teardown(held_messages_wait_and_keep_their_order, start, finish),
		cmocka_unit_test_setup_teardown(the_oldest_are_kept_and_the_loss_is_counted, start, finish),
		cmocka_unit_test_setup_teardown(a_message_larger_than_the_store_is_counted_too, start, finish),
		cmocka_unit_test_setup_teardown(what_is_said_while_muted_is_never_said, start, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
