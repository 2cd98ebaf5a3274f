/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice.h"

#include "lib/box.h"

static const struct vss_choice_place on_root = { "/", false };
static const struct vss_metadata nothing;
static const struct vss_writer nobody = { .metadata = &nothing };

/* Directories that are not there: what they are called is all that counts. */
static void
spare(struct vss_choice *c, const char *dir, const char *spec, bool recursive)
{
	VSS_AUTOFREE char *path = vss_strdup(dir), *name = vss_strdup(spec);
	const struct vss_fileset f = { .path = path, .spec = name, .recursive = recursive };
	vss_choice_add_spared(c, &nobody, &f);
}

static bool
takes(struct vss_choice *c, const char *path, mode_t type)
{
	return vss_choice_asks(c, path, type, on_root) & VSS_TAKE;
}

static void
files_are_left_out_and_directories_stay(void **state)
{
	struct vss_choice c = { 0 };
	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	spare(&c, "/no/cache", "*", true);
	assert_false(takes(&c, "/no/cache/f", S_IFREG));
	assert_false(takes(&c, "/no/cache/a/b/f", S_IFREG));
	assert_true(takes(&c, "/no/cache", S_IFDIR));
	assert_int_equal(vss_choice_asks(&c, "/no/cache/a", S_IFDIR, on_root), VSS_TAKE | VSS_DESCEND);
	assert_true(takes(&c, "/no/cached", S_IFREG));
	assert_true(takes(&c, "/no/other/cache/f", S_IFREG));
	vss_choice_clear(&c);
}

static void
one_that_is_not_recursive_ends_at_its_directory(void **state)
{
	struct vss_choice c = { 0 };
	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	spare(&c, "/no", "core.*", false);
	assert_false(takes(&c, "/no/core.17", S_IFREG));
	assert_true(takes(&c, "/no/core", S_IFREG));
	assert_true(takes(&c, "/no/deep/core.17", S_IFREG));
	vss_choice_clear(&c);
}

static void
the_directory_may_be_the_root(void **state)
{
	struct vss_choice c = { 0 };
	(void)state;
	vss_choice_add_path(&c, "/", "/");
	spare(&c, "/", "swapfile", false);
	spare(&c, "/no/a", "x", false);
	assert_false(takes(&c, "/swapfile", S_IFREG));
	assert_true(takes(&c, "/no/swapfile", S_IFREG));
	vss_choice_clear(&c);
}

static void
many_of_them_are_found_each_by_its_own_directory(void **state)
{
	static const char *const dirs[] = { "/no/b", "/no", "/no/b/c", "/no/b", "/no/bb", "/no/b-b", "/no/b/a" };
	struct vss_choice c = { 0 };
	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		VSS_AUTOFREE char *spec = vss_strf("only%zu", i);
		spare(&c, dirs[i], spec, false);
	}
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		VSS_AUTOFREE char *out = vss_strf("%s/only%zu", dirs[i], i), *in = vss_strf("%s/only9", dirs[i]);
		assert_false(takes(&c, out, S_IFREG));
		assert_true(takes(&c, in, S_IFREG));
	}
	vss_choice_clear(&c);
}

static void
what_the_user_named_at_or_below_is_meant(void **state)
{
	struct vss_choice c = { 0 };
	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	vss_choice_add_path(&c, "/no/cache/mine", "/");
	vss_choice_add_path(&c, "/no/tmp/one-file", "/");
	spare(&c, "/no/cache", "*", true);
	spare(&c, "/no/tmp", "*", true);
	assert_true(takes(&c, "/no/cache/mine/deep/f", S_IFREG));
	assert_true(takes(&c, "/no/tmp/one-file", S_IFREG));
	assert_false(takes(&c, "/no/cache/yours/f", S_IFREG));
	assert_false(takes(&c, "/no/tmp/other-file", S_IFREG));
	vss_choice_clear(&c);
}

static void
an_exclude_below_what_was_named_holds(void **state)
{
	struct vss_choice c = { 0 };
	(void)state;
	vss_choice_add_path(&c, "/no/cache", "/");
	spare(&c, "/no/cache/deeper", "*", true);
	spare(&c, "/no/cache", "*", true);
	spare(&c, "/no/cache", "core.*", false);
	spare(&c, "/no", "*", true);
	assert_false(takes(&c, "/no/cache/deeper/f", S_IFREG));
	assert_false(takes(&c, "/no/cache/core.1", S_IFREG));
	assert_true(takes(&c, "/no/cache/f", S_IFREG));
	vss_choice_clear(&c);
}

static void
files_of_components_are_taken_all_the_same(void **state)
{
	struct vss_choice c = { 0 };
	char dir[] = "/no/cache/db", spec[] = "*", name[] = "main";
	struct vss_fileset set = { .path = dir, .spec = spec, .kind = VSS_FILES, .recursive = true, .mask = VSS_FSBT_DEFAULT };
	struct vss_component comp = { .name = name, .files = &set, .nfiles = 1 };
	(void)state;
	vss_choice_add_path(&c, "/no", "/");
	spare(&c, "/no/cache", "*", true);
	vss_choice_add_component(&c, &nobody, &comp, SIZE_MAX);
	assert_true(takes(&c, "/no/cache/db/f", S_IFREG));
	assert_false(takes(&c, "/no/cache/f", S_IFREG));
	vss_choice_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_left_out_and_directories_stay),
		cmocka_unit_test(one_that_is_not_recursive_ends_at_its_directory),
		cmocka_unit_test(the_directory_may_be_the_root),
		cmocka_unit_test(many_of_them_are_found_each_by_its_own_directory),
		cmocka_unit_test(what_the_user_named_at_or_below_is_meant),
		cmocka_unit_test(an_exclude_below_what_was_named_holds),
		cmocka_unit_test(files_of_components_are_taken_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
