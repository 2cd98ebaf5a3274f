/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/compare.h"

#include "base/buf.h"
#include "lib/box.h"
#include "tree/acl.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* Two trees that are equal, each test then makes one difference in b. */
struct trees {
	int a, b;
	struct vss_buf found;
};

static const struct timespec then[2] = { { 1000000000, 1 }, { 1000000000, 123456789 } };

static void
touch(int dir, const char *name)
{
	assert_int_equal(utimensat(dir, name, then, AT_SYMLINK_NOFOLLOW), 0);
}

/* dir/ dir/file dir/other dir/second(=file) link fifo */
static void
plant(int root)
{
	int dir = box_subdir(root, "dir");
	box_write(dir, "file", "content");
	box_write(dir, "other", "");
	assert_int_equal(linkat(dir, "file", dir, "second", 0), 0);
	assert_int_equal(symlinkat("target", root, "link"), 0);
	assert_int_equal(mkfifoat(root, "fifo", 0600), 0);
	int fd = openat(dir, "file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "user.name", "value", 5, 0), 0);
	close(fd);
	touch(root, "link");
	touch(root, "fifo");
	touch(dir, "file");
	touch(dir, "other");
	touch(dir, ".");
	touch(root, ".");
	close(dir);
}

static int
note(void *ctx, const char *path, enum vss_difference how, struct vss_err *err)
{
	struct trees *t = ctx;
	(void)err;
	vss_buf_fmt(&t->found, "%s: %s; ", path, vss_difference_name(how));
	return 0;
}

static struct trees
make_trees(void **state)
{
	struct trees t = { -1, -1, VSS_BUF_INIT };
	VSS_AUTOCLOSE int dir = box_open(state);
	t.a = box_subdir(dir, "a");
	t.b = box_subdir(dir, "b");
	plant(t.a);
	plant(t.b);
	return t;
}

/* Put the times back that making the difference has changed, compare, expect. */
static void
expect(struct trees *t, unsigned what, const char *differences)
{
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_compare_options o = { what, note, t };
	vss_buf_reset(&t->found);
	vss_buf_str(&t->found, "");
	assert_ok(vss_compare_trees(t->a, t->b, &o, &err), err);
	assert_string_equal(t->found.data, differences);
}

static void
drop_trees(struct trees *t)
{
	close(t->a);
	close(t->b);
	vss_buf_free(&t->found);
}

static void
equal_trees_have_no_difference(void **state)
{
	struct trees t = make_trees(state);
	expect(&t, 0, "");
	drop_trees(&t);
}

static void
what_is_only_in_one_is_named_once(void **state)
{
	struct trees t = make_trees(state);
	int extra = box_subdir(t.b, "extra");
	box_write(extra, "f", "");
	close(extra);
	touch(t.b, ".");
	expect(&t, 0, "extra: only in the second; ");
	int a = t.a;
	t.a = t.b;
	t.b = a;
	expect(&t, 0, "extra: only in the first; ");
	drop_trees(&t);
}

static void
another_type_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	assert_int_equal(unlinkat(t.b, "fifo", 0), 0);
	box_write(t.b, "fifo", "");
	touch(t.b, "fifo");
	touch(t.b, ".");
	expect(&t, 0, "fifo: type; ");
	drop_trees(&t);
}

static void
one_byte_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	box_write(t.b, "dir/file", "cOntent");
	touch(t.b, "dir/file");
	expect(&t, 0, "dir/file: content; dir/second: content; ");
	expect(&t, VSS_DIFFER_ALL & ~(unsigned)VSS_DIFFER_CONTENT, "");
	box_write(t.b, "dir/file", "content and more");
	touch(t.b, "dir/file");
	expect(&t, VSS_DIFFER_CONTENT, "dir/file: content; dir/second: content; ");
	drop_trees(&t);
}

static void
mode_bits_are_noticed(void **state)
{
	struct trees t = make_trees(state);
	assert_int_equal(fchmodat(t.b, "dir/other", 0600, 0), 0);
	expect(&t, 0, "dir/other: mode; ");
	assert_int_equal(fchmodat(t.b, "dir/other", 0644, 0), 0);
	assert_int_equal(fchmodat(t.b, "dir", 01755, 0), 0);
	expect(&t, 0, "dir: mode; ");
	drop_trees(&t);
}

