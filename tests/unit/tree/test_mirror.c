/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/mirror.h"

#include "lib/box.h"
#include "tree/compare.h"

#include <stdio.h>
#include <sys/xattr.h>

/* A source, and a destination that each test makes different from it. */
struct trees {
	int src, dst;
	unsigned differences;
};

static const struct timespec then[2] = { { 1000000000, 1 }, { 1000000000, 123456789 } };

static void
plant(int root)
{
	int dir = box_subdir(root, "dir");

	box_write(dir, "file", "content");
	assert_int_equal(linkat(dir, "file", root, "second", 0), 0);
	box_write(root, "same", "same");
	assert_int_equal(symlinkat("target", root, "link"), 0);
	assert_int_equal(utimensat(dir, "file", then, 0), 0);
	assert_int_equal(utimensat(root, "dir", then, 0), 0);
	close(dir);
}

static int
count(void *ctx, const char *path, enum vss_difference how, struct vss_err *err)
{
	struct trees *t = ctx;

	(void)path;
	(void)how;
	(void)err;
	t->differences++;
	return 0;
}

static struct trees
make(void **state)
{
	int root = box_open(state);
	struct trees t = { .src = box_subdir(root, "src"), .dst = box_subdir(root, "dst") };

	plant(t.src);
	close(root);
	return t;
}

static struct vss_mirror_report
mirror(struct trees *t)
{
	struct vss_compare_options o = { .differ = count, .ctx = t };
	struct vss_mirror_report report;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(vss_mirror_tree(t->src, t->dst, NULL, &report, &err), 0);
	t->differences = 0;
	assert_int_equal(vss_compare_trees(t->src, t->dst, &o, &err), 0);
	assert_int_equal(t->differences, 0);
	return report;
}

static void
drop(struct trees *t)
{
	close(t->src);
	close(t->dst);
}

static void
an_empty_tree_becomes_the_same(void **state)
{
	struct trees t = make(state);

	assert_int_equal(mirror(&t).removed, 0);
	drop(&t);
}

static void
what_is_the_same_is_kept_and_not_put(void **state)
{
	struct trees t = make(state);
	struct stat before, after;

	mirror(&t);
	assert_int_equal(fstatat(t.dst, "same", &before, 0), 0);
	assert_int_equal(mirror(&t).kept, 1);
	assert_int_equal(fstatat(t.dst, "same", &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	drop(&t);
}

static void
content_of_the_same_size_and_time_is_compared(void **state)
{
	struct trees t = make(state);
	struct stat st;

	mirror(&t);
	assert_int_equal(fstatat(t.dst, "same", &st, 0), 0);
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	box_write(t.dst, "same", "else");
	assert_int_equal(utimensat(t.dst, "same", times, 0), 0);
	mirror(&t);
	drop(&t);
}

static void
files_and_directories_change_into_each_other(void **state)
{
	struct trees t = make(state);

	mirror(&t);
	assert_int_equal(unlinkat(t.dst, "same", 0), 0);
	int dir = box_subdir(t.dst, "same");
	box_write(dir, "below", "x");
	close(box_subdir(dir, "deep"));
	close(dir);
	assert_int_equal(unlinkat(t.dst, "second", 0), 0);
	assert_int_equal(unlinkat(t.dst, "dir/file", 0), 0);
	assert_int_equal(unlinkat(t.dst, "dir", AT_REMOVEDIR), 0);
	box_write(t.dst, "dir", "a file");
	assert_int_equal(mirror(&t).removed, 4);
	drop(&t);
}

static void
a_link_to_a_directory_is_not_followed(void **state)
{
	struct trees t = make(state);
	int root = box_open(state);
	struct stat st;

	mirror(&t);
	int outside = box_subdir(root, "outside");
	box_write(outside, "file", "of somebody");
	assert_int_equal(unlinkat(t.dst, "dir/file", 0), 0);
	assert_int_equal(unlinkat(t.dst, "dir", AT_REMOVEDIR), 0);
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", outside);
	assert_int_equal(symlinkat(path, t.dst, "dir"), 0);
	mirror(&t);
	assert_int_equal(fstatat(outside, "file", &st, 0), 0);
	assert_int_equal(st.st_size, 11);
	close(outside);
	close(root);
	drop(&t);
}

static void
names_of_one_file_that_are_two_become_one_again(void **state)
{
	struct trees t = make(state);

	mirror(&t);
	assert_int_equal(unlinkat(t.dst, "second", 0), 0);
	box_write(t.dst, "second", "content");
	assert_int_equal(linkat(t.dst, "same", t.dst, "dir/more", 0), 0);
	mirror(&t);
	drop(&t);
}

static void
what_is_spared_is_neither_removed_nor_put(void **state)
{
	struct trees t = make(state);
	struct vss_mirror_report report;
	struct vss_err err = VSS_ERR_INIT;

	box_mkdir(t.src, "dir/state");
	box_write(t.src, "dir/state/both", "old");
	box_write(t.src, "dir/state/gone", "old");
	box_mkdir(t.dst, "dir");
	box_mkdir(t.dst, "dir/state");
	box_write(t.dst, "dir/state/both", "new");
	box_write(t.dst, "dir/state/later", "new");
	assert_int_equal(vss_mirror_tree(t.src, t.dst, "dir/state", &report, &err), 0);
	assert_string_equal(box_read(t.dst, "dir/file"), "content");
	assert_string_equal(box_read(t.dst, "dir/state/both"), "new");
	assert_string_equal(box_read(t.dst, "dir/state/later"), "new");
	assert_int_equal(faccessat(t.dst, "dir/state/gone", F_OK, 0), -1);
	drop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_tree_becomes_the_same, box_make, box_drop),
		cmocka_unit_test_setup_teardown(what_is_the_same_is_kept_and_not_put, box_make, box_drop),
		cmocka_unit_test_setup_teardown(content_of_the_same_size_and_time_is_compared, box_make, box_drop),
		cmocka_unit_test_setup_teardown(files_and_directories_change_into_each_other, box_make, box_drop),
		cmocka_unit_test_setup_teardown(a_link_to_a_directory_is_not_followed, box_make, box_drop),
		cmocka_unit_test_setup_teardown(names_of_one_file_that_are_two_become_one_again, box_make, box_drop),
		cmocka_unit_test_setup_teardown(what_is_spared_is_neither_removed_nor_put, box_make, box_drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
