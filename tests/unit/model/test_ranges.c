/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/ranges.h"

#include "base/buf.h"
#include "base/num.h"

#include "lib/cm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "AT+LEN AT+LEN" */
static const char *
text_of(const struct vss_ranges *r)
{
	static char out[400];
	int n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->n && n >= 0 && (size_t)n < sizeof out; i++)
		n += snprintf(out + n, sizeof out - (size_t)n, "%s%" PRIu64 "+%" PRIu64, i ? " " : "", r->v[i].at,
			r->v[i].len);
	return out;
}

static void
ranges_are_read_as_writers_give_them(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: refused */
	} rows[] = {
		{ "0:1", "0+1" },
		{ "1024:1024,4096:1", "1024+1024 4096+1" },
		{ "0x400:0X10, 4096:1", "1024+16 4096+1" },
		{ "9:1,0:2,0:2", "9+1 0+2 0+2" }, /* as given */
		{ "007:1", "7+1" },
		{ "0xfFfF:1", "65535+1" },
		{ "9223372036854775806:1", "9223372036854775806+1" },
		{ "0:9223372036854775807", "0+9223372036854775807" },
		{ "9223372036854775807:1", NULL }, /* ends past 2^63-1 */
		{ "1:9223372036854775807", NULL },
		{ "18446744073709551615:1", NULL },
		{ "1:18446744073709551615", NULL },
		{ "18446744073709551616:1", NULL },
		{ "0x10000000000000000:1", NULL },
		{ "0:0", NULL },
		{ "", NULL },
		{ "1", NULL },
		{ "1:", NULL },
		{ ":1", NULL },
		{ "1:1,", NULL },
		{ ",1:1", NULL },
		{ "1:1;2:1", NULL },
		{ "1:1 ", NULL },
		{ "-1:1", NULL },
		{ "+1:1", NULL },
		{ "1:0x", NULL },
		{ "a:b", NULL },
		{ "File=/x", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_ranges r;
		int result = vss_ranges_parse(rows[i].text, &r, &err);
		assert_int_equal(result, rows[i].expected ? 0 : -1);
		if (rows[i].expected)
			assert_string_equal(text_of(&r), rows[i].expected);
		else
			assert_int_equal(err.code, VSS_INVALID);
		vss_ranges_clear(&r);
	}
}

static void
what_is_wrong_is_named_by_its_number(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_ranges r;
	(void)state;
	assert_int_equal(vss_ranges_parse("1:1,2:2,3:0", &r, &err), -1);
	assert_string_equal(err.text, "ranges: number 3 is empty");
	assert_int_equal(vss_ranges_parse("1:1,x", &r, &err), -1);
	assert_string_equal(err.text, "ranges: number 2 is not OFFSET:LENGTH");
	assert_null(r.v);
}

static void
a_ranges_file_is_told_by_its_word_or_its_slash(void **state)
{
	(void)state;
	assert_string_equal(vss_ranges_file("File=/var/ranges"), "/var/ranges");
	assert_string_equal(vss_ranges_file("file=/var/ranges"), "/var/ranges");
	assert_string_equal(vss_ranges_file("/var/ranges"), "/var/ranges");
	assert_null(vss_ranges_file("File=var/ranges"));
	assert_null(vss_ranges_file("File="));
	assert_null(vss_ranges_file("0:1"));
	assert_null(vss_ranges_file(""));
}

static void
a_ranges_file_holds_a_count_and_pairs(void **state)
{
	unsigned char data[8 + 3 * 16];
	struct vss_err err = VSS_ERR_INIT;
	struct vss_ranges r;
	(void)state;

	memset(data, 0, sizeof data);
	vss_put64(data, 2);
	vss_put64(data + 8, 4096);
	vss_put64(data + 16, 512);
	vss_put64(data + 24, 0);
	vss_put64(data + 32, 1);
	assert_int_equal(vss_ranges_read(data, 8 + 2 * 16, &r, &err), 0);
	assert_string_equal(text_of(&r), "4096+512 0+1");
	vss_ranges_clear(&r);
	for (size_t n = 0; n <= sizeof data; n++) /* any other length: cut, or more than it says */
		if (n != 8 + 2 * 16)
			assert_int_equal(vss_ranges_read(data, n, &r, &err), -1);
	vss_put64(data + 32, 0);
	assert_int_equal(vss_ranges_read(data, 8 + 2 * 16, &r, &err), -1);
	assert_string_equal(err.text, "ranges: number 2 is empty");
	vss_put64(data, UINT64_MAX / 16 + 2); /* 8 + 16 * count runs over to 24 */
	assert_int_equal(vss_ranges_read(data, 24, &r, &err), -1);
	vss_put64(data, 0); /* nothing has changed */
	assert_int_equal(vss_ranges_read(data, 8, &r, &err), 0);
	assert_int_equal(r.n, 0);
}

