/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "lib/cm.h"

#include <stdlib.h>

static bool
takes(const char *path, const char *spec, bool recursive, const char *dir, const char *name)
{
	struct vss_component c = { .type = VSS_CT_FILEGROUP };
	const struct vss_fileset f = *vss_component_add_files(&c, VSS_FILES, path, spec, recursive);
	bool yes = vss_fileset_matches(&f, dir, name);
	free(f.path);
	free(f.spec);
	free(c.files);
	return yes;
}

static void
a_flat_set_takes_its_own_directory_only(void **state)
{
	(void)state;
	assert_true(takes("/var/db", "*", false, "/var/db", "a"));
	assert_true(takes("/var/db/", "*", false, "/var/db", "a"));
	assert_false(takes("/var/db", "*", false, "/var/db/x", "a"));
	assert_false(takes("/var/db", "*", false, "/var", "db"));
}

static void
a_recursive_set_goes_down_by_elements(void **state)
{
	(void)state;
	assert_true(takes("/var/db", "*", true, "/var/db/x/y", "a"));
	assert_false(takes("/var/db", "*", true, "/var/dbx", "a"));
	assert_true(takes("/", "*", true, "/", "etc"));
	assert_true(takes("/", "*", true, "/etc/x", "y"));
	assert_true(takes("/", "*", false, "/", "etc"));
	assert_false(takes("/", "*", false, "/etc", "x"));
}

static void
specifications_know_stars_and_question_marks(void **state)
{
	(void)state;
	static const struct {
		const char *spec, *name;
		bool yes;
	} cases[] = {
		{ "*", "a", true },
		{ "*", ".hidden", true },
		{ "*.*", "no dot", true },
		{ "*.db", "a.db", true },
		{ "*.db", ".db", true },
		{ "*.db", "a.dbx", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "?", "x", true },
		{ "?", "", false },
		{ "?", "xy", false },
		{ "?.db", "\xc3\xa4.db", true },
		{ "?", "\xc3", true },
		{ "[ab]", "a", false },
		{ "[ab]", "[ab]", true },
		{ "a\\*", "a\\b", true },
		{ "**", "", true },
		{ "x", "X", false },
		{ "", "a", false },
		{ "*\xa4", "\xc3\xa4", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (takes("/d", cases[i].spec, false, "/d", cases[i].name) != cases[i].yes)
			fail_msg("%s against %s", cases[i].spec, cases[i].name);
}

static void
many_stars_take_no_exponential_time(void **state)
{
	(void)state;
	char name[2001];
	for (size_t i = 0; i < 2000; i++)
		name[i] = 'a';
	name[2000] = '\0';
	assert_false(takes("/d", "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", false, "/d", name));
}

static void
walks_are_pruned_where_nothing_can_match(void **state)
{
	(void)state;
	char path[] = "/var/db", spec[] = "*.db";
	struct vss_fileset f = { .path = path, .spec = spec };
	assert_true(vss_fileset_may_match_below(&f, "/"));
	assert_true(vss_fileset_may_match_below(&f, "/var"));
	assert_true(vss_fileset_may_match_below(&f, "/var/db"));
	assert_false(vss_fileset_may_match_below(&f, "/var/db/x"));
	assert_false(vss_fileset_may_match_below(&f, "/va"));
	f.recursive = true;
	assert_true(vss_fileset_may_match_below(&f, "/var/db/x"));
	assert_false(vss_fileset_may_match_below(&f, "/var/dbx"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flat_set_takes_its_own_directory_only),
		cmocka_unit_test(a_recursive_set_goes_down_by_elements),
		cmocka_unit_test(specifications_know_stars_and_question_marks),
		cmocka_unit_test(many_stars_take_no_exponential_time),
		cmocka_unit_test(walks_are_pruned_where_nothing_can_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
