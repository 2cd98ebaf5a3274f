/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

static void
what_cannot_be_archived_is_refused_and_the_rest_goes_on(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	VSS_AUTOFREE char *value = vss_alloc(1 << 20);
	struct vss_member_xattr big = { arc_word("user.big"), value, 1 << 20 };
	struct vss_member_extent wrong[] = { { 100, 10 }, { 50, 10 } };
	struct vss_member m[12], got = { 0 };
	const enum vss_code codes[] = { VSS_UNSUPPORTED, VSS_UNSUPPORTED, VSS_INVALID, VSS_INVALID, VSS_INVALID,
		VSS_INVALID, VSS_INVALID, VSS_INVALID, VSS_INVALID, VSS_INVALID, VSS_INVALID, VSS_INVALID };
	struct vss_archive_reader *r;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	m[0] = arc_plain("socket", S_IFSOCK | 0644);
	m[1] = arc_plain("xattrs", S_IFREG | 0644);
	m[1].xattrs = &big;
	m[1].nxattrs = 1;
	m[2] = arc_plain("/absolute", S_IFREG | 0644);
	m[3] = arc_plain("a/../b", S_IFREG | 0644);
	m[4] = arc_plain("", S_IFREG | 0644);
	m[5] = arc_plain(".vss", S_IFDIR | 0755);
	m[6] = arc_plain(".vss/x", S_IFREG | 0644);
	m[7] = arc_plain("link", S_IFLNK | 0777);
	m[8] = arc_plain("extents", S_IFREG | 0644);
	m[8].sparse = true;
	m[8].extents = wrong;
	m[8].nextents = 2;
	m[8].size = 1000;
	m[9] = arc_plain("hard", S_IFREG | 0644);
	m[9].hardlink = arc_word("../x");
	m[10] = arc_plain("time", S_IFREG | 0644);
	m[10].mtime_ns = 1000000000;
	m[11] = arc_plain("a//b", S_IFREG | 0644);
	for (size_t i = 0; i < 12; i++) {
		assert_int_equal(vss_archive_begin_member(w, &m[i], &err), -1);
		assert_int_equal(err.code, codes[i]);
	}
	arc_file(w, "f", "x", 1);
	arc_finish(w);
	r = arc_open(fd);
	err = (struct vss_err)VSS_ERR_INIT;
	assert_int_equal(vss_archive_next(r, &got, &err), 1);
	assert_string_equal(got.path, "f");
	assert_int_equal(vss_archive_next(r, &got, &err), 0);
	vss_archive_reader_free(r);
}

static void
more_or_less_data_than_promised_is_a_failure(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		VSS_AUTOCLOSE int fd = arc_memory();
		struct vss_archive_writer *w = arc_begin(fd, 0);
		struct vss_member m = arc_plain("f", S_IFREG | 0644);
		struct vss_err err = VSS_ERR_INIT;

		m.size = 3;
		assert_ok(vss_archive_begin_member(w, &m, &err), err);
		if (i == 0)
			assert_int_equal(vss_archive_put_data(w, 0, "abcd", 4, &err), -1);
		if (i == 1)
			assert_int_equal(vss_archive_put_data(w, 1, "a", 1, &err), -1);
		if (i == 2)
			assert_int_equal(vss_archive_end_member(w, false, &err), -1);
		if (i == 3)
			assert_int_equal(vss_archive_finish(w, &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
		vss_archive_writer_free(w);
		assert_null(vss_archive_open(fd, &err));
	}
}

static void
a_size_without_content_is_ignored(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member dir = arc_plain("d", S_IFDIR | 0755), hard = arc_plain("h", S_IFREG | 0644), m = { 0 };
	struct vss_member_extent extent = { 0, 4096 };
	struct vss_archive_reader *r;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	dir.size = 4096;
	arc_member(w, &dir, NULL);
	arc_file(w, "f", "x", 1);
	hard.size = 8192;
	hard.sparse = true;
	hard.extents = &extent;
	hard.nextents = 1;
	hard.hardlink = arc_word("f");
	arc_member(w, &hard, NULL);
	arc_finish(w);
	r = arc_open(fd);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vss_archive_next(r, &m, &err), 1);
		assert_int_equal(m.size, i == 1);
	}
	assert_int_equal(vss_archive_verify(fd, NULL, NULL, NULL, &err), 0);
	vss_member_clear(&m);
	vss_archive_reader_free(r);
}

static void
a_file_that_became_shorter_is_padded(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member m = arc_plain("f", S_IFREG | 0644);
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_archive_reader *r;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	m.size = 100000;
	assert_ok(vss_archive_begin_member(w, &m, &err), err);
	assert_ok(vss_archive_put_data(w, 0, "abc", 3, &err), err);
	assert_ok(vss_archive_end_member(w, true, &err), err);
	arc_finish(w);
	r = arc_open(fd);
	memset(&m, 0, sizeof m);
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_ok(vss_archive_content(r, arc_gather, &b, &err), err);
	assert_int_equal(b.len, 100000);
	assert_string_equal(b.data, "abc");
	vss_member_clear(&m);
	vss_archive_reader_free(r);
}

