/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/metadata.h"

#include "base/mem.h"

#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

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

static void
file_sets_that_share_files_overlap(void **state)
{
	static const struct {
		const char *path, *spec;
		bool recursive;
		const char *other_path, *other_spec;
		bool other_recursive, overlap, same;
	} rows[] = {
		{ "/a", "*", false, "/a/", "*", false, true, true },
		{ "/a", "*", false, "/a", "*", true, true, false },
		{ "/a", "*", false, "/a/b", "*", true, false, false },
		{ "/a", "*", true, "/a/b", "x", false, true, false },
		{ "/a", "*", true, "/ab", "x", false, false, false },
		{ "/a", "*.db", false, "/a", "x*", false, true, false },
		{ "/a", "*.db", false, "/a", "*.log", false, false, false },
		{ "/a", "*.db", false, "/a", "*.*", false, true, false },
		{ "/a", "a*b", false, "/a", "*ab*c*b", false, true, false },
		{ "/a", "a*b", false, "/a", "b*", false, false, false },
		{ "/a", "???", false, "/a", "ab", false, false, false },
		{ "/a", "??", false, "/a", "ab", false, true, false },
		{ "/a", "?", false, "/a", "\xC3\xA4", false, true, false },
		{ "/a", "?*?", false, "/a", "?", false, false, false },
		{ "/a", "*a*", false, "/a", "*b", false, true, false },
		{ "/a", "x", false, "/a", "x", false, true, true },
		{ "/a", "x", false, "/a", "X", false, false, false },
		{ "/", "x", true, "/a", "x", false, true, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		VSS_AUTOFREE char *path = vss_strdup(rows[i].path), *spec = vss_strdup(rows[i].spec);
		VSS_AUTOFREE char *path2 = vss_strdup(rows[i].other_path), *spec2 = vss_strdup(rows[i].other_spec);
		const struct vss_fileset a = { .path = path, .spec = spec, .recursive = rows[i].recursive };
		const struct vss_fileset b = { .path = path2, .spec = spec2, .recursive = rows[i].other_recursive };
		print_message("%s %s and %s %s\n", path, spec, path2, spec2);
		assert_int_equal(vss_fileset_overlaps(&a, &b), rows[i].overlap);
		assert_int_equal(vss_fileset_overlaps(&b, &a), rows[i].overlap);
		assert_int_equal(vss_fileset_same(&a, &b), rows[i].same);
		assert_int_equal(vss_fileset_same(&b, &a), rows[i].same);
	}
}

static void
hostile_specifications_overlap_for_want_of_an_answer(void **state)
{
	static char spec[4096], name[4096];
	char path[] = "/a";
	(void)state;
	memset(spec, 'y', sizeof spec - 1);
	memset(name, 'x', sizeof name - 1);
	const struct vss_fileset a = { .path = path, .spec = spec }, b = { .path = path, .spec = name };
	assert_true(vss_fileset_overlaps(&a, &b));
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
		cmocka_unit_test(file_sets_that_share_files_overlap),
		cmocka_unit_test(hostile_specifications_overlap_for_want_of_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