static void
owner_and_group_are_noticed(void **state)
{
	BOX_NEEDS_ROOT();
	struct trees t = make_trees(state);
	assert_int_equal(fchownat(t.b, "link", 1, 0, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(fchownat(t.b, "fifo", 0, 1, 0), 0);
	expect(&t, 0, "fifo: owner; link: owner; ");
	drop_trees(&t);
}

static void
a_nanosecond_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	const struct timespec later[2] = { { 1000000000, 1 }, { 1000000000, 123456790 } };
	assert_int_equal(utimensat(t.b, "link", later, AT_SYMLINK_NOFOLLOW), 0);
	expect(&t, 0, "link: modification time; ");
	touch(t.b, "link");
	assert_int_equal(utimensat(t.b, ".", later, 0), 0);
	expect(&t, 0, ": modification time; ");
	touch(t.b, ".");
	const struct timespec second[2] = { { 1000000000, 1 }, { 1000000001, 123456789 } };
	assert_int_equal(utimensat(t.b, "dir/other", second, 0), 0);
	expect(&t, 0, "dir/other: modification time; ");
	drop_trees(&t);
}

static void
extended_attributes_are_noticed(void **state)
{
	struct trees t = make_trees(state);
	VSS_AUTOCLOSE int fd = openat(t.b, "dir/file", O_RDWR | O_CLOEXEC);
	const char *both = "dir/file: extended attributes; dir/second: extended attributes; ";
	assert_int_equal(fsetxattr(fd, "user.name", "Value", 5, 0), 0);
	expect(&t, 0, both);
	assert_int_equal(fsetxattr(fd, "user.name", "value", 5, 0), 0);
	assert_int_equal(fsetxattr(fd, "user.more", "", 0, 0), 0);
	expect(&t, 0, both);
	assert_int_equal(fremovexattr(fd, "user.name"), 0);
	expect(&t, 0, both);
	assert_int_equal(fremovexattr(fd, "user.more"), 0);
	expect(&t, 0, both);
	drop_trees(&t);
}

static void
an_acl_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	VSS_AUTOCLOSE int fd = openat(t.b, "dir/other", O_RDWR | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "system.posix_acl_access", acl_with_a_user, sizeof acl_with_a_user, 0), 0);
	expect(&t, 0, "dir/other: mode; dir/other: extended attributes; ");
	drop_trees(&t);
}

static void
a_hard_link_that_became_a_copy_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	assert_int_equal(unlinkat(t.b, "dir/second", 0), 0);
	box_write(t.b, "dir/second", "content");
	VSS_AUTOCLOSE int fd = openat(t.b, "dir/second", O_RDWR | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "user.name", "value", 5, 0), 0);
	touch(t.b, "dir/second");
	touch(t.b, "dir");
	expect(&t, 0, "dir/second: hard links; ");
	int a = t.a;
	t.a = t.b;
	t.b = a;
	expect(&t, 0, "dir/second: hard links; ");
	drop_trees(&t);
}

static void
a_hard_link_to_another_file_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	for (int i = 0; i < 2; i++) {
		int root = i ? t.b : t.a;
		box_write(root, "x", "");
		box_write(root, "y", "");
		assert_int_equal(linkat(root, i ? "y" : "x", root, "z", 0), 0);
		touch(root, "x");
		touch(root, "y");
		touch(root, "z");
		touch(root, ".");
	}
	expect(&t, 0, "z: hard links; ");
	drop_trees(&t);
}

static void
device_numbers_are_noticed(void **state)
{
	BOX_NEEDS_ROOT();
	struct trees t = make_trees(state);
	assert_int_equal(mknodat(t.a, "dev", S_IFCHR | 0600, makedev(1, 3)), 0);
	assert_int_equal(mknodat(t.b, "dev", S_IFCHR | 0600, makedev(1, 5)), 0);
	touch(t.a, "dev");
	touch(t.b, "dev");
	touch(t.a, ".");
	touch(t.b, ".");
	expect(&t, 0, "dev: device number; ");
	drop_trees(&t);
}

static void
the_target_of_a_link_is_noticed(void **state)
{
	struct trees t = make_trees(state);
	assert_int_equal(unlinkat(t.b, "link", 0), 0);
	assert_int_equal(symlinkat("tarpit", t.b, "link"), 0);
	touch(t.b, "link");
	touch(t.b, ".");
	expect(&t, 0, "link: link target; ");
	drop_trees(&t);
}

static int
stop(void *ctx, const char *path, enum vss_difference how, struct vss_err *err)
{
	(void)ctx;
	(void)how;
	return vss_fail(err, VSS_CORRUPT, 0, "%s differs", path);
}

static void
the_caller_may_stop_at_the_first(void **state)
{
	struct trees t = make_trees(state);
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_compare_options o = { 0, stop, NULL };
	assert_int_equal(unlinkat(t.b, "link", 0), 0);
	assert_int_equal(vss_compare_trees(t.a, t.b, &o, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
	drop_trees(&t);
}

int
main(void)
{
	umask(022);
	const struct CMUnitTest tests[] = {
		BOX_TEST(equal_trees_have_no_difference),
		BOX_TEST(what_is_only_in_one_is_named_once),
		BOX_TEST(another_type_is_noticed),
		BOX_TEST(one_byte_is_noticed),
		BOX_TEST(mode_bits_are_noticed),
		BOX_TEST(owner_and_group_are_noticed),
		BOX_TEST(a_nanosecond_is_noticed),
		BOX_TEST(extended_attributes_are_noticed),
		BOX_TEST(an_acl_is_noticed),
		BOX_TEST(a_hard_link_that_became_a_copy_is_noticed),
		BOX_TEST(a_hard_link_to_another_file_is_noticed),
		BOX_TEST(device_numbers_are_noticed),
		BOX_TEST(the_target_of_a_link_is_noticed),
		BOX_TEST(the_caller_may_stop_at_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
