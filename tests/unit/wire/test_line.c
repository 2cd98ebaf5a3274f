/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/line.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct vss_line line = VSS_LINE_INIT;

static int
clear(void **state)
{
	(void)state;
	vss_line_clear(&line);
	return 0;
}

static int
parse(const char *s)
{
	struct vss_err err = VSS_ERR_INIT;
	int r = vss_line_parse(s, strlen(s), &line, &err);

	if (r != 0) {
		assert_int_equal(err.code, VSS_PROTOCOL);
		assert_true(err.text[0] != '\0');
		assert_int_equal(line.nwords + line.npairs, 0);
	}
	return r;
}

static void
words_come_first_and_keys_after_them(void **state)
{
	(void)state;
	assert_int_equal(parse("file \"a path\" main recursive=yes note=\"two words\" empty="), 0);
	assert_int_equal(line.nwords, 3);
	assert_string_equal(vss_line_word(&line, 1), "a path");
	assert_null(vss_line_word(&line, 3));
	assert_string_equal(vss_line_get(&line, "note"), "two words");
	assert_string_equal(vss_line_get(&line, "empty"), "");
	assert_null(vss_line_get(&line, "absent"));
	assert_int_equal(parse("file a=b late"), -1);
}

static void
the_first_equals_splits_and_a_quoted_word_never_does(void **state)
{
	(void)state;
	assert_int_equal(parse("say \"a=b\" c=d=e"), 0);
	assert_string_equal(vss_line_word(&line, 1), "a=b");
	assert_string_equal(vss_line_get(&line, "c"), "d=e");
}

static void
escapes_give_back_every_byte_but_nul(void **state)
{
	(void)state;
	assert_int_equal(parse("say \"q\\\" b\\\\ \\012\\377\""), 0);
	assert_string_equal(vss_line_word(&line, 1), "q\" b\\ \n\377");
}

static void
what_is_not_in_the_grammar_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "a ", " a", "a  b", "a\tb", "\"open", "\"x\"y", "a\"b", "a\\b",
		"=v", "k=v", "a k=1 k=2", "a \"\\x\"", "a \"\\1\"", "a \"\\000\"", "a \"\\400\"", "a \"\\", "a \"\t\"",
		"a k=\"v", "caf\303\251" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (parse(bad[i]) == 0)
			fail_msg("accepted: %s", bad[i]);
}

static void
a_nul_byte_is_refused_wherever_it_stands(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_int_equal(vss_line_parse("a\0b", 3, &line, &err), -1);
	assert_int_equal(vss_line_parse("\"a\0b\"", 5, &line, &err), -1);
}

static void
a_line_that_is_too_long_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	char *s = vss_alloc(VSS_LINE_MAX + 2);

	(void)state;
	memset(s, 'x', VSS_LINE_MAX + 1);
	assert_int_equal(vss_line_parse(s, VSS_LINE_MAX + 1, &line, &err), -1);
	assert_int_equal(vss_line_parse(s, VSS_LINE_MAX, &line, &err), 0);
	free(s);
}

static void
what_is_built_is_read_back_byte_for_byte(void **state)
{
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	char all[256];

	(void)state;
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	vss_line_begin(&b, "say");
	vss_line_add(&b, all);
	vss_line_add(&b, "");
	vss_line_add(&b, "a=b");
	vss_line_add(&b, "plain");
	vss_line_add_pair(&b, "key", all);
	vss_line_add_pair(&b, "path", "/a=b");
	vss_line_end(&b);
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_ptr_equal(memchr(b.data, '\n', b.len), b.data + b.len - 1);
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_line_parse(b.data, b.len - 1, &line, &err), 0);
	assert_string_equal(vss_line_word(&line, 1), all);
	assert_string_equal(vss_line_word(&line, 2), "");
	assert_string_equal(vss_line_word(&line, 3), "a=b");
	assert_string_equal(vss_line_word(&line, 4), "plain");
	assert_string_equal(vss_line_get(&line, "key"), all);
	assert_string_equal(vss_line_get(&line, "path"), "/a=b");
}

static void
a_flag_that_says_neither_keeps_the_default(void **state)
{
	(void)state;
	assert_int_equal(parse("x a=yes b=FALSE c=1 d=0 e=maybe"), 0);
	assert_true(vss_line_flag(&line, "a", false));
	assert_false(vss_line_flag(&line, "b", true));
	assert_true(vss_line_flag(&line, "c", false));
	assert_false(vss_line_flag(&line, "d", true));
	assert_true(vss_line_flag(&line, "e", true));
	assert_false(vss_line_flag(&line, "absent", false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(words_come_first_and_keys_after_them, clear),
		cmocka_unit_test_teardown(the_first_equals_splits_and_a_quoted_word_never_does, clear),
		cmocka_unit_test_teardown(escapes_give_back_every_byte_but_nul, clear),
		cmocka_unit_test_teardown(what_is_not_in_the_grammar_is_refused, clear),
		cmocka_unit_test_teardown(a_nul_byte_is_refused_wherever_it_stands, clear),
		cmocka_unit_test_teardown(a_line_that_is_too_long_is_refused, clear),
		cmocka_unit_test_teardown(what_is_built_is_read_back_byte_for_byte, clear),
		cmocka_unit_test_teardown(a_flag_that_says_neither_keeps_the_default, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
