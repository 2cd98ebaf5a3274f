/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/mapping.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>

static void
assert_path(char *got, const char *want)
{
	if (want)
		assert_string_equal(got ? got : "(none)", want);
	else
		assert_null(got);
	free(got);
}

static void
the_longest_old_place_counts_by_whole_elements(void **state)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	struct vss_moves m = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	vss_strv_add(&words, "/no/a=/no/x");
	vss_strv_add(&words, "/no/a/b//=/no/y/./z");
	assert_int_equal(vss_moves_parse(&m, &words, &err), 0);
	assert_path(vss_moves_apply(&m, "/no/a/f"), "/no/x/f");
	assert_path(vss_moves_apply(&m, "/no/ab"), NULL);
	assert_string_equal(vss_moves_unused(&m)->from, "/no/a/b");
	assert_path(vss_moves_apply(&m, "/no/a/b/c/f"), "/no/y/z/c/f");
	assert_path(vss_moves_apply(&m, "/no/a/b"), "/no/y/z");
	assert_path(vss_moves_apply(&m, "/no/a/bc"), "/no/x/bc");
	assert_null(vss_moves_unused(&m));
	vss_moves_clear(&m);
}

static void
words_that_are_no_move_are_refused(void **state)
{
	static const char *const bad[][2] = { { "/a", NULL }, { "a=/b", NULL }, { "/a=b", NULL }, { "=/a", NULL },
		{ "/a=/b", "/a/=/c" } };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
		struct vss_moves m = { 0 };
		struct vss_err err = VSS_ERR_INIT;
		vss_strv_add(&words, bad[i][0]);
		if (bad[i][1])
			vss_strv_add(&words, bad[i][1]);
		assert_int_equal(vss_moves_parse(&m, &words, &err), -1);
		assert_int_equal(err.code, VSS_USAGE);
		vss_moves_clear(&m);
	}
}

static void
a_location_is_for_the_file_set_that_equals_its_own(void **state)
{
	struct vss_metadata *m = vss_metadata_new();
	char path[] = "/d/", other[] = "/e", all[] = "*", some[] = "*.db";
	struct vss_fileset f = { .path = path, .spec = all, .recursive = true };

	(void)state;
	vss_metadata_add_location(m, "/d", "*", true, "/there");
	assert_string_equal(vss_alternate_of(m, &f), "/there");
	f.recursive = false;
	assert_null(vss_alternate_of(m, &f));
	f.recursive = true;
	f.spec = some;
	assert_null(vss_alternate_of(m, &f));
	f.spec = all;
	f.path = other;
	assert_null(vss_alternate_of(m, &f));
	vss_metadata_free(m);
}

static void
a_file_goes_as_a_whole_when_one_target_names_all_of_it(void **state)
{
	struct vss_bcd_directed d[] = {
		{ "/d", "one", "0:10", "/t", "uno", "0x0:0xa" },
		{ "/d", "two", "0:4", "/t", "due", "0:4" },
		{ "/d", "two", "4:6", "/t", "due", "4:6" },
		{ "/d", "three", "0:10", "/t", "tre", "5:10" },
	};
	struct vss_bcd_component c = { .directed = d, .ndirected = 4 };

	(void)state;
	assert_path(vss_directed_whole(&c, "/d/one", 10), "/t/uno");
	assert_path(vss_directed_whole(&c, "/d/one", 11), NULL);
	assert_path(vss_directed_whole(&c, "/d/two", 10), NULL);
	assert_path(vss_directed_whole(&c, "/d/three", 10), NULL);
	assert_true(vss_is_directed(&c, "/d/two") && !vss_is_directed(&c, "/d/four"));
}

static void
directed_targets_that_cannot_be_are_found_beforehand(void **state)
{
	static const struct {
		const char *ranges, *to_path, *to_name, *to_ranges;
		bool good;
	} cases[] = {
		{ "0:4", "/nowhere", "f", "0:4", true },
		{ "0:4,8:2", "/nowhere", "f", "3:6", true },
		{ "0:4", "/nowhere", "f", "0:5", false },
		{ "0:4", "nowhere", "f", "0:4", false },
		{ "0:4", "/nowhere/..", "f", "0:4", false },
		{ "0:4", "/nowhere", "a/f", "0:4", false },
		{ "0:4", "/nowhere", "", "0:4", false },
		{ "4", "/nowhere", "f", "0:4", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		VSS_AUTOFREE char *ranges = vss_strdup(cases[i].ranges), *path = vss_strdup(cases[i].to_path);
		VSS_AUTOFREE char *name = vss_strdup(cases[i].to_name), *to = vss_strdup(cases[i].to_ranges);
		char from[] = "/d", one[] = "one";
		struct vss_bcd_directed d = { from, one, ranges, path, name, to };
		struct vss_bcd_component c = { .directed = &d, .ndirected = 1 };
		struct vss_err err = VSS_ERR_INIT;
		assert_int_equal(vss_directed_check(&c, &err), cases[i].good ? 0 : -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_old_place_counts_by_whole_elements),
		cmocka_unit_test(words_that_are_no_move_are_refused),
		cmocka_unit_test(a_location_is_for_the_file_set_that_equals_its_own),
		cmocka_unit_test(a_file_goes_as_a_whole_when_one_target_names_all_of_it),
		cmocka_unit_test(directed_targets_that_cannot_be_are_found_beforehand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
