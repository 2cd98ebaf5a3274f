/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

/* Documents, directories, files and hard links, in the order of a walk. */
static int
tree(uint32_t frame_bytes)
{
	int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, frame_bytes);
	struct vss_member hard = arc_plain("d/z", S_IFREG | 0644), hard2 = arc_plain("e", S_IFREG | 0644);

	arc_document(w, "writers/a.xml", "<a/>");
	arc_document(w, "RECOVER.txt", "tar");
	arc_dir(w, "d");
	arc_file(w, "d/a", "hello", 5);
	arc_file(w, "d/b", "", 0);
	hard.hardlink = hard2.hardlink = arc_word("d/a");
	arc_member(w, &hard, NULL);
	arc_file(w, "d.x", "dot", 3);
	arc_member(w, &hard2, NULL);
	arc_file(w, "f", "world!", 6);
	arc_document(w, "ledger.json", "{}");
	arc_finish(w);
	return fd;
}

/* The next member is `path` with this content; `link` is the name it is a hard link to, or NULL. */
static void
expect(struct vss_archive_reader *r, const char *path, const char *content, const char *link)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;

	if (vss_archive_next(r, &m, &err) != 1)
		fail_msg("%s: %s", path, err.text);
	assert_string_equal(m.path, path);
	assert_int_equal(m.hardlink != NULL, link != NULL);
	if (link)
		assert_string_equal(m.hardlink, link);
	assert_ok(vss_archive_content(r, arc_gather, &b, &err), err);
	assert_string_equal(b.data ? b.data : "", content);
	vss_member_clear(&m);
}

static void
expect_end(struct vss_archive_reader *r)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };

	if (vss_archive_next(r, &m, &err) != 0)
		fail_msg("%s: %s", m.path ? m.path : "", err.text);
}

static void
expect_all(struct vss_archive_reader *r)
{
	expect(r, "d", "", NULL);
	expect(r, "d/a", "hello", NULL);
	expect(r, "d/b", "", NULL);
	expect(r, "d/z", "", "d/a");
	expect(r, "d.x", "dot", NULL);
	expect(r, "e", "", "d/a");
	expect(r, "f", "world!", NULL);
	expect_end(r);
}

static void
members_come_in_the_archives_order(void **state)
{
	const uint32_t frames[] = { 0, 512, 1024, 10240 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		VSS_AUTOCLOSE int fd = tree(frames[i]);
		struct vss_archive_reader *r = arc_open(fd);

		assert_int_equal(vss_archive_state(r), VSS_ARCHIVE_WHOLE);
		expect_all(r);
		vss_archive_reader_free(r);
	}
}

/* What a pipe gives: the archive in a descriptor that cannot seek. */
static int
through_a_pipe(int fd)
{
	int ends[2];
	size_t n = arc_size(fd);
	VSS_AUTOFREE char *p = vss_alloc(n);

	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, (int)n + 4096) >= (int)n);
	assert_int_equal(pread(fd, p, n, 0), (ssize_t)n);
	assert_int_equal(write(ends[1], p, n), (ssize_t)n);
	close(ends[1]);
	return ends[0];
}

static void
a_stream_gives_the_same(void **state)
{
	VSS_AUTOCLOSE int fd = tree(1024);
	VSS_AUTOCLOSE int in = through_a_pipe(fd);
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_archive_reader *r = arc_open(in);
	struct vss_archive_reads reads;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_int_equal(vss_archive_state(r), VSS_ARCHIVE_STREAM);
	assert_int_equal(vss_archive_document(r, "writers/a.xml", 100, &b, &err), 0);
	assert_string_equal(b.data, "<a/>");
	assert_int_equal(vss_archive_document(r, "ledger.json", 100, &b, &err), 1);
	expect_all(r);
	assert_int_equal(vss_archive_document(r, "ledger.json", 100, &b, &err), 0);
	assert_string_equal(b.data, "{}");
	vss_archive_reader_reads(r, &reads);
	assert_true(reads.frames > 10);
	vss_archive_reader_free(r);
}

