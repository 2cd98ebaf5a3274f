/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/manifest_internal.h"
#include "archive/state.h"

/* Archives that build on others: lines of what is elsewhere, ranges of files, and the state as a whole. */

static int
add_line(void *ctx, const struct vss_member *m, struct vss_err *err)
{
	(void)err;
	if (vss_str_starts(m->path, ".vss/"))
		return 0;
	vss_buf_fmt(ctx, "%s%s", m->path, m->partial ? "+" : "");
	if (m->elsewhere)
		vss_buf_fmt(ctx, "@%u", m->in);
	vss_buf_ch(ctx, ' ');
	return 0;
}

static void
members_are_what_is_here_and_lines_are_all(void **state)
{
	VSS_AUTOCLOSE int fd = arc_increment(0);
	VSS_AUTOBUF struct vss_buf members = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf lines = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf index = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf documents = VSS_BUF_INIT;
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_ok(vss_archive_manifest(r, add_line, &members, &err), err);
	assert_string_equal(members.data, "d d/db+ d/new z ");
	assert_ok(vss_archive_state_lines(r, add_line, &lines, &err), err);
	assert_string_equal(lines.data, "d d/db+ d/db+@1 d/link@0 d/new d/old@0 gone/far/away@0 z ");
	assert_ok(vss_archive_each(r, add_line, &index, &err), err);
	assert_string_equal(index.data, "d/db+ d d/new z ");
	vss_archive_reader_free(r);
}

static int
see_piece(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	VSS_AUTOFREE char *noise = arc_noise(2000, 7);
	static const uint64_t from[] = { 3, 600, 700, 99990 }, lies[] = { 0, 1, 101, 102 };
	static const uint64_t length[] = { 1, 100, 1, 10 };

	(void)err;
	for (size_t i = 0; i < 4; i++) {
		if (at < from[i] || at >= from[i] + length[i])
			continue;
		assert_true(n <= from[i] + length[i] - at);
		assert_memory_equal(data, noise + lies[i] + (at - from[i]), n);
		*(size_t *)ctx += n;
		return 0;
	}
	fail_msg("data at %ju, where there is no range", (uintmax_t)at);
	return -1;
}

static void
is_db(struct vss_archive_reader *r)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };
	size_t bytes = 0;

	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_string_equal(m.path, "d/db");
	assert_true(m.partial && m.sparse && !m.elsewhere);
	assert_int_equal(m.size, 100000);
	assert_int_equal(m.nextents, 4);
	assert_int_equal(m.extents[1].at, 600);
	assert_int_equal(m.extents[1].len, 100);
	assert_ok(vss_archive_content(r, see_piece, &bytes, &err), err);
	assert_int_equal(bytes, 112);
	vss_member_clear(&m);
}

static bool
want_db(void *ctx, const char *path, mode_t type)
{
	(void)ctx;
	(void)type;
	return !strcmp(path, "d/db");
}

static void
ranges_come_back_exactly(void **state)
{
	static const char *const db[] = { "d/db" };
	const uint32_t frames[] = { 0, 512 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		VSS_AUTOCLOSE int fd = arc_increment(frames[i]);
		struct vss_archive_reader *r = arc_open(fd);
		struct vss_err err = VSS_ERR_INIT;

		assert_ok(vss_archive_select_paths(r, db, 1, &err), err);
		is_db(r);
		assert_ok(vss_archive_select(r, want_db, NULL, &err), err);
		is_db(r);
		vss_archive_reader_free(r);
	}
}

static void
without_an_index_it_is_the_same(void **state)
{
	VSS_AUTOCLOSE int fd = arc_increment(512);
	VSS_AUTOCLOSE int cut = arc_cut(fd, arc_size(fd) - 100);
	VSS_AUTOBUF struct vss_buf lines = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reader *r;

	(void)state;
	r = arc_open(cut);
	assert_int_equal(vss_archive_state(r), VSS_ARCHIVE_NO_INDEX);
	assert_ok(vss_archive_select(r, want_db, NULL, &err), err);
	is_db(r);
	assert_ok(vss_archive_state_lines(r, add_line, &lines, &err), err);
	assert_string_equal(lines.data, "d d/db+ d/db+@1 d/link@0 d/new d/old@0 gone/far/away@0 z ");
	vss_archive_reader_free(r);
}

