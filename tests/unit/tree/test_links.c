/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/links.h"

#include "lib/box.h"

#define MANY 300000u /* more than are kept in memory, and their paths more than a MiB */

static void
path_of(char out[32], unsigned i)
{
	snprintf(out, 32, "dir-%u/file-%u", i % 1000, i);
}

static void
a_file_is_known_by_device_and_inode(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_links *l = vss_links_new(-1);
	char *path = NULL;

	(void)state;
	assert_int_equal(vss_links_has(l, 1, 2, &err), 0);
	assert_ok(vss_links_add(l, 1, 2, "first", &err), err);
	assert_ok(vss_links_add(l, 1, 2, "second", &err), err); /* changes nothing */
	assert_ok(vss_links_add(l, 2, 1, NULL, &err), err);
	assert_int_equal(vss_links_has(l, 1, 2, &err), 1);
	assert_int_equal(vss_links_has(l, 2, 1, &err), 1);
	assert_int_equal(vss_links_has(l, 2, 2, &err), 0);
	assert_int_equal(vss_links_path(l, 1, 2, &path, &err), 1);
	assert_string_equal(path, "first");
	free(path);
	assert_int_equal(vss_links_path(l, 3, 3, &path, &err), 0);
	vss_links_free(l);
	vss_links_free(NULL);
}

static void
many_files_are_found_again_whether_they_lie_in_memory_or_not(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	struct vss_links *l = vss_links_new(box);
	char path[32], *found;

	for (unsigned i = 1; i <= MANY; i++) {
		path_of(path, i);
		assert_ok(vss_links_add(l, 7, i, path, &err), err);
	}
	for (unsigned i = 1; i <= MANY; i++) {
		path_of(path, i);
		assert_int_equal(vss_links_path(l, 7, i, &found, &err), 1);
		assert_string_equal(found, path);
		free(found);
	}
	assert_int_equal(vss_links_has(l, 7, MANY + 1, &err), 0);
	assert_int_equal(vss_links_has(l, 8, 1, &err), 0);
	vss_links_free(l);
	assert_int_equal(unlinkat(AT_FDCWD, *state, AT_REMOVEDIR), 0); /* nothing is left in it */
	assert_int_equal(mkdir(*state, 0700), 0);
}

static void
a_disk_that_is_full_is_told(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	BOX_NEEDS_ROOT();
	if (mount("small", *state, "tmpfs", 0, "size=64k") != 0)
		skip();
	VSS_AUTOCLOSE int box = box_open(state);
	struct vss_links *l = vss_links_new(box);
	int rc = 0;
	for (unsigned i = 1; i <= MANY && rc == 0; i++)
		rc = vss_links_add(l, 7, i, NULL, &err);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, VSS_NOSPACE);
	assert_int_equal(vss_links_has(l, 7, 1, &err), 1); /* what is known stays known */
	vss_links_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_known_by_device_and_inode),
		BOX_TEST(many_files_are_found_again_whether_they_lie_in_memory_or_not),
		BOX_TEST(a_disk_that_is_full_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
