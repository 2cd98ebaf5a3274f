/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/word_file.h"

#include "lib/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/vss-word-file-XXXXXX";

static int
begin(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int
end(void **state)
{
	(void)state;
	return unlink(path);
}

static void
words_of(const char *text, size_t n, struct vss_strv *out)
{
	struct vss_err err = VSS_ERR_INIT;
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(vss_front_word_file(path, out, &err), 0);
}

static void
each_line_is_a_word_and_empty_ones_are_none(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv w = VSS_STRV_INIT;
	static const char text[] = "/a b\n\n  /c \n/without end";
	words_of(text, sizeof text - 1, &w);
	assert_int_equal(w.n, 3);
	assert_string_equal(w.v[0], "/a b");
	assert_string_equal(w.v[1], "  /c ");
	assert_string_equal(w.v[2], "/without end");
}

static void
with_a_nul_byte_words_end_in_nul(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv w = VSS_STRV_INIT;
	static const char text[] = "/a\nb\0/c\0\0/d";
	words_of(text, sizeof text - 1, &w);
	assert_int_equal(w.n, 3);
	assert_string_equal(w.v[0], "/a\nb");
	assert_string_equal(w.v[2], "/d");
}

static void
words_are_added_and_an_empty_file_has_none(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv w = VSS_STRV_INIT;
	words_of("x\n", 2, &w);
	words_of("", 0, &w);
	words_of("y", 1, &w);
	assert_int_equal(w.n, 2);
}

static void
a_file_that_is_not_there_is_named(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv w = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_front_word_file("/nonexistent/x", &w, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	assert_non_null(strstr(err.text, "/nonexistent/x"));
	err = (struct vss_err)VSS_ERR_INIT;
	assert_int_equal(vss_front_word_file("/", &w, &err), -1);
	assert_int_equal(w.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_a_word_and_empty_ones_are_none),
		cmocka_unit_test(with_a_nul_byte_words_end_in_nul),
		cmocka_unit_test(words_are_added_and_an_empty_file_has_none),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