/* The end of a pipe from which the whole archive comes. */
static int
piped(int fd)
{
	size_t n = arc_size(fd);
	VSS_AUTOFREE char *p = vss_alloc(n);
	int ends[2];

	assert_int_equal(pread(fd, p, n, 0), (ssize_t)n);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, (int)n + 4096) >= (int)n);
	assert_int_equal(write(ends[1], p, n), (ssize_t)n);
	close(ends[1]);
	return ends[0];
}

static void
a_stream_agrees_with_its_manifest(void **state)
{
	VSS_AUTOCLOSE int fd = arc_increment(0);
	VSS_AUTOCLOSE int in = piped(fd);
	struct vss_archive_reader *r = arc_open(in);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };

	(void)state;
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_string_equal(m.path, "d");
	is_db(r);
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_string_equal(m.path, "d/new");
	assert_true(m.has_identity);
	assert_int_equal(m.inode, 77);
	assert_int_equal(vss_archive_next(r, &m, &err), 1);
	assert_int_equal(vss_archive_next(r, &m, &err), 0);
	vss_member_clear(&m);
	vss_archive_reader_free(r);
}

static void
what_cannot_be_is_refused_and_the_writer_goes_on(void **state)
{
	static const char *const reserved[] = { ".vss", ".vss/x", ".vss/partial", ".vss/partial/x" };
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member dir = arc_plain("d", S_IFDIR | 0755), file = arc_plain("f", S_IFREG | 0644);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct vss_member m = arc_plain(reserved[i], S_IFREG | 0644);
		struct vss_err err = VSS_ERR_INIT;

		for (int partial = 0; partial < 2; partial++) {
			m.partial = m.sparse = partial;
			assert_int_equal(vss_archive_begin_member(w, &m, &err), -1);
			assert_int_equal(err.code, VSS_INVALID);
			assert_int_equal(vss_archive_put_unchanged(w, &m, 0, &err), -1);
			assert_int_equal(err.code, VSS_INVALID);
		}
	}
	for (size_t i = 0; i < 3; i++) {
		struct vss_err err = VSS_ERR_INIT;

		dir.partial = true;
		file.has_identity = true; /* without a ctime */
		assert_int_equal(vss_archive_begin_member(w, i ? &dir : &file, &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
		assert_int_equal(vss_archive_put_document(w, i ? "partial" : "partial/x", "", 0, &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
	}
	dir.partial = false;
	arc_unchanged(w, &dir, 65535);
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_archive_put_unchanged(w, &dir, 65536, &err), -1);
	arc_finish(w);
	assert_int_equal(vss_archive_verify(fd, NULL, NULL, NULL, &err), 0);
}

/* The pax records of one member have a limit, so its ranges have one. */
static void
too_many_ranges_are_refused(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	size_t n = 200000;
	VSS_AUTOFREE struct vss_member_extent *x = vss_alloc(n * sizeof *x);
	struct vss_member m = arc_plain("db", S_IFREG | 0644);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < n; i++)
		x[i] = (struct vss_member_extent){ i * 10, 1 };
	m.partial = m.sparse = true;
	m.size = n * 10;
	m.extents = x;
	m.nextents = n;
	assert_int_equal(vss_archive_begin_member(w, &m, &err), -1);
	assert_int_equal(err.code, VSS_UNSUPPORTED);
	arc_file(w, "f", "x", 1);
	arc_finish(w);
	assert_int_equal(vss_archive_verify(fd, NULL, NULL, NULL, &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_what_is_here_and_lines_are_all),
		cmocka_unit_test(ranges_come_back_exactly),
		cmocka_unit_test(without_an_index_it_is_the_same),
		cmocka_unit_test(a_stream_agrees_with_its_manifest),
		cmocka_unit_test(what_cannot_be_is_refused_and_the_writer_goes_on),
		cmocka_unit_test(too_many_ranges_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
