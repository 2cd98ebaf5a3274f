/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"

#include "base/str.h"
#include "lib/cm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
a_failure_records_code_errno_and_reason(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_fail(&err, VSS_SYSTEM, EIO, "%s: open", "/x"), -1);
	assert_int_equal(err.code, VSS_SYSTEM);
	assert_int_equal(err.sys, EIO);
	assert_string_equal(err.text, "/x: open: Input/output error");
}

static void
without_errno_nothing_is_appended(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	vss_fail(&err, VSS_INVALID, 0, "no such grade");
	assert_string_equal(err.text, "no such grade");
}

static void
errno_sharpens_only_a_system_failure(void **state)
{
	(void)state;
	static const struct {
		int sys;
		enum vss_code code;
	} cases[] = { { ENOSPC, VSS_NOSPACE }, { EDQUOT, VSS_NOSPACE }, { ENOENT, VSS_ABSENT }, { EEXIST, VSS_EXISTS },
		{ EACCES, VSS_DENIED }, { EPERM, VSS_DENIED }, { EINVAL, VSS_SYSTEM } };
	struct vss_err err = VSS_ERR_INIT;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		vss_fail(&err, VSS_SYSTEM, cases[i].sys, "x");
		assert_int_equal(err.code, cases[i].code);
	}
	vss_fail(&err, VSS_CORRUPT, ENOENT, "x");
	assert_int_equal(err.code, VSS_CORRUPT);
}

static void
wrap_puts_the_outer_words_first(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	vss_fail(&err, VSS_BUSY, 0, "in use");
	assert_int_equal(vss_wrap(&err, "volume %d", 7), -1);
	assert_int_equal(err.code, VSS_BUSY);
	assert_string_equal(err.text, "volume 7: in use");
}

static void
the_own_text_may_be_an_argument(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	vss_fail(&err, VSS_INVALID, 0, "inner");
	vss_fail(&err, VSS_CORRUPT, 0, "outer: %s", err.text);
	assert_string_equal(err.text, "outer: inner");
}

static void
a_long_object_loses_its_middle_and_never_the_reason(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	char path[4001];
	memset(path, 'p', 4000);
	path[4000] = '\0';
	vss_fail(&err, VSS_SYSTEM, ENOENT, "/start/%s/end: open", path);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_true(vss_str_starts(err.text, "/start/ppp"));
	assert_true(vss_str_ends(err.text, "ppp/end: open: No such file or directory"));
	vss_wrap(&err, "%s", path);
	assert_true(vss_str_ends(err.text, "ppp/end: open: No such file or directory"));
}

static void
a_cut_does_not_split_a_character(void **state)
{
	(void)state;
	for (size_t lead = 0; lead < 4; lead++) {
		struct vss_buf b = VSS_BUF_INIT;
		for (size_t i = 0; i < lead; i++)
			vss_buf_ch(&b, 'a');
		for (int i = 0; i < 400; i++)
			vss_buf_str(&b, "\xE2\x82\xAC");
		struct vss_err err = VSS_ERR_INIT;
		vss_fail(&err, VSS_INVALID, 0, "%s", b.data);
		assert_true(vss_utf8_valid(err.text, strlen(err.text)));
		assert_non_null(strstr(err.text, "..."));
		vss_buf_free(&b);
	}
}

static void
each_vss_code_has_a_name_a_number_of_its_own_and_is_found(void **state)
{
	(void)state;
	for (int code = VSS_E_BAD_STATE; code < VSS_CODE_COUNT; code++) {
		const char *name = vss_code_name((enum vss_code)code);
		assert_non_null(name);
		assert_true(vss_str_starts(name, "VSS_E_"));
		assert_int_equal(vss_code_by_name(name), code);
		assert_int_equal(vss_code_hresult((enum vss_code)code) >> 16, 0x8004);
		for (int other = VSS_E_BAD_STATE; other < code; other++)
			assert_int_not_equal(
				vss_code_hresult((enum vss_code)code), vss_code_hresult((enum vss_code)other));
	}
}

