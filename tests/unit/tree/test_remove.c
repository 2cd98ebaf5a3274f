/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/walk.h"

#include "lib/box.h"
#include "lib/stage.h"

#include <sys/mount.h>

static void
a_tree_goes_with_everything_in_it(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int tree = box_subdir(dir, "tree");
	VSS_AUTOCLOSE int sub = box_subdir(tree, "sub");
	box_write(sub, "f", "");
	box_mkdir(tree, "empty");
	assert_int_equal(mkfifoat(tree, "fifo", 0600), 0);
	assert_ok(vss_remove_tree(dir, "tree", &err), err);
	assert_false(box_has(dir, "tree"));
}

static void
what_is_absent_needs_no_removal(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_ok(vss_remove_tree(dir, "none", &err), err);
}

static void
links_go_and_what_they_point_to_stays(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int kept = box_subdir(dir, "kept");
	VSS_AUTOCLOSE int tree = box_subdir(dir, "tree");
	box_write(kept, "f", "");
	assert_int_equal(symlinkat("../kept", tree, "link"), 0);
	assert_int_equal(symlinkat("kept", dir, "link"), 0);
	assert_ok(vss_remove_tree(dir, "tree", &err), err);
	assert_ok(vss_remove_tree(dir, "link", &err), err);
	assert_false(box_has(dir, "link"));
	assert_true(box_has(dir, "kept/f"));
}

static void
a_single_file_goes(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "");
	assert_ok(vss_remove_tree(dir, "f", &err), err);
	assert_false(box_has(dir, "f"));
}

static void
another_file_system_is_not_emptied(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int tree = box_subdir(dir, "tree");
	box_mkdir(tree, "m");
	VSS_AUTOFREE char *path = box_path(state, "tree/m");
	assert_int_equal(mount("small", path, "tmpfs", 0, "size=1m"), 0);
	int inside = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	box_write(inside, "f", "");
	assert_int_equal(vss_remove_tree(dir, "tree", &err), -1);
	assert_non_null(strstr(err.text, "m: remove: "));
	assert_true(box_has(inside, "f"));
	close(inside);
	assert_int_equal(umount(path), 0);
}

static void
directories_of_our_own_are_opened_up(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	if (geteuid() == 0)
		assert_int_equal(fchown(dir, 65534, 65534) + seteuid(65534), 0);
	VSS_AUTOCLOSE int tree = box_subdir(dir, "tree");
	VSS_AUTOCLOSE int sub = box_subdir(tree, "sub");
	box_write(sub, "f", "");
	assert_int_equal(fchmod(sub, 0500) + fchmod(tree, 0), 0);
	int r = vss_remove_tree(dir, "tree", &err);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_ok(r, err);
	assert_false(box_has(dir, "tree"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_tree_goes_with_everything_in_it),
		BOX_TEST(what_is_absent_needs_no_removal),
		BOX_TEST(links_go_and_what_they_point_to_stays),
		BOX_TEST(a_single_file_goes),
		BOX_TEST(another_file_system_is_not_emptied),
		BOX_TEST(directories_of_our_own_are_opened_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
