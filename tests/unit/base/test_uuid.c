/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/uuid.h"

#include "lib/cm.h"

#include <string.h>

#define TEXT "0123abcd-4567-89ef-8123-456789abcdef"

static struct vss_uuid
sample(void)
{
	struct vss_uuid u;
	assert_int_equal(vss_uuid_parse(TEXT, &u), 0);
	return u;
}

static void
random_ones_differ_and_say_version_4(void **state)
{
	(void)state;
	struct vss_uuid a, b;
	vss_uuid_random(&a);
	vss_uuid_random(&b);
	assert_false(vss_uuid_eq(&a, &b));
	assert_int_equal(a.b[6] >> 4, 4);
	assert_int_equal(a.b[8] >> 6, 2);
	assert_false(vss_uuid_is_nil(&a));
}

static void
one_made_of_bytes_depends_on_them_alone(void **state)
{
	(void)state;
	struct vss_uuid a, b, c, empty;
	vss_uuid_of_bytes(&a, "/srv/data", 9);
	vss_uuid_of_bytes(&b, "/srv/data", 9);
	vss_uuid_of_bytes(&c, "/srv/datb", 9);
	vss_uuid_of_bytes(&empty, "", 0);
	assert_true(vss_uuid_eq(&a, &b));
	assert_false(vss_uuid_eq(&a, &c));
	assert_memory_not_equal(a.b + 8, c.b + 8, 8);
	assert_false(vss_uuid_is_nil(&empty));
	assert_int_equal(a.b[6] >> 4, 8);
}

static void
texts_go_both_ways(void **state)
{
	(void)state;
	struct vss_uuid u = sample(), v;
	char text[VSS_UUID_TEXT], braced[VSS_UUID_BRACED];
	vss_uuid_text(&u, text);
	vss_uuid_braced(&u, braced);
	assert_string_equal(text, TEXT);
	assert_string_equal(braced, "{" TEXT "}");
	assert_int_equal(vss_uuid_parse("{0123ABCD-4567-89EF-8123-456789ABCDEF}", &v), 0);
	assert_true(vss_uuid_eq(&u, &v));
	assert_int_equal(vss_uuid_parse("0123abcd456789ef8123456789abcdef", &v), 0);
	assert_true(vss_uuid_eq(&u, &v));
}

static void
what_is_not_a_whole_uuid_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "{}", "{" TEXT, TEXT "}", TEXT "0",
		"0123abcd-4567-89ef-8123-456789abcde", "0123abcd-4567-89ef-8123-456789abcdeg",
		"0123-abcd4567-89ef-8123-456789abcdef", " " TEXT, TEXT "-", "0123abcd--4567-89ef-8123-456789abcdef",
		"-" TEXT, "{{" TEXT "}}", "{" TEXT "}x" };
	struct vss_uuid u;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(vss_uuid_parse(bad[i], &u), -1);
}

static void
order_is_that_of_the_bytes(void **state)
{
	(void)state;
	struct vss_uuid a = sample(), b = sample(), nil = { { 0 } };
	b.b[15] = 0xFF;
	assert_true(vss_uuid_cmp(&a, &b) < 0);
	assert_true(vss_uuid_cmp(&b, &a) > 0);
	assert_int_equal(vss_uuid_cmp(&a, &a), 0);
	assert_true(vss_uuid_is_nil(&nil));
}

static void
a_prefix_has_eight_digits_or_more(void **state)
{
	(void)state;
	struct vss_uuid u = sample();
	static const char *const good[] = { "0123abcd", "{0123ABCD", "0123abcd-", "0123abcd4", "0123abcd-4567-89",
		"{" TEXT "}", TEXT };
	static const char *const bad[] = { "0123abc", "0123abce", "123abcd4", "0123abcd-5", "", "{", "0123abcd}",
		TEXT "0", "01-23abcd" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(vss_uuid_has_prefix(&u, good[i]));
		assert_true(vss_uuid_is_prefix(good[i]));
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(vss_uuid_has_prefix(&u, bad[i]));
	assert_false(vss_uuid_is_prefix("backup-1"));
	assert_false(vss_uuid_is_prefix("0123abc"));
	assert_true(vss_uuid_is_prefix("ffffffff"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_ones_differ_and_say_version_4),
		cmocka_unit_test(one_made_of_bytes_depends_on_them_alone),
		cmocka_unit_test(texts_go_both_ways),
		cmocka_unit_test(what_is_not_a_whole_uuid_is_refused),
		cmocka_unit_test(order_is_that_of_the_bytes),
		cmocka_unit_test(a_prefix_has_eight_digits_or_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
