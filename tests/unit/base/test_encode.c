/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include "lib/cm.h"

#include <string.h>

static void
base64_is_that_of_rfc_4648(void **state)
{
	(void)state;
	static const char *const cases[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xFB\xFF\xBF", "+/+/" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT, back = VSS_BUF_INIT;
		vss_base64(&text, cases[i][0], strlen(cases[i][0]));
		assert_string_equal(text.data ? text.data : "", cases[i][1]);
		assert_int_equal(vss_base64_decode(&back, cases[i][1], strlen(cases[i][1])), 0);
		assert_string_equal(back.data ? back.data : "", cases[i][0]);
	}
}

static void
what_is_not_base64_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "Z", "Zg=", "Zg", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-",
		"=Zm9", "Zm=v" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
		assert_int_equal(vss_base64_decode(&out, bad[i], strlen(bad[i])), -1);
	}
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	assert_int_equal(vss_base64_decode(&out, "Zm\0v", 4), -1);
}

static void
hex_goes_both_ways(void **state)
{
	(void)state;
	char text[9];
	unsigned char back[4];
	vss_hex(text, "\x00\x9a\xBC\xff", 4);
	assert_string_equal(text, "009abcff");
	assert_int_equal(vss_hex_decode(back, "009aBCfF", 4), 0);
	assert_memory_equal(back, "\x00\x9a\xBC\xff", 4);
}

static void
hex_of_another_length_or_alphabet_is_refused(void **state)
{
	(void)state;
	unsigned char out[4];
	assert_int_equal(vss_hex_decode(out, "009abcf", 4), -1);
	assert_int_equal(vss_hex_decode(out, "009abcff0", 4), -1);
	assert_int_equal(vss_hex_decode(out, "009abcfg", 4), -1);
	assert_int_equal(vss_hex_decode(out, "", 4), -1);
	assert_int_equal(vss_hex_decode(out, "", 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(what_is_not_base64_is_refused),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(hex_of_another_length_or_alphabet_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
