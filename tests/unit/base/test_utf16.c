/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/utf16.h"

#include "base/str.h"
#include "lib/cm.h"

#include <string.h>

static const struct {
	const char *utf8, *utf16;
	size_t bytes; /* of utf16 */
} pairs[] = {
	{ "", "", 0 },
	{ "A\n", "A\0\n\0", 4 },
	{ "\x7F", "\x7F\0", 2 },
	{ "\xC2\x80", "\x80\0", 2 },
	{ "\xDF\xBF", "\xFF\x07", 2 },
	{ "\xE0\xA0\x80", "\0\x08", 2 },
	{ "\xE2\x82\xAC", "\xAC\x20", 2 },
	{ "\xED\x9F\xBF", "\xFF\xD7", 2 },
	{ "\xEE\x80\x80", "\0\xE0", 2 },
	{ "\xEF\xBF\xBF", "\xFF\xFF", 2 },
	{ "\xF0\x90\x80\x80", "\0\xD8\0\xDC", 4 },
	{ "\xF4\x8F\xBF\xBF", "\xFF\xDB\xFF\xDF", 4 },
	{ "a\xF0\x9F\x98\x80z", "a\0\x3D\xD8\0\xDEz\0", 8 },
};

static void
characters_of_every_length_are_the_same_in_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		VSS_AUTOBUF struct vss_buf there = VSS_BUF_INIT, back = VSS_BUF_INIT;

		vss_utf16_encode(&there, pairs[i].utf8, strlen(pairs[i].utf8));
		assert_int_equal(there.len, pairs[i].bytes);
		if (there.len)
			assert_memory_equal(there.data, pairs[i].utf16, there.len);
		assert_int_equal(vss_utf16_decode(&back, pairs[i].utf16, pairs[i].bytes), 0);
		assert_int_equal(back.len, strlen(pairs[i].utf8));
		if (back.len)
			assert_string_equal(back.data, pairs[i].utf8);
	}
}

static void
half_of_something_is_refused_and_nothing_is_added(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} bad[] = {
		{ "A", 1 },
		{ "A\0B", 3 },
		{ "\0\xD8", 2 },   /* a first half at the end */
		{ "\0\xD8\0", 3 }, /* and half of its second */
		{ "\0\xD8"
		  "A\0",
			4 },
		{ "\0\xD8\0\xD8", 4 }, /* two first halves */
		{ "\0\xDC", 2 },       /* a second half alone */
		{ "A\0\xFF\xDF", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;

		vss_buf_str(&out, "kept");
		assert_int_equal(vss_utf16_decode(&out, bad[i].p, bad[i].n), -1);
		assert_string_equal(out.data, "kept");
		assert_int_equal(out.len, 4);
	}
}

static void
a_byte_that_is_not_utf8_is_written_as_an_unknown_character(void **state)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;

	(void)state;
	vss_utf16_encode(&out, "a\xFF\xC2z", 4);
	assert_int_equal(out.len, 8);
	assert_memory_equal(out.data, "a\0\xFD\xFF\xFD\xFFz\0", 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_of_every_length_are_the_same_in_both),
		cmocka_unit_test(half_of_something_is_refused_and_nothing_is_added),
		cmocka_unit_test(a_byte_that_is_not_utf8_is_written_as_an_unknown_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
