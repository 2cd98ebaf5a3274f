/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/config.h"

#include "lib/box.h"
#include "os/durable.h"

struct seen {
	char *name, *dumps;
	unsigned options;
};

static int
take_engine(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct seen *s = ctx;

	if (strcmp(vss_line_word(l, 1), "bad") == 0)
		return vss_fail(err, VSS_INVALID, 0, "bad is bad");
	s->name = vss_strdup(vss_line_word(l, 1));
	s->dumps = vss_strdup(vss_line_get(l, "dumps"));
	return 0;
}

static int
take_options(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct seen *s = ctx;

	(void)l;
	(void)err;
	s->options++;
	return 0;
}

static const char *const pairs[] = { "dumps", NULL };
static const struct vss_config_key keys[] = {
	{ "engine", 1, 2, pairs, take_engine },
	{ "options", 0, 0, pairs, take_options },
};

static int
read_text(void **state, const char *text, size_t n, struct seen *s, struct vss_err *err)
{
	VSS_AUTOFREE char *path = box_path(state, "f");

	assert_ok(vss_write_file(path, text, n, 0600, err), *err);
	return vss_config_read(path, keys, 2, s, err);
}

static void
lines_go_to_their_keys(void **state)
{
	static const char text[] = "# a comment\n\n  engine \"one two\" dumps=yes \r\ndumps=no\n\t# another\ndumps=yes";
	struct vss_err err = VSS_ERR_INIT;
	struct seen s = { 0 };

	assert_int_equal(read_text(state, text, sizeof text - 1, &s, &err), 0);
	assert_string_equal(s.name, "one two");
	assert_string_equal(s.dumps, "yes");
	assert_int_equal(s.options, 2);
	free(s.name);
	free(s.dumps);
}

static void
a_file_that_is_not_there_is_no_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = box_path(state, "none");

	assert_int_equal(vss_config_read(path, keys, 2, NULL, &err), 1);
}

static void
a_bad_line_is_named_with_its_number(void **state)
{
	static const struct {
		const char *text, *reason;
	} bad[] = {
		{ "colour red", "colour: not known" },
		{ "engine a colour=red", "colour=: not known" },
		{ "engine", "engine: takes 1 to 2 words" },
		{ "engine a b c", "engine: takes 1 to 2 words" },
		{ "engine bad", "bad is bad" },
		{ "engine \"a", "quot" },
		{ "colour=red", "colour=: not known" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct seen s = { 0 };
		VSS_AUTOFREE char *text = vss_strf("# first\n%s\n", bad[i].text);

		assert_int_equal(read_text(state, text, strlen(text), &s, &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
		assert_non_null(strstr(err.text, "/f: line 2: "));
		assert_non_null(strstr(err.text, bad[i].reason));
	}
}

static void
a_nul_byte_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct seen s = { 0 };

	assert_int_equal(read_text(state, "dumps=no\n\0x\n", 12, &s, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_int_equal(s.options, 0);
}

static void
yes_and_no_have_their_words(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	bool b = false;

	(void)state;
	assert_int_equal(vss_config_bool("yes", &b, &err), 0);
	assert_true(b);
	assert_int_equal(vss_config_bool("maybe", &b, &err), -1);
	assert_true(b);
	assert_int_equal(vss_config_bool("0", &b, &err), 0);
	assert_false(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(lines_go_to_their_keys),
		BOX_TEST(a_file_that_is_not_there_is_no_error),
		BOX_TEST(a_bad_line_is_named_with_its_number),
		BOX_TEST(a_nul_byte_is_refused),
		cmocka_unit_test(yes_and_no_have_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