static void
content_that_is_not_asked_for_is_passed_over(void **state)
{
	VSS_AUTOCLOSE int fd = tree(512);

	(void)state;
	for (int i = 0; i < 2; i++) {
		VSS_AUTOCLOSE int in = i ? through_a_pipe(fd) : dup(fd);
		struct vss_archive_reader *r = arc_open(in);
		struct vss_err err = VSS_ERR_INIT;
		struct vss_member m = { 0 };
		int n = 0;

		while (vss_archive_next(r, &m, &err) > 0)
			n++;
		assert_int_equal(err.code, VSS_OK);
		assert_int_equal(n, 7);
		vss_archive_reader_free(r);
	}
}

static void
paths_select_themselves_and_what_is_below(void **state)
{
	static const char *const d[] = { "d" }, *const two[] = { "f", "d/b" }, *const none[] = { "d/", "g", "d/aa" },
				 *const all[] = { "." };
	VSS_AUTOCLOSE int fd = tree(1024);
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_ok(vss_archive_select_paths(r, d, 1, &err), err);
	expect(r, "d", "", NULL);
	expect(r, "d/a", "hello", NULL);
	expect(r, "d/b", "", NULL);
	expect(r, "d/z", "", "d/a");
	expect_end(r);
	assert_ok(vss_archive_select_paths(r, two, 2, &err), err);
	expect(r, "d/b", "", NULL);
	expect(r, "f", "world!", NULL);
	expect_end(r);
	assert_ok(vss_archive_select_paths(r, none, 3, &err), err);
	expect_end(r);
	assert_ok(vss_archive_select_paths(r, all, 1, &err), err);
	expect_all(r);
	assert_ok(vss_archive_select(r, NULL, NULL, &err), err);
	expect_all(r);
	vss_archive_reader_free(r);
}

static bool
is_one_of(void *ctx, const char *path, mode_t type)
{
	assert_true(type & S_IFMT);
	for (const char *const *p = ctx; *p; p++)
		if (!strcmp(*p, path))
			return true;
	return false;
}

static void
a_wanted_hard_link_brings_its_content_when_the_first_name_is_not_wanted(void **state)
{
	const char *both[] = { "d/z", "e", "f", NULL }, *late[] = { "e", NULL };
	VSS_AUTOCLOSE int fd = tree(512);
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_ok(vss_archive_select(r, is_one_of, both, &err), err);
	expect(r, "d/z", "hello", NULL);
	expect(r, "e", "", "d/z"); /* and the second is a link to the first that came */
	expect(r, "f", "world!", NULL);
	expect_end(r);
	assert_ok(vss_archive_select(r, is_one_of, late, &err), err);
	expect(r, "e", "hello", NULL);
	expect_end(r);
	vss_archive_reader_free(r);
}

static void
in_a_stream_such_a_link_fails_and_names_both(void **state)
{
	const char *late[] = { "e", NULL };
	VSS_AUTOCLOSE int fd = tree(0);
	VSS_AUTOCLOSE int in = through_a_pipe(fd);
	struct vss_archive_reader *r = arc_open(in);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };

	(void)state;
	assert_ok(vss_archive_select(r, is_one_of, late, &err), err);
	assert_int_equal(vss_archive_next(r, &m, &err), -1);
	assert_int_equal(err.code, VSS_UNSUPPORTED);
	assert_non_null(strstr(err.text, "e: "));
	assert_non_null(strstr(err.text, "d/a"));
	vss_archive_reader_free(r);
}

static int
note_name(void *ctx, const char *name, struct vss_err *err)
{
	(void)err;
	vss_buf_fmt(ctx, "%s ", name);
	return 0;
}

