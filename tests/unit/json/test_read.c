/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/read.h"

#include "base/str.h"
#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct vss_json *
parse(const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_json *doc = vss_json_parse(text, strlen(text), &err);
	assert_int_equal(doc ? VSS_OK : VSS_INVALID, err.code);
	return doc;
}

static void
members_are_found_by_key_and_type(void **state)
{
	(void)state;
	struct vss_json *doc = parse(
		"{\"s\":\"text\",\"i\":-5,\"u\":9223372036854775807,\"b\":true,\"a\":[\"x\",{\"k\":1}],\"n\":null}");
	int64_t i = 0;
	uint64_t u = 0;
	bool b = false;
	assert_true(vss_json_is_object(doc));
	assert_string_equal(vss_json_str(doc, "s"), "text");
	assert_int_equal(vss_json_i64(doc, "i", &i), 0);
	assert_int_equal(i, -5);
	assert_int_equal(vss_json_u64(doc, "u", &u), 0);
	assert_true(u == INT64_MAX);
	assert_int_equal(vss_json_bool(doc, "b", &b), 0);
	assert_true(b);
	const struct vss_json *a = vss_json_get(doc, "a");
	assert_int_equal(vss_json_count(a), 2);
	assert_string_equal(vss_json_text(vss_json_at(a, 0)), "x");
	assert_int_equal(vss_json_u64(vss_json_at(a, 1), "k", &u), 0);
	assert_int_equal(u, 1);
	vss_json_free(doc);
}

static void
absence_and_another_type_are_results(void **state)
{
	(void)state;
	struct vss_json *doc = parse("{\"s\":\"1\",\"i\":-1,\"r\":1.5,\"n\":null}");
	int64_t i = 42;
	uint64_t u = 42;
	bool b = true;
	assert_null(vss_json_get(doc, "x"));
	assert_null(vss_json_str(doc, "i"));
	assert_null(vss_json_str(doc, "n"));
	assert_null(vss_json_str(NULL, "s"));
	assert_int_equal(vss_json_i64(doc, "s", &i), -1);
	assert_int_equal(vss_json_i64(doc, "r", &i), -1);
	assert_int_equal(vss_json_u64(doc, "i", &u), -1);
	assert_int_equal(vss_json_bool(doc, "i", &b), -1);
	assert_int_equal(i, 42);
	assert_int_equal(u, 42);
	assert_int_equal(vss_json_count(doc), 0);
	assert_int_equal(vss_json_count(NULL), 0);
	assert_false(vss_json_is_object(vss_json_get(doc, "s")));
	vss_json_free(doc);
	vss_json_free(NULL);
}

static void
what_is_not_one_json_document_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "{", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "[\"\xFF\"]", "{'a':1}", "[1,]",
		"[\"\\u0000\"]", "[9223372036854775808]" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(parse(bad[i]));
}

static void
the_place_of_a_mistake_is_said(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_json_parse("{\n \"a\": ?\n}", 11, &err));
	assert_true(vss_str_starts(err.text, "line 2, column "));
}

static void
endless_nesting_is_refused(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	for (int i = 0; i < 100000; i++)
		vss_buf_ch(&text, '[');
	assert_null(vss_json_parse(text.data, text.len, &err));
}

static void
a_file_is_read_up_to_its_limit(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	char path[] = "/tmp/vss-test-json-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{\"a\": 1}", 8), 8);
	close(fd);
	struct vss_json *doc = vss_json_load(path, 8, &err);
	assert_non_null(doc);
	vss_json_free(doc);
	assert_null(vss_json_load(path, 7, &err));
	assert_int_equal(err.code, VSS_INVALID);
	assert_true(vss_str_starts(err.text, path));
	assert_true(vss_str_ends(err.text, ": longer than 7 bytes"));
	unlink(path);
	assert_null(vss_json_load(path, 8, &err));
	assert_int_equal(err.code, VSS_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_by_key_and_type),
		cmocka_unit_test(absence_and_another_type_are_results),
		cmocka_unit_test(what_is_not_one_json_document_is_refused),
		cmocka_unit_test(the_place_of_a_mistake_is_said),
		cmocka_unit_test(endless_nesting_is_refused),
		cmocka_unit_test(a_file_is_read_up_to_its_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
