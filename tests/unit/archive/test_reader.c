/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

/* A small archive: documents, a directory, files. */
static int
small(uint32_t frame_bytes)
{
	int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, frame_bytes);

	arc_document(w, "writers/a.xml", "<a/>");
	arc_document(w, "RECOVER.txt", "tar");
	arc_dir(w, "d");
	arc_file(w, "d/a", "hello", 5);
	arc_file(w, "d/b", "", 0);
	arc_file(w, "e", "world!", 6);
	arc_document(w, "ledger.json", "{}");
	arc_finish(w);
	return fd;
}

static void
expect(struct vss_archive_reader *r, const char *path, const char *content)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_member m = { 0 };
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	int found = vss_archive_next(r, &m, &err);

	if (found < 0)
		fail_msg("%s", err.text);
	if (!path) {
		assert_int_equal(found, 0);
		return;
	}
	assert_int_equal(found, 1);
	assert_string_equal(m.path, path);
	assert_ok(vss_archive_content(r, arc_gather, &b, &err), err);
	assert_string_equal(b.data ? b.data : "", content);
	vss_member_clear(&m);
}

static void
members_come_back_in_order(void **state)
{
	VSS_AUTOCLOSE int fd = small(0);
	struct vss_archive_reader *r = arc_open(fd);

	(void)state;
	assert_int_equal(vss_archive_state(r), VSS_ARCHIVE_WHOLE);
	expect(r, "d", "");
	expect(r, "d/a", "hello");
	expect(r, "d/b", "");
	expect(r, "e", "world!");
	expect(r, NULL, NULL);
	vss_archive_reader_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_back_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
