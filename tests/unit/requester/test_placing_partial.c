/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chains.h"

/* An archive that stands alone and has two ranges of a file of ten bytes, restored over what the test puts into the box. */
static const struct vss_member_extent ranges[] = { { 2, 3 }, { 8, 2 } };

static int
restore_over(void **state, const char *there, enum vss_existing existing, struct vss_err *err)
{
	static const struct chained_as alone = { 1, VSS_BT_COPY, NULL, NULL };
	VSS_AUTOSTRV struct vss_strv archives = VSS_STRV_INIT;
	VSS_AUTOFREE char *target = box_path(state, "r");
	struct vss_restore_request r = { .archives = &archives, .target = target, .existing = existing };
	struct vss_member m = arc_plain("f", S_IFREG | 0640);
	struct vss_member_extent extents[] = { ranges[0], ranges[1] };
	struct vss_restore_result out;
	struct chained c;
	VSS_AUTOCLOSE int box = box_open(state);

	m.size = 10;
	m.partial = m.sparse = true;
	m.extents = extents;
	m.nextents = 2;
	m.uid = geteuid();
	m.gid = getegid();
	chained_begin(&c, box, "x.tar.zst", &alone);
	arc_member(c.w, &m, "abcde");
	chained_end(&c);
	if (there) {
		VSS_AUTOCLOSE int dir = box_subdir(box, "r");
		box_write(dir, "f", there);
	}
	vss_strv_take(&archives, box_path(state, "x.tar.zst"));
	int rc = vss_restore(&r, &out, err);
	assert_int_equal(out.failed, rc < 0 && err->code == VSS_PARTIAL);
	return rc;
}

static void
becomes(void **state, const char *there, const char *wanted)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;

	assert_ok(restore_over(state, there, VSS_EXISTING_REPLACE, &err), err);
	VSS_AUTOCLOSE int box = box_open(state);
	assert_string_equal(box_read(box, "r/f"), wanted);
	assert_int_equal(fstatat(box, "r/f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
}

static void
what_lies_between_stays_as_it_is(void **state)
{
	becomes(state, "0123456789", "01abc567de");
}

static void
a_longer_file_is_cut(void **state)
{
	becomes(state, "0123456789 and more", "01abc567de");
}

static void
a_shorter_file_grows(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	char got[11] = "";

	assert_ok(restore_over(state, "0123", VSS_EXISTING_REPLACE, &err), err);
	VSS_AUTOFREE char *path = box_path(state, "r/f");
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, got, sizeof got), 10);
	assert_memory_equal(got, "01abc\0\0\0de", 10);
}

static void
another_name_of_what_was_there_keeps_its_content(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);

	VSS_AUTOCLOSE int dir = box_subdir(box, "s");
	box_write(dir, "f", "0123456789");
	assert_int_equal(renameat(box, "s", box, "r"), 0);
	assert_int_equal(linkat(box, "r/f", box, "other", 0), 0);
	assert_ok(restore_over(state, NULL, VSS_EXISTING_REPLACE, &err), err);
	assert_string_equal(box_read(box, "other"), "0123456789");
	assert_string_equal(box_read(box, "r/f"), "01abc567de");
}

static void
without_the_rest_nothing_is_made(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(restore_over(state, NULL, VSS_EXISTING_REPLACE, &err), -1);
	assert_int_equal(err.code, VSS_PARTIAL);
	VSS_AUTOCLOSE int box = box_open(state);
	assert_false(box_has(box, "r/f"));
}

/* A link in its place is neither followed nor replaced: it has no rest of a file either. */
static void
a_link_is_not_written_through(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);

	box_write(box, "outside", "0123456789");
	box_mkdir(box, "r");
	assert_int_equal(symlinkat("../outside", box, "r/f"), 0);
	assert_int_equal(restore_over(state, NULL, VSS_EXISTING_REPLACE, &err), -1);
	assert_int_equal(err.code, VSS_PARTIAL);
	assert_string_equal(box_read(box, "outside"), "0123456789");
	assert_string_equal(box_read(box, "r/f"), "0123456789");
}

static void
a_fifo_is_not_waited_for(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	VSS_AUTOCLOSE int box = box_open(state);

	box_mkdir(box, "r");
	assert_int_equal(mkfifoat(box, "r/f", 0600), 0);
	assert_int_equal(restore_over(state, NULL, VSS_EXISTING_REPLACE, &err), -1);
	assert_int_equal(err.code, VSS_PARTIAL);
	assert_int_equal(fstatat(box, "r/f", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

static void
what_is_there_is_treated_as_wished(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);

	assert_int_equal(restore_over(state, "0123456789", VSS_EXISTING_REFUSE, &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
	assert_ok(restore_over(state, NULL, VSS_EXISTING_SKIP, &err), err);
	assert_string_equal(box_read(box, "r/f"), "0123456789");
	assert_ok(restore_over(state, NULL, VSS_EXISTING_KEEP_BOTH, &err), err);
	assert_string_equal(box_read(box, "r/f"), "0123456789");
	assert_string_equal(box_read(box, "r/f.restored"), "01abc567de");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(what_lies_between_stays_as_it_is),
		BOX_TEST(a_longer_file_is_cut),
		BOX_TEST(a_shorter_file_grows),
		BOX_TEST(another_name_of_what_was_there_keeps_its_content),
		BOX_TEST(without_the_rest_nothing_is_made),
		BOX_TEST(a_link_is_not_written_through),
		BOX_TEST(a_fifo_is_not_waited_for),
		BOX_TEST(what_is_there_is_treated_as_wished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
