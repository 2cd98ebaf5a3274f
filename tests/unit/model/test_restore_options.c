/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/restore_options.h"

#include "base/buf.h"

#include "lib/cm.h"

static void
options_are_read_and_mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *expected;
		const char *wrong; /* or NULL */
	} rows[] = {
		{ "\"Authoritative\"=\"All\"", "[*|Authoritative|All]", NULL },
		{ "\"A\"=\"Item:x\",\"A\"=\"Item:y\"", "[*|A|Item:x][*|A|Item:y]", NULL },
		{ "\"Sub\\Comp\":\"Roll Forward\"=\"None\"", "[Sub\\Comp|Roll Forward|None]", NULL },
		{ " \"a\" : \"b\" = \"c\" ,\t\"d\"=\"\" ", "[a|b|c][*|d|]", NULL },
		{ "\"a\"=\"1,2=3:4\",\"b\"=\"\\\"", "[*|a|1,2=3:4][*|b|\\]", NULL },
		{ "", NULL, "restore options: number 1: no name in quotes" },
		{ "a=b", NULL, "restore options: number 1: no name in quotes" },
		{ "\"a", NULL, "restore options: number 1: no name in quotes" },
		{ "\"a\":", NULL, "restore options: number 1: no name in quotes" },
		{ "\"a\":\"b\":\"c\"=\"d\"", NULL, "restore options: number 1: no '=' behind the name" },
		{ "\"\"=\"x\"", NULL, "restore options: number 1: an empty name" },
		{ "\"\":\"n\"=\"x\"", NULL, "restore options: number 1: an empty name" },
		{ "\"a\"", NULL, "restore options: number 1: no '=' behind the name" },
		{ "\"a\"=b", NULL, "restore options: number 1: no value in quotes" },
		{ "\"a\"=\"b", NULL, "restore options: number 1: no value in quotes" },
		{ "\"a\"=\"b\" \"c\"=\"d\"", NULL, "restore options: number 1: no ',' behind the value" },
		{ "\"a\"=\"b\",", NULL, "restore options: number 2: no name in quotes" },
		{ "\"a\"=\"b\",,\"c\"=\"d\"", NULL, "restore options: number 2: no name in quotes" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_restore_options o;
		VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;
		int result = vss_restore_options_parse(rows[i].text, &o, &err);
		if (rows[i].wrong) {
			assert_int_equal(result, -1);
			assert_int_equal(err.code, VSS_INVALID);
			assert_string_equal(err.text, rows[i].wrong);
			assert_null(o.v);
			continue;
		}
		assert_int_equal(result, 0);
		for (size_t k = 0; k < o.n; k++)
			vss_buf_fmt(&got, "[%s|%s|%s]", o.v[k].component ? o.v[k].component : "*", o.v[k].name,
				o.v[k].value);
		assert_string_equal(got.data, rows[i].expected);
		vss_restore_options_clear(&o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(options_are_read_and_mistakes_are_named) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