static void
numbers_are_those_of_vss(void **state)
{
	(void)state;
	assert_int_equal(vss_code_hresult(VSS_E_BAD_STATE), 0x80042301);
	assert_int_equal(vss_code_hresult(VSS_E_SNAPSHOT_SET_IN_PROGRESS), 0x80042316);
	assert_int_equal(vss_code_hresult(VSS_E_WRITERERROR_TIMEOUT), 0x800423F2);
	assert_int_equal(vss_code_hresult(VSS_E_WRITERERROR_PARTIAL_FAILURE), 0x80042336);
	assert_int_equal(vss_code_hresult(VSS_E_WRITER_STATUS_NOT_AVAILABLE), 0x80042409);
	assert_int_equal(vss_code_hresult(VSS_ABSENT), 0);
	assert_null(vss_code_name(VSS_ABSENT));
	assert_null(vss_code_name(VSS_CODE_COUNT));
}

static void
a_name_is_found_without_its_prefix(void **state)
{
	(void)state;
	assert_int_equal(vss_code_by_name("RETRYABLE"), VSS_E_WRITERERROR_RETRYABLE);
	assert_int_equal(vss_code_by_name("WRITERERROR_RETRYABLE"), VSS_E_WRITERERROR_RETRYABLE);
	assert_int_equal(vss_code_by_name("BAD_STATE"), VSS_E_BAD_STATE);
	assert_int_equal(vss_code_by_name(""), VSS_OK);
	assert_int_equal(vss_code_by_name("VSS_E_"), VSS_OK);
	assert_int_equal(vss_code_by_name("retryable"), VSS_OK);
	assert_int_equal(vss_code_by_name("TRYABLE"), VSS_OK);
}

static void
statuses_are_the_documented_ones(void **state)
{
	(void)state;
	assert_int_equal(vss_code_status(VSS_OK), 0);
	assert_int_equal(vss_code_status(VSS_SYSTEM), 1);
	assert_int_equal(vss_code_status(VSS_USAGE), 2);
	assert_int_equal(vss_code_status(VSS_PARTIAL), 3);
	assert_int_equal(vss_code_status(VSS_UNSUPPORTED), 4);
	assert_int_equal(vss_code_status(VSS_E_VOLUME_NOT_SUPPORTED), 4);
	assert_int_equal(vss_code_status(VSS_E_SNAPSHOT_SET_IN_PROGRESS), 5);
	assert_int_equal(vss_code_status(VSS_GRADE), 6);
	assert_int_equal(vss_code_status(VSS_E_WRITERERROR_NONRETRYABLE), 6);
	assert_int_equal(vss_code_status(VSS_INTERRUPTED), 130);
	for (int code = VSS_SYSTEM; code < VSS_CODE_COUNT; code++)
		assert_int_not_equal(vss_code_status((enum vss_code)code), 0);
}

static void
what_is_forgiven_says_nothing_any_more(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	vss_fail(&err, VSS_SYSTEM, ENOENT, "a file");
	assert_int_equal(vss_forgive(&err), 0);
	assert_int_equal(err.code, VSS_OK);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_records_code_errno_and_reason),
		cmocka_unit_test(without_errno_nothing_is_appended),
		cmocka_unit_test(errno_sharpens_only_a_system_failure),
		cmocka_unit_test(wrap_puts_the_outer_words_first),
		cmocka_unit_test(the_own_text_may_be_an_argument),
		cmocka_unit_test(a_long_object_loses_its_middle_and_never_the_reason),
		cmocka_unit_test(a_cut_does_not_split_a_character),
		cmocka_unit_test(each_vss_code_has_a_name_a_number_of_its_own_and_is_found),
		cmocka_unit_test(numbers_are_those_of_vss),
		cmocka_unit_test(a_name_is_found_without_its_prefix),
		cmocka_unit_test(statuses_are_the_documented_ones),
		cmocka_unit_test(what_is_forgiven_says_nothing_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
