/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/aside.h"

#include "lib/box.h"
#include "lib/stage.h"

#include <dirent.h>
#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

/* Entries of the directory. */
static int
count(int dirfd)
{
	int n = 0;
	DIR *d = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	assert_non_null(d);
	for (const struct dirent *e; (e = readdir(d));)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

static void
everything_goes_into_a_new_directory_below(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	struct stat st;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	box_write(sub, "f", "deep");
	box_write(dir, ".hidden", "h");
	assert_int_equal(symlinkat("nowhere", dir, "link"), 0);
	assert_ok(vss_tree_set_aside(*state, &where, &err), err);
	assert_int_equal(count(dir), 1);
	VSS_AUTOCLOSE int aside = open(where.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_string_equal(box_read(aside, "sub/f"), "deep");
	assert_string_equal(box_read(aside, ".hidden"), "h");
	assert_true(box_has(aside, "link"));
	assert_int_equal(fstat(aside, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(strlen(vss_path_base(where.data)), strlen("before-restore.20260131T120000Z"));
	assert_true(vss_path_is_below(where.data, *state));
}

static void
the_new_directory_has_the_owner_of_the_old(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	struct stat st;
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(fchown(dir, 65534, 1234), 0);
	box_write(dir, "f", "");
	assert_ok(vss_tree_set_aside(*state, &where, &err), err);
	assert_int_equal(stat(where.data, &st), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 1234);
}

static void
nothing_is_done_without_content(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	VSS_AUTOFREE char *none = box_path(state, "none");
	assert_ok(vss_tree_set_aside(none, &where, &err), err);
	assert_ok(vss_tree_set_aside(*state, &where, &err), err);
	assert_int_equal(where.len, 0);
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(count(dir), 0);
}

static void
what_an_earlier_restore_set_aside_stays_and_is_no_content(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "1");
	box_mkdir(dir, "lost+found");
	assert_ok(vss_tree_set_aside(*state, &first, &err), err);
	assert_ok(vss_tree_set_aside(*state, &second, &err), err);
	assert_int_equal(second.len, 0);
	/* Most likely within the same second: the names must differ all the same. */
	box_write(dir, "f", "2");
	assert_ok(vss_tree_set_aside(*state, &second, &err), err);
	assert_string_not_equal(first.data, second.data);
	assert_int_equal(count(dir), 3);
	VSS_AUTOCLOSE int one = open(first.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int two = open(second.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_string_equal(box_read(one, "f"), "1");
	assert_string_equal(box_read(two, "f"), "2");
	vss_buf_free(&first);
	vss_buf_free(&second);
}

static void
a_link_is_refused_also_with_a_slash_behind_it(void **state)
{
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	box_write(sub, "f", "");
	assert_int_equal(symlinkat("sub", dir, "link"), 0);
	for (int i = 0; i < 2; i++) {
		struct vss_err err = VSS_ERR_INIT;
		VSS_AUTOFREE char *path = box_path(state, i ? "link/" : "link");
		assert_int_equal(vss_tree_set_aside(path, &where, &err), -1);
		assert_int_equal(err.code, VSS_DENIED);
	}
	assert_int_equal(where.len, 0);
	assert_true(box_has(sub, "f"));
}

static void
a_file_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "f");
	box_write(dir, "f", "");
	assert_int_equal(vss_tree_set_aside(path, &where, &err), -1);
	assert_int_equal(err.sys, ENOTDIR);
}

static void
a_mount_inside_is_refused_before_anything_moves(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	VSS_AUTOCLOSE int deep = box_subdir(sub, "deep");
	VSS_AUTOFREE char *target = box_path(state, "sub/deep");
	box_write(dir, "a", "");
	assert_int_equal(mount("none", target, "tmpfs", 0, NULL), 0);
	assert_int_equal(vss_tree_set_aside(*state, &where, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	assert_non_null(strstr(err.text, "sub/deep is mounted"));
	assert_int_equal(count(dir), 2);
	assert_int_equal(umount(target), 0);
	assert_ok(vss_tree_set_aside(*state, &where, &err), err);
}

static void
a_directory_that_is_itself_mounted_is_emptied(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	assert_int_equal(mount("none", *state, "tmpfs", 0, NULL), 0);
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "x");
	assert_ok(vss_tree_set_aside(*state, &where, &err), err);
	assert_int_equal(count(dir), 1);
	close(vss_take_fd(&dir));
	assert_int_equal(umount(*state), 0);
}

static void
what_cannot_all_be_moved_is_put_back(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	VSS_AUTOFREE char *top = box_path(state, "top");
	VSS_AUTOFREE char *data = box_path(state, "top/data");
	int flags = FS_IMMUTABLE_FL, none = 0;
	assert_int_equal(mkdir(data, 0700), 0);
	VSS_AUTOCLOSE int dir = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	box_write(dir, "a", "first");
	box_write(dir, "b", "held");
	box_write(dir, "c", "last");
	VSS_AUTOCLOSE int held = openat(dir, "b", O_RDONLY | O_CLOEXEC);
	assert_int_equal(ioctl(held, FS_IOC_SETFLAGS, &flags), 0);
	int result = vss_tree_set_aside(data, &where, &err);
	assert_int_equal(ioctl(held, FS_IOC_SETFLAGS, &none), 0);
	assert_int_equal(result, -1);
	assert_non_null(strstr(err.text, "move b aside"));
	assert_int_equal(where.len, 0);
	assert_int_equal(count(dir), 3);
	assert_string_equal(box_read(dir, "a"), "first");
	close(vss_take_fd(&held));
	close(vss_take_fd(&dir));
	assert_int_equal(umount(top), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(everything_goes_into_a_new_directory_below),
		BOX_TEST(the_new_directory_has_the_owner_of_the_old),
		BOX_TEST(nothing_is_done_without_content),
		BOX_TEST(what_an_earlier_restore_set_aside_stays_and_is_no_content),
		BOX_TEST(a_link_is_refused_also_with_a_slash_behind_it),
		BOX_TEST(a_file_is_refused),
		BOX_TEST(a_mount_inside_is_refused_before_anything_moves),
		BOX_TEST(a_directory_that_is_itself_mounted_is_emptied),
		BOX_TEST(what_cannot_all_be_moved_is_put_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
