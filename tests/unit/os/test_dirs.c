/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/dirs.h"

#include "lib/box.h"

static void
places_are_moved_by_the_environment(void **state)
{
	setenv("VSS_RUN_DIR", *state, 1);
	setenv("VSS_STATE_DIR", "/a//b/../c/", 1);
	assert_string_equal(vss_run_dir(), *state);
	assert_string_equal(vss_state_dir(), "/a/c");
	unsetenv("VSS_RUN_DIR");
	setenv("VSS_STATE_DIR", "", 1);
	assert_string_equal(vss_run_dir(), "/run/vss");
	assert_string_equal(vss_state_dir(), "/var/lib/vss");
	unsetenv("VSS_STATE_DIR");
}

static void
a_place_stays_valid_after_the_variable_changed(void **state)
{
	(void)state;
	setenv("VSS_RUN_DIR", "/one", 1);
	const char *one = vss_run_dir();
	setenv("VSS_RUN_DIR", "/two", 1);
	assert_string_equal(vss_run_dir(), "/two");
	assert_string_equal(one, "/one");
	unsetenv("VSS_RUN_DIR");
}

static void
a_relative_place_is_taken_from_the_working_directory(void **state)
{
	(void)state;
	char *cwd = getcwd(NULL, 0);
	VSS_AUTOFREE char *expected = vss_path_join(cwd, "here");
	setenv("VSS_RUN_DIR", "here", 1);
	assert_string_equal(vss_run_dir(), expected);
	unsetenv("VSS_RUN_DIR");
	free(cwd);
}

static void
search_paths_are_split_at_colons(void **state)
{
	(void)state;
	VSS_AUTOSTRV struct vss_strv given = VSS_STRV_INIT, usual = VSS_STRV_INIT;
	setenv("VSS_WRITERS_PATH", "/a::/b", 1);
	vss_writers_path(&given);
	assert_int_equal(given.n, 2);
	assert_string_equal(given.v[0], "/a");
	assert_string_equal(given.v[1], "/b");
	unsetenv("VSS_WRITERS_PATH");
	vss_writers_path(&usual);
	assert_string_equal(usual.v[0], "/etc/vss/writers.d");
	assert_true(vss_strv_has(&usual, "/usr/lib/vss/writers.d"));
}

static void
missing_parents_are_made_private(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	VSS_AUTOFREE char *deep = box_path(state, "a/b/c");
	VSS_AUTOFREE char *middle = box_path(state, "a/b");
	umask(0);
	assert_ok(vss_make_dirs(deep, &err), err);
	assert_ok(vss_make_dirs(deep, &err), err);
	assert_int_equal(stat(middle, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
a_file_in_the_way_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "file");
	box_write(fd, "file", "");
	assert_int_equal(vss_make_dirs(path, &err), -1);
	assert_non_null(strstr(err.text, "Not a directory"));
}

static void
a_directory_of_another_user_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *path = box_path(state, "theirs");
	BOX_NEEDS_ROOT();
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(vss_make_dirs(path, &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
}

static void
a_path_below_a_place_gets_its_directory(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int fd = box_open(state);
	setenv("VSS_STATE_DIR", *state, 1);
	VSS_AUTOFREE char *expected = box_path(state, "writers/x");
	VSS_AUTOFREE char *path = vss_state_path("writers", "x", &err);
	assert_string_equal(path, expected);
	assert_true(box_has(fd, "writers"));
	unsetenv("VSS_STATE_DIR");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(places_are_moved_by_the_environment),
		cmocka_unit_test(a_place_stays_valid_after_the_variable_changed),
		cmocka_unit_test(a_relative_place_is_taken_from_the_working_directory),
		cmocka_unit_test(search_paths_are_split_at_colons),
		BOX_TEST(missing_parents_are_made_private),
		BOX_TEST(a_file_in_the_way_is_refused),
		BOX_TEST(a_directory_of_another_user_is_refused),
		BOX_TEST(a_path_below_a_place_gets_its_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
