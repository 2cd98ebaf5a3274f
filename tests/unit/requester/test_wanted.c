/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_files.h"

#include "lib/box.h"

static void
nothing_asked_for_means_everything(void **state)
{
	struct vss_wanted w;

	(void)state;
	vss_wanted_init(&w, NULL);
	assert_true(vss_wanted_takes(&w, "any/thing", S_IFREG));
	vss_wanted_clear(&w);
}

static void
a_path_takes_itself_and_what_is_below(void **state)
{
	struct vss_strv what = VSS_STRV_INIT;
	struct vss_wanted w;

	(void)state;
	vss_strv_add(&what, "/home/me/");
	vss_wanted_init(&w, &what);
	assert_true(vss_wanted_takes(&w, "home/me", S_IFDIR));
	assert_true(vss_wanted_takes(&w, "home/me/x", S_IFREG));
	assert_false(vss_wanted_takes(&w, "home/mean", S_IFREG));
	assert_false(vss_wanted_takes(&w, "home", S_IFDIR));
	vss_wanted_clear(&w);
	vss_strv_free(&what);
}

static void
a_glob_takes_what_it_matches_and_what_is_below_that(void **state)
{
	struct vss_strv what = VSS_STRV_INIT;
	struct vss_wanted w;

	(void)state;
	vss_strv_add(&what, "/home/*/mail");
	vss_wanted_init(&w, &what);
	assert_true(vss_wanted_takes(&w, "home/me/mail", S_IFDIR));
	assert_true(vss_wanted_takes(&w, "home/me/mail/inbox/1", S_IFREG));
	assert_false(vss_wanted_takes(&w, "home/me/music", S_IFDIR));
	vss_wanted_clear(&w);
	vss_strv_free(&what);
}

static void
directories_on_the_way_lead_to_what_is_wanted(void **state)
{
	struct vss_strv what = VSS_STRV_INIT;
	struct vss_wanted w;

	(void)state;
	vss_strv_add(&what, "/home/me/mail");
	vss_strv_add(&what, "/srv/*/x");
	vss_wanted_init(&w, &what);
	assert_false(vss_wanted_leads(&w, "home", S_IFDIR));
	w.ways = true;
	assert_true(vss_wanted_leads(&w, "home", S_IFDIR));
	assert_true(vss_wanted_leads(&w, "home/me", S_IFDIR));
	assert_false(vss_wanted_leads(&w, "home/me/mail", S_IFDIR)); /* wanted itself */
	assert_false(vss_wanted_leads(&w, "home/you", S_IFDIR));
	assert_false(vss_wanted_leads(&w, "home", S_IFREG));
	assert_true(vss_wanted_leads(&w, "srv", S_IFDIR));
	assert_false(vss_wanted_leads(&w, "srv/any", S_IFDIR)); /* nobody knows */
	assert_true(vss_wanted_selects(&w, "home", S_IFDIR));
	vss_wanted_clear(&w);
	vss_strv_free(&what);
}

static void
wishes_that_nothing_matched_are_told(void **state)
{
	struct vss_strv what = VSS_STRV_INIT;
	struct vss_wanted w;
	size_t from = 0;

	(void)state;
	vss_strv_add(&what, "/a");
	vss_strv_add(&what, "/b");
	vss_strv_add(&what, "/a/x");
	vss_strv_add(&what, "/c*");
	vss_wanted_init(&w, &what);
	assert_true(vss_wanted_takes(&w, "a/x", S_IFREG)); /* which matches two */
	assert_string_equal(vss_wanted_unmatched(&w, &from), "b");
	assert_string_equal(vss_wanted_unmatched(&w, &from), "c*");
	assert_null(vss_wanted_unmatched(&w, &from));
	vss_wanted_clear(&w);
	vss_strv_free(&what);
}

static void
with_writers_named_only_their_files_are_wanted(void **state)
{
	struct vss_wanted w;
	char dir[] = "/nonexistent/db", spec[] = "*.db";
	struct vss_fileset f = { .path = dir, .spec = spec };

	(void)state;
	vss_wanted_init(&w, NULL);
	vss_wanted_add_files(&w, &f, 7);
	w.components_only = true;
	assert_true(vss_wanted_takes(&w, "nonexistent/db/x.db", S_IFREG));
	assert_true(vss_wanted_takes(&w, "nonexistent/db", S_IFDIR));
	assert_false(vss_wanted_takes(&w, "nonexistent/db/x.txt", S_IFREG));
	assert_int_equal(vss_wanted_component(&w, "nonexistent/db/x.db", S_IFREG), 7);
	assert_int_equal(vss_wanted_component(&w, "nonexistent/x.db", S_IFREG), SIZE_MAX);
	vss_wanted_clear(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_for_means_everything),
		cmocka_unit_test(a_path_takes_itself_and_what_is_below),
		cmocka_unit_test(a_glob_takes_what_it_matches_and_what_is_below_that),
		cmocka_unit_test(directories_on_the_way_lead_to_what_is_wanted),
		cmocka_unit_test(wishes_that_nothing_matched_are_told),
		cmocka_unit_test(with_writers_named_only_their_files_are_wanted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
