/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buf.h"

#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

static void
an_empty_buffer_has_no_memory_and_can_be_freed(void **state)
{
	(void)state;
	struct vss_buf b = VSS_BUF_INIT;
	vss_buf_reset(&b);
	vss_buf_consume(&b, 0);
	vss_buf_free(&b);
	assert_null(b.data);
}

static void
added_bytes_are_followed_by_a_nul(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_add(&b, "a\0b", 3);
	vss_buf_ch(&b, 'c');
	vss_buf_str(&b, "de");
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "a\0bcde", 7);
}

static void
adding_nothing_makes_an_empty_text(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_add(&b, NULL, 0);
	assert_string_equal(b.data, "");
}

static void
a_format_longer_than_the_first_guess_comes_whole(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_str(&b, "x");
	for (int n = 120; n < 140; n++)
		vss_buf_fmt(&b, "%0*d|", n, 7);
	assert_int_equal(b.len, 1 + 20 * 130 + 10);
	assert_int_equal(strlen(b.data), b.len);
	vss_buf_fmt(&b, "%5000s", "end");
	assert_int_equal(b.len, 1 + 20 * 130 + 10 + 5000);
	assert_string_equal(b.data + b.len - 4, " end");
}

static void
reset_keeps_the_memory_and_reserve_the_content(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_str(&b, "hello");
	vss_buf_reserve(&b, 100000);
	assert_string_equal(b.data, "hello");
	size_t cap = b.cap;
	vss_buf_reset(&b);
	assert_string_equal(b.data, "");
	assert_int_equal(b.cap, cap);
}

static void
consume_drops_the_front(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	vss_buf_str(&b, "hello world");
	vss_buf_consume(&b, 6);
	assert_string_equal(b.data, "world");
	vss_buf_consume(&b, 5);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
}

static void
take_hands_over_the_text_and_never_null(void **state)
{
	(void)state;
	struct vss_buf b = VSS_BUF_INIT;
	char *nothing = vss_buf_take(&b);
	assert_string_equal(nothing, "");
	free(nothing);
	vss_buf_str(&b, "text");
	char *text = vss_buf_take(&b);
	assert_string_equal(text, "text");
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_has_no_memory_and_can_be_freed),
		cmocka_unit_test(added_bytes_are_followed_by_a_nul),
		cmocka_unit_test(adding_nothing_makes_an_empty_text),
		cmocka_unit_test(a_format_longer_than_the_first_guess_comes_whole),
		cmocka_unit_test(reset_keeps_the_memory_and_reserve_the_content),
		cmocka_unit_test(consume_drops_the_front),
		cmocka_unit_test(take_hands_over_the_text_and_never_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
