/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/history_internal.h"

#include "lib/box.h"

static void
append(const char *path, const char *line)
{
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;

	vss_strv_add(&lines, line);
	if (vss_history_append(path, &lines, &err) < 0)
		fail_msg("%s", err.text);
}

static size_t
count(const char *path, struct vss_strv *out)
{
	struct vss_err err = VSS_ERR_INIT;

	if (vss_history_read(path, out, &err) < 0)
		fail_msg("%s", err.text);
	return out->n;
}

static void
put(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

static void
lines_of_two_shells_are_both_kept(void **state)
{
	VSS_AUTOFREE char *path = vss_path_join(*state, "history");
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;
	struct stat st;

	append(path, "one");
	append(path, "two");
	append(path, "two");
	append(path, "one");
	assert_int_equal(count(path, &lines), 3);
	assert_string_equal(lines.v[0], "one");
	assert_string_equal(lines.v[1], "two");
	assert_string_equal(lines.v[2], "one");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
only_the_last_lines_are_kept(void **state)
{
	VSS_AUTOFREE char *path = vss_path_join(*state, "history");
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT, kept = VSS_STRV_INIT;

	for (int i = 0; i < 2 * VSS_HISTORY_LINES; i++)
		vss_buf_fmt(&text, "line %d\n\n", i);
	put(path, text.data, text.len);
	assert_int_equal(count(path, &lines), VSS_HISTORY_LINES);
	append(path, "last");
	assert_int_equal(count(path, &kept), VSS_HISTORY_LINES);
	assert_string_equal(kept.v[0], lines.v[1]);
	assert_string_equal(kept.v[VSS_HISTORY_LINES - 1], "last");
}

static void
a_directory_that_is_gone_is_no_failure(void **state)
{
	VSS_AUTOFREE char *path = vss_path_join(*state, "gone/history");
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;

	append(path, "one");
	assert_int_equal(count(path, &lines), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void
what_is_no_text_is_told_and_replaced(void **state)
{
	VSS_AUTOFREE char *path = vss_path_join(*state, "history");
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;

	put(path, "a\nb\0c\n", 6);
	assert_int_equal(vss_history_read(path, &lines, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_int_equal(lines.n, 0);
	append(path, "one");
	assert_int_equal(count(path, &lines), 1);
}

static void
what_is_no_file_is_left_alone(void **state)
{
	VSS_AUTOFREE char *link = vss_path_join(*state, "link"), *target = vss_path_join(*state, "target");
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;

	vss_strv_add(&lines, "one");
	put(target, "kept\n", 5);
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(vss_history_append(link, &lines, &err), -1);
	assert_int_equal(vss_history_append(*state, &lines, &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	VSS_AUTOSTRV struct vss_strv kept = VSS_STRV_INIT;
	assert_int_equal(count(target, &kept), 1);
	assert_string_equal(kept.v[0], "kept");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(lines_of_two_shells_are_both_kept),
		BOX_TEST(only_the_last_lines_are_kept),
		BOX_TEST(a_directory_that_is_gone_is_no_failure),
		BOX_TEST(what_is_no_text_is_told_and_replaced),
		BOX_TEST(what_is_no_file_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