static void
documents_are_found_by_name(void **state)
{
	VSS_AUTOCLOSE int fd = tree(0);
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_ok(vss_archive_documents(r, note_name, &b, &err), err);
	assert_string_equal(b.data, "RECOVER.txt format ledger.json manifest.mtree writers/a.xml ");
	assert_int_equal(vss_archive_document(r, "ledger.json", 2, &b, &err), 0);
	assert_string_equal(b.data, "{}");
	assert_int_equal(vss_archive_document(r, "format", 100, &b, &err), 0);
	assert_string_equal(b.data, "vss-archive 1\n");
	assert_int_equal(vss_archive_document(r, "nothing", 100, &b, &err), 1);
	assert_int_equal(vss_archive_document(r, "ledger.json", 1, &b, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	vss_archive_reader_free(r);
}

static int
note_member(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	(void)err;
	vss_buf_fmt(ctx, "%s %o %llu %d %s\n", m->path, m->mode, (unsigned long long)m->size, m->has_digest,
		m->hardlink ? m->hardlink : "");
	return 0;
}

static void
the_manifest_lists_every_member_without_reading_them(void **state)
{
	VSS_AUTOCLOSE int fd = tree(1024);
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_archive_reads reads;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_ok(vss_archive_manifest(r, note_member, &b, &err), err);
	assert_string_equal(b.data,
		".vss/format 100600 14 1 \n.vss/writers/a.xml 100600 4 1 \n.vss/RECOVER.txt 100600 3 1 \n"
		"d 40755 0 0 \nd/a 100644 5 1 \nd/b 100644 0 1 \nd/z 100644 0 0 d/a\nd.x 100644 3 1 \ne 100644 0 0 "
		"d/a\n"
		"f 100644 6 1 \n.vss/ledger.json 100600 2 1 \n");
	vss_archive_reader_reads(r, &reads);
	assert_true(reads.frames <= 5); /* of 20 and more */
	vss_archive_reader_free(r);
}

/* 300 files of 10,000 bytes in frames of 4096: everything takes several frames, and the index
 * several entries. */
static int
many(void)
{
	VSS_AUTOFREE char *noise = arc_noise(10000, 7);
	int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 16384);
	char name[32];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "f%03d", i);
		arc_file(w, name, noise, 10000);
	}
	arc_finish(w);
	return fd;
}

static void
one_small_file_reads_two_frames_at_most(void **state)
{
	VSS_AUTOCLOSE int fd = many();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct vss_archive_reader *r = arc_open(fd);
		struct vss_archive_reads reads;
		const char *path = name;

		snprintf(name, sizeof name, "f%03d", i);
		assert_ok(vss_archive_select_paths(r, &path, 1, &err), err);
		assert_int_equal(vss_archive_next(r, &m, &err), 1);
		assert_ok(vss_archive_content(r, NULL, NULL, &err), err);
		expect_end(r);
		vss_archive_reader_reads(r, &reads);
		assert_in_range(reads.frames, 1, 2);
		vss_archive_reader_free(r);
	}
	vss_member_clear(&m);
}

static void
a_damaged_frame_costs_only_what_lies_in_it(void **state)
{
	VSS_AUTOCLOSE int fd = many();
	struct vss_archive_reader *r;
	static const char *const far[] = { "f250" }, *const near[] = { "f000" };
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };

	(void)state;
	assert_int_equal(pwrite(fd, "damage", 6, 1000), 6);
	r = arc_open(fd);
	assert_int_equal(vss_archive_state(r), VSS_ARCHIVE_WHOLE);
	assert_ok(vss_archive_select_paths(r, far, 1, &err), err);
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_ok(vss_archive_content(r, NULL, NULL, &err), err);
	assert_ok(vss_archive_select_paths(r, near, 1, &err), err);
	assert_int_equal(vss_archive_next(r, &m, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
	vss_archive_reader_free(r);
	vss_member_clear(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_in_the_archives_order),
		cmocka_unit_test(a_stream_gives_the_same),
		cmocka_unit_test(content_that_is_not_asked_for_is_passed_over),
		cmocka_unit_test(paths_select_themselves_and_what_is_below),
		cmocka_unit_test(a_wanted_hard_link_brings_its_content_when_the_first_name_is_not_wanted),
		cmocka_unit_test(in_a_stream_such_a_link_fails_and_names_both),
		cmocka_unit_test(documents_are_found_by_name),
		cmocka_unit_test(the_manifest_lists_every_member_without_reading_them),
		cmocka_unit_test(one_small_file_reads_two_frames_at_most),
		cmocka_unit_test(a_damaged_frame_costs_only_what_lies_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
