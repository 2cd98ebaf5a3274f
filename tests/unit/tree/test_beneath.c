/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/beneath.h"

#include "base/buf.h"
#include "lib/box.h"

#include <errno.h>

static void
a_path_below_is_opened(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	box_write(sub, "f", "hello");
	VSS_AUTOCLOSE int fd = vss_open_beneath(dir, "sub/f", O_RDONLY, 0, &err);
	assert_ok(fd, err);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	VSS_AUTOCLOSE int itself = vss_open_beneath(dir, "", O_RDONLY | O_DIRECTORY, 0, &err);
	VSS_AUTOCLOSE int dot = vss_open_beneath(dir, ".", O_RDONLY | O_DIRECTORY, 0, &err);
	assert_true(itself >= 0 && dot >= 0);
}

static void
the_mode_counts_when_a_file_is_made(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	umask(0);
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = vss_open_beneath(dir, "f", O_WRONLY | O_CREAT | O_EXCL, 0640, &err);
	assert_ok(fd, err);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(vss_open_beneath(dir, "f", O_WRONLY | O_CREAT | O_EXCL, 0640, &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
}

static void
paths_that_are_not_plain_are_refused(void **state)
{
	static const char *const bad[] = { "/etc/passwd", "..", "../x", "sub/..", "sub/../f", "./f", "sub//f", "sub/",
		"sub/.", "//" };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	box_write(sub, "f", "");
	box_write(dir, "f", "");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct vss_err err = VSS_ERR_INIT;
		const char *base;
		assert_int_equal(vss_open_beneath(dir, bad[i], O_RDONLY, 0, &err), -1);
		assert_int_equal(err.code, VSS_DENIED);
		assert_int_equal(vss_open_parent(dir, bad[i], true, &base, &err), -1);
	}
}

static void
no_link_is_followed_anywhere(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	box_write(sub, "f", "");
	assert_int_equal(symlinkat("sub", dir, "inside"), 0);
	assert_int_equal(symlinkat("/etc", dir, "outside"), 0);
	assert_int_equal(symlinkat("sub/f", dir, "last"), 0);
	assert_int_equal(symlinkat("/proc/self/root/etc", dir, "magic"), 0);
	static const char *const bad[] = { "inside/f", "outside/passwd", "last", "magic/passwd", "magic" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct vss_err err = VSS_ERR_INIT;
		const char *base;
		assert_int_equal(vss_open_beneath(dir, bad[i], O_RDONLY, 0, &err), -1);
		assert_int_equal(err.code, VSS_DENIED);
		if (strchr(bad[i], '/'))
			assert_int_equal(vss_open_parent(dir, bad[i], true, &base, &err), -1);
	}
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int link = vss_open_beneath(dir, "last", O_PATH | O_NOFOLLOW, 0, &err);
	assert_ok(link, err);
}

static void
what_is_absent_is_told_as_absent(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	const char *base;
	assert_int_equal(vss_open_beneath(dir, "none/f", O_RDONLY, 0, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	assert_int_equal(vss_open_parent(dir, "none/f", false, &base, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	assert_false(box_has(dir, "none"));
}

static void
missing_parents_are_made_as_the_umask_has_it(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	const char *base;
	VSS_AUTOCLOSE int dir = box_open(state);
	mode_t mask = umask(027);
	VSS_AUTOCLOSE int parent = vss_open_parent(dir, "a/b/c", true, &base, &err);
	umask(mask);
	assert_ok(parent, err);
	assert_string_equal(base, "c");
	assert_int_equal(mkdirat(parent, base, 0700), 0);
	assert_true(box_has(dir, "a/b/c"));
	assert_int_equal(fstatat(dir, "a/b", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	VSS_AUTOCLOSE int top = vss_open_parent(dir, "name", false, &base, &err);
	assert_ok(top, err);
	assert_string_equal(base, "name");
}

static void
a_path_longer_than_one_call_takes_is_walked_in_pieces(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf path = VSS_BUF_INIT;
	const char *base;
	char element[251];
	memset(element, 'e', 250);
	element[250] = '\0';
	for (int i = 0; i < 60; i++)
		vss_buf_fmt(&path, "%s/", element);
	vss_buf_str(&path, "f");
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int parent = vss_open_parent(dir, path.data, true, &base, &err);
	assert_ok(parent, err);
	box_write(parent, base, "deep");
	VSS_AUTOCLOSE int fd = vss_open_beneath(dir, path.data, O_RDONLY, 0, &err);
	assert_ok(fd, err);
	char text[5] = "";
	assert_int_equal(read(fd, text, 4), 4);
	assert_string_equal(text, "deep");

	/* Also there no link is followed: half-way down, the same directory through a link. */
	VSS_AUTOFREE char *half = vss_strndup(path.data, 40 * 251 - 1);
	VSS_AUTOCLOSE int middle = vss_open_beneath(dir, half, O_RDONLY | O_DIRECTORY, 0, &err);
	assert_ok(middle, err);
	char link[251];
	memset(link, 'l', 250);
	link[250] = '\0';
	assert_int_equal(symlinkat(element, middle, link), 0);
	memset(path.data + 40 * 251, 'l', 250);
	assert_int_equal(vss_open_beneath(dir, path.data, O_RDONLY, 0, &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
}

static void
an_element_that_is_too_long_is_an_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	char path[9001];
	memset(path, 'x', 9000);
	path[9000] = '\0';
	assert_int_equal(vss_open_beneath(dir, path, O_RDONLY, 0, &err), -1);
	assert_int_equal(err.sys, ENAMETOOLONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_path_below_is_opened),
		BOX_TEST(the_mode_counts_when_a_file_is_made),
		BOX_TEST(paths_that_are_not_plain_are_refused),
		BOX_TEST(no_link_is_followed_anywhere),
		BOX_TEST(what_is_absent_is_told_as_absent),
		BOX_TEST(missing_parents_are_made_as_the_umask_has_it),
		BOX_TEST(a_path_longer_than_one_call_takes_is_walked_in_pieces),
		BOX_TEST(an_element_that_is_too_long_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