/* Members in no order at all, so many that they are sorted in several runs. */
static void
members_in_any_order_are_found(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_archive_reader *r;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };
	const uint32_t n = 200000, step = 7919; /* prime to n: each number comes once */
	char name[64];

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		snprintf(name, sizeof name, "some/directory/or/other/%06u", (unsigned)((uint64_t)i * step % n));
		arc_file(w, name, name, strlen(name));
	}
	arc_finish(w);
	r = arc_open(fd);
	for (uint32_t i = 0; i < n; i += 9973) {
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
		const char *path = name;

		snprintf(name, sizeof name, "some/directory/or/other/%06u", i);
		assert_ok(vss_archive_select_paths(r, &path, 1, &err), err);
		assert_int_equal(vss_archive_next(r, &m, &err), 1);
		assert_ok(vss_archive_content(r, arc_gather, &b, &err), err);
		assert_string_equal(b.data, name);
		assert_int_equal(vss_archive_next(r, &m, &err), 0);
	}
	vss_archive_reader_free(r);
}

static void
an_archive_in_no_order_is_whole(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 512);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	arc_file(w, "z/z", "1", 1);
	arc_file(w, "a", "2", 1);
	arc_file(w, "z/a", "3", 1);
	arc_dir(w, "z");
	arc_finish(w);
	assert_int_equal(vss_archive_verify(fd, NULL, NULL, NULL, &err), 0);
}

static void
one_path_twice_is_refused_before_the_manifest_is_written(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 512);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	arc_file(w, "b", "x", 1);
	arc_file(w, "a", "x", 1);
	arc_file(w, "b", "x", 1);
	assert_int_equal(vss_archive_finish(w, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	assert_non_null(strstr(err.text, "b: "));
	vss_archive_writer_free(w);
	assert_null(vss_archive_open(fd, &err));
	assert_int_equal(err.code, VSS_CORRUPT);
}

static int
stop(void *ctx, uint64_t bytes, struct vss_err *err)
{
	(void)bytes;
	return ++*(int *)ctx > 3 ? vss_fail(err, VSS_INTERRUPTED, 0, "stopped") : 0;
}

static void
the_owner_can_stop_it(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_err err = VSS_ERR_INIT;
	int calls = 0;
	struct vss_archive_write_options o = { .fd = fd, .spool_dirfd = -1, .poll = stop, .ctx = &calls };
	struct vss_archive_writer *w = vss_archive_writer_new(&o, &err);
	struct vss_member m = arc_plain("f", S_IFREG | 0644);
	VSS_AUTOFREE char *zeros = vss_alloc(1 << 20);
	int failed;

	(void)state;
	m.size = 1ULL << 30;
	failed = vss_archive_begin_member(w, &m, &err);
	for (uint64_t at = 0; !failed && at < m.size; at += 1 << 20)
		failed = vss_archive_put_data(w, at, zeros, 1 << 20, &err);
	assert_int_equal(failed, -1);
	assert_int_equal(err.code, VSS_INTERRUPTED);
	vss_archive_writer_free(w);
}

static void
a_full_disk_is_reported(void **state)
{
	VSS_AUTOCLOSE int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_writer *w = arc_begin(fd, 0);

	(void)state;
	arc_file(w, "f", "x", 1);
	assert_int_equal(vss_archive_finish(w, &err), -1);
	assert_int_equal(err.code, VSS_NOSPACE);
	vss_archive_writer_free(w);
}

static void
totals_say_what_was_written(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_archive_totals t;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	arc_file(w, "f", "xyz", 3);
	assert_ok(vss_archive_finish(w, &err), err);
	vss_archive_writer_totals(w, &t);
	assert_int_equal(t.members, 3); /* the format, the file, the manifest */
	assert_int_equal(t.compressed_bytes, arc_size(fd));
	assert_int_equal(t.frames, 1);
	vss_archive_writer_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_archived_is_refused_and_the_rest_goes_on),
		cmocka_unit_test(more_or_less_data_than_promised_is_a_failure),
		cmocka_unit_test(a_size_without_content_is_ignored),
		cmocka_unit_test(a_file_that_became_shorter_is_padded),
		cmocka_unit_test(members_in_any_order_are_found),
		cmocka_unit_test(an_archive_in_no_order_is_whole),
		cmocka_unit_test(one_path_twice_is_refused_before_the_manifest_is_written),
		cmocka_unit_test(the_owner_can_stop_it),
		cmocka_unit_test(a_full_disk_is_reported),
		cmocka_unit_test(totals_say_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
