/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/write.h"

#include "base/str.h"
#include "lib/cm.h"
#include "json/read.h"

#include <errno.h>
#include <string.h>

static void
finish(struct vss_jw *w)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_jw_finish(w, &err), 0);
	assert_int_equal(err.code, VSS_OK);
}

static void
write_sample(struct vss_jw *w)
{
	vss_jw_begin_object(w);
	vss_jw_member_string(w, "id", "x");
	vss_jw_key(w, "list");
	vss_jw_begin_array(w);
	vss_jw_u64(w, UINT64_MAX);
	vss_jw_i64(w, INT64_MIN);
	vss_jw_begin_object(w);
	vss_jw_end_object(w);
	vss_jw_end_array(w);
	vss_jw_key(w, "empty");
	vss_jw_begin_array(w);
	vss_jw_end_array(w);
	vss_jw_member_bool(w, "yes", true);
	vss_jw_key(w, "nothing");
	vss_jw_null(w);
	vss_jw_end_object(w);
}

static void
compact_output_is_one_line(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &out, false);
	write_sample(&w);
	finish(&w);
	assert_string_equal(out.data,
		"{\"id\":\"x\",\"list\":[18446744073709551615,-9223372036854775808,{}],\"empty\":[],\"yes\":true,"
		"\"nothing\":null}\n");
}

static void
pretty_output_is_indented_by_two(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &out, true);
	write_sample(&w);
	finish(&w);
	assert_string_equal(out.data, "{\n  \"id\": \"x\",\n  \"list\": [\n    18446744073709551615,\n    "
				      "-9223372036854775808,\n    {}\n  ],\n"
				      "  \"empty\": [],\n  \"yes\": true,\n  \"nothing\": null\n}\n");
}

static void
values_at_the_top_are_json_lines(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &out, false);
	for (int i = 1; i <= 3; i++) {
		vss_jw_begin_object(&w);
		vss_jw_member_i64(&w, "n", i);
		vss_jw_end_object(&w);
	}
	vss_jw_u64(&w, 7);
	finish(&w);
	assert_string_equal(out.data, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n7\n");
}

static void
what_is_written_is_read_back_the_same(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "plain", "\"quoted\" \\ and /", "\b\f\n\r\t\x01\x1F\x7F",
		"\xC2\x9B\xC2\xA0", "\xE2\x82\xAC", "\xF0\x9F\x92\xBE" };
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &out, false);
	vss_jw_begin_array(&w);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		vss_jw_string(&w, texts[i]);
	vss_jw_end_array(&w);
	finish(&w);
	for (size_t i = 0; i + 1 < out.len; i++)
		assert_true((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7F);
	struct vss_json *doc = vss_json_parse(out.data, out.len, &err);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_string_equal(vss_json_text(vss_json_at(doc, i)), texts[i]);
	vss_json_free(doc);
}

static void
a_name_that_is_not_utf8_is_given_twice(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &out, false);
	vss_jw_begin_object(&w);
	vss_jw_path(&w, "path", "a\xFF\\\n");
	vss_jw_path(&w, "plain", "a\\\n");
	vss_jw_path(&w, "none", NULL);
	vss_jw_member_string(&w, "text", "\x80");
	vss_jw_end_object(&w);
	finish(&w);
	assert_string_equal(out.data,
		"{\"path\":\"a\\\\377\\\\134\\\\012\",\"path_bytes\":\"Yf9cCg==\",\"plain\":\"a\\\\\\n\",\"none\":null,"
		"\"text\":\"\\\\200\"}\n");
}

static void
fixed_point_numbers_are_exact(void **state)
{
	(void)state;
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_jw w;
	vss_jw_init_buf(&w, &out, false);
	vss_jw_begin_array(&w);
	vss_jw_fixed(&w, 12345678, 6);
	vss_jw_fixed(&w, -5, 3);
	vss_jw_fixed(&w, 7, 0);
	vss_jw_fixed(&w, INT64_MIN, 18);
	vss_jw_end_array(&w);
	finish(&w);
	assert_string_equal(out.data, "[12.345678,-0.005,7,-9.223372036854775808]\n");
}

struct sink {
	struct vss_buf all;
	size_t largest, calls, fail_at;
};

static int
collect(void *ctx, const char *p, size_t n, struct vss_err *err)
{
	struct sink *s = ctx;
	s->calls++;
	if (s->calls == s->fail_at)
		return vss_fail(err, VSS_SYSTEM, ENOSPC, "stdout");
	s->largest = n > s->largest ? n : s->largest;
	vss_buf_add(&s->all, p, n);
	return 0;
}

static void
write_rows(struct vss_jw *w, size_t rows)
{
	vss_jw_begin_array(w);
	for (size_t i = 0; i < rows; i++)
		vss_jw_u64(w, i);
	vss_jw_end_array(w);
}

static void
a_long_list_passes_in_pieces(void **state)
{
	(void)state;
	struct sink s = { .all = VSS_BUF_INIT };
	struct vss_err err = VSS_ERR_INIT;
	struct vss_jw w;
	vss_jw_init_sink(&w, collect, &s, false);
	write_rows(&w, 100000);
	finish(&w);
	assert_true(s.calls > 10);
	assert_true(s.largest < 32 * 1024);
	struct vss_json *doc = vss_json_parse(s.all.data, s.all.len, &err);
	assert_int_equal(vss_json_count(doc), 100000);
	vss_json_free(doc);
	vss_buf_free(&s.all);
}

static void
a_row_of_json_lines_goes_out_at_once(void **state)
{
	(void)state;
	struct sink s = { .all = VSS_BUF_INIT };
	struct vss_jw w;
	vss_jw_init_sink(&w, collect, &s, false);
	vss_jw_string(&w, "first");
	assert_string_equal(s.all.data, "\"first\"\n");
	finish(&w);
	vss_buf_free(&s.all);
}

static void
the_first_failure_is_kept_and_nothing_follows_it(void **state)
{
	(void)state;
	struct sink s = { .all = VSS_BUF_INIT, .fail_at = 2 };
	struct vss_err err = VSS_ERR_INIT;
	struct vss_jw w;
	vss_jw_init_sink(&w, collect, &s, false);
	write_rows(&w, 100000);
	assert_int_equal(vss_jw_finish(&w, &err), -1);
	assert_int_equal(err.code, VSS_NOSPACE);
	assert_int_equal(s.calls, 2);
	vss_buf_free(&s.all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_output_is_one_line),
		cmocka_unit_test(pretty_output_is_indented_by_two),
		cmocka_unit_test(values_at_the_top_are_json_lines),
		cmocka_unit_test(what_is_written_is_read_back_the_same),
		cmocka_unit_test(a_name_that_is_not_utf8_is_given_twice),
		cmocka_unit_test(fixed_point_numbers_are_exact),
		cmocka_unit_test(a_long_list_passes_in_pieces),
		cmocka_unit_test(a_row_of_json_lines_goes_out_at_once),
		cmocka_unit_test(the_first_failure_is_kept_and_nothing_follows_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