static void
there_is_a_highest_number_of_ranges(void **state)
{
	struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_ranges r;
	(void)state;
	for (unsigned i = 0; i < VSS_RANGES_MAX; i++)
		vss_buf_str(&text, i ? ",0:1" : "0:1");
	assert_int_equal(vss_ranges_parse(text.data, &r, &err), 0);
	assert_int_equal(r.n, VSS_RANGES_MAX);
	vss_ranges_clear(&r);
	vss_buf_str(&text, ",0:1");
	assert_int_equal(vss_ranges_parse(text.data, &r, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	vss_buf_free(&text);
}

static void
normal_ranges_are_in_order_and_apart(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "5:1", "5+1" },
		{ "9:1,0:2", "0+2 9+1" },
		{ "0:2,2:2", "0+4" },
		{ "2:2,0:3,9:1", "0+4 9+1" },
		{ "0:10,2:3,4:1", "0+10" },
		{ "0:2,0:2,0:5", "0+5" },
		{ "9223372036854775806:1,0:9223372036854775807", "0+9223372036854775807" },
	};
	struct vss_ranges none = { NULL, 0, 0 };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_ranges r;
		assert_int_equal(vss_ranges_parse(rows[i].text, &r, &err), 0);
		vss_ranges_normalise(&r);
		assert_string_equal(text_of(&r), rows[i].expected);
		vss_ranges_clear(&r);
	}
	vss_ranges_normalise(&none);
	assert_int_equal(vss_ranges_total(&none), 0);
}

static int
note(void *ctx, uint64_t from, uint64_t to, uint64_t len, struct vss_err *err)
{
	struct vss_buf *out = ctx;
	if (from == 13)
		return vss_fail(err, VSS_NOSPACE, 0, "no room");
	vss_buf_fmt(out, "%" PRIu64 ">%" PRIu64 "+%" PRIu64 " ", from, to, len);
	return 0;
}

static void
ranges_are_mapped_piece_by_piece(void **state)
{
	static const struct {
		const char *from, *to, *expected;
		enum vss_code code;
	} rows[] = {
		{ "0:10", "100:10", "0>100+10 ", VSS_OK }, { "0:10", "100:4,200:6", "0>100+4 4>200+6 ", VSS_OK },
		{ "0:4,8:6", "100:10", "0>100+4 8>104+6 ", VSS_OK },
		{ "0:3,8:5", "100:4,50:4", "0>100+3 8>103+1 9>50+4 ", VSS_OK },
		{ "8:1,0:1", "0:1,8:1", "8>0+1 0>8+1 ", VSS_OK }, { "0:3", "0:4", "", VSS_INVALID }, /* R39, Q13 */
		{ "1:1,13:1,14:1", "0:3", "1>0+1 ", VSS_NOSPACE },
		{ "0:9223372036854775807,0:9223372036854775807,0:1,0:9",
			"0:9223372036854775807,0:9223372036854775807,0:10", "",
			VSS_INVALID }, /* more than can be counted */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_ranges from, to;
		struct vss_buf out = VSS_BUF_INIT;
		assert_int_equal(vss_ranges_parse(rows[i].from, &from, &err), 0);
		assert_int_equal(vss_ranges_parse(rows[i].to, &to, &err), 0);
		assert_int_equal(vss_ranges_map(&from, &to, note, &out, &err), rows[i].code ? -1 : 0);
		assert_int_equal(err.code, rows[i].code);
		assert_string_equal(out.data ? out.data : "", rows[i].expected);
		vss_ranges_clear(&from);
		vss_ranges_clear(&to);
		vss_buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_read_as_writers_give_them),
		cmocka_unit_test(what_is_wrong_is_named_by_its_number),
		cmocka_unit_test(a_ranges_file_is_told_by_its_word_or_its_slash),
		cmocka_unit_test(a_ranges_file_holds_a_count_and_pairs),
		cmocka_unit_test(there_is_a_highest_number_of_ranges),
		cmocka_unit_test(normal_ranges_are_in_order_and_apart),
		cmocka_unit_test(ranges_are_mapped_piece_by_piece),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
