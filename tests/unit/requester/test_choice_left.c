/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice.h"

#include "lib/box.h"

static const struct vss_choice_place on_root = { "/", false };

static bool
takes(struct vss_choice *c, const char *path, mode_t type)
{
	return vss_choice_asks(c, path, type, on_root) & VSS_TAKE;
}

static void
a_marked_directory_keeps_itself_and_its_tag(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	vss_choice_leave(&c, "/no/cache", false, "TAG");
	assert_true(takes(&c, "/no/cache", S_IFDIR));
	assert_true(takes(&c, "/no/cache/TAG", S_IFREG));
	assert_false(takes(&c, "/no/cache/x", S_IFREG));
	assert_false(takes(&c, "/no/cache/sub", S_IFDIR));
	assert_false(takes(&c, "/no/cache/sub/TAG", S_IFREG));
	assert_true(takes(&c, "/no/cached", S_IFREG));
	vss_choice_clear(&c);
}

static void
one_that_is_left_itself_is_left_whole(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	vss_choice_leave(&c, "/no/dir", true, NULL);
	assert_int_equal(vss_choice_asks(&c, "/no/dir", S_IFDIR, on_root), 0);
	assert_false(takes(&c, "/no/dir/x", S_IFREG));
	assert_true(takes(&c, "/no/file", S_IFREG));
	vss_choice_clear(&c);
}

static void
what_the_user_named_in_it_is_taken_and_led_to(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	vss_choice_add_path(&c, "/no/dir/sub", "/");
	vss_choice_leave(&c, "/no/dir", true, NULL);
	assert_int_equal(vss_choice_asks(&c, "/no/dir", S_IFDIR, on_root), VSS_DESCEND);
	assert_false(takes(&c, "/no/dir/x", S_IFREG));
	assert_true(takes(&c, "/no/dir/sub", S_IFDIR));
	assert_true(takes(&c, "/no/dir/sub/x", S_IFREG));
	/* and within that it begins again */
	vss_choice_leave(&c, "/no/dir/sub/cache", false, "TAG");
	assert_false(takes(&c, "/no/dir/sub/cache/x", S_IFREG));
	assert_false(takes(&c, "/no/dir/y", S_IFREG));
	vss_choice_leave(&c, "/no/dir/sub/other", true, NULL);
	assert_int_equal(c.nleft, 2); /* those that the walk is in */
	vss_choice_leave(&c, "/no/far", true, NULL);
	assert_int_equal(c.nleft, 1);
	vss_choice_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_marked_directory_keeps_itself_and_its_tag),
		cmocka_unit_test(one_that_is_left_itself_is_left_whole),
		cmocka_unit_test(what_the_user_named_in_it_is_taken_and_led_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
