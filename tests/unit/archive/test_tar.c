/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/frame_internal.h"
#include "archive/pax_internal.h"
#include "archive/tar_internal.h"
#include "archive/ustar_internal.h"

/* Tar streams made by hand, as no writer of ours makes them. */

struct source {
	const struct vss_buf *text;
	struct vss_codec *codec;
	bool given;
};

static int
fetch(void *ctx, struct vss_frame_job *job, struct vss_err *err)
{
	struct source *s = ctx;
	size_t packed;

	if (s->given)
		return 0;
	s->given = true;
	vss_frame_job_room(job, vss_frame_bound(s->text->len));
	assert_ok(vss_frame_pack(s->codec, job->packed, job->packed_cap, s->text->data, s->text->len, &packed, err),
		*err);
	job->frame.stored = (uint32_t)packed;
	return 1;
}

/* What becomes of the first member: 1 with `e` filled, 0 for the end, or -1. */
static int
decode(const struct vss_buf *text, struct vss_tar_entry *e, struct vss_err *err)
{
	struct source s = { .text = text, .codec = vss_codec_new(1, err) };
	struct vss_tar_in in = { .in = vss_frames_in_new(fetch, &s, 0, err) };
	int r;

	assert_non_null(in.in);
	r = vss_tar_decode(&in, e, err);
	vss_frames_in_free(in.in);
	vss_codec_free(s.codec);
	return r;
}

static void
refused(const struct vss_buf *text, const char *what)
{
	struct vss_tar_entry e = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (decode(text, &e, &err) != -1)
		fail_msg("taken: %s", what);
	assert_int_equal(err.code, VSS_CORRUPT);
	vss_tar_entry_clear(&e);
}

static struct vss_ustar
header(const char *path, char type)
{
	struct vss_ustar h = { .type = type };

	vss_ustar_path(&h, path, strlen(path));
	vss_ustar_number(h.mode, sizeof h.mode, 0644);
	vss_ustar_number(h.uid, sizeof h.uid, 0);
	vss_ustar_number(h.gid, sizeof h.gid, 0);
	vss_ustar_number(h.size, sizeof h.size, 0);
	vss_ustar_number(h.mtime, sizeof h.mtime, 0);
	return h;
}

static void
put(struct vss_buf *text, struct vss_ustar h)
{
	vss_ustar_seal(&h);
	vss_buf_add(text, &h, sizeof h);
}

/* A pax header with these records, padded. */
static void
put_pax(struct vss_buf *text, const struct vss_buf *records)
{
	struct vss_ustar h = header("x", 'x');

	vss_ustar_number(h.size, sizeof h.size, records->len);
	put(text, h);
	vss_buf_add(text, records->data, records->len);
	while (text->len % VSS_TAR_BLOCK)
		vss_buf_ch(text, 0);
}

static void
unsafe_paths_are_refused(void **state)
{
	static const char *const paths[] = { "", "/etc/passwd", "..", "../x", "a/../b", "a/..", "a//b", "./a", "a/.",
		"a/./b", "/", "//" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		for (int how = 0; how < 4; how++) {
			VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
			VSS_AUTOBUF struct vss_buf records = VSS_BUF_INIT;
			struct vss_ustar h = header(how == 0 || how == 3 ? paths[i] : "a", how == 2   ? '1'
											   : how == 3 ? '5'
												      : '0');

			if (how == 3 && !strcmp(paths[i], "./")) /* the root directory itself */
				continue;
			if (how == 1) {
				vss_pax_str(&records, "path", paths[i]);
				put_pax(&text, &records);
			}
			if (how == 2)
				vss_ustar_text(h.linkname, sizeof h.linkname, paths[i]);
			put(&text, h);
			refused(&text, paths[i]);
		}
}

static void
types_that_are_not_ours_are_refused(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

		if ((c >= '0' && c <= '6') || c == 'x')
			continue;
		put(&text, header("a", (char)c));
		refused(&text, "type");
	}
}

static void
damaged_headers_are_refused(void **state)
{
	VSS_AUTOBUF struct vss_buf good = VSS_BUF_INIT;
	struct vss_tar_entry e = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	put(&good, header("a", '0'));
	assert_int_equal(decode(&good, &e, &err), 1);
	for (size_t i = 0; i < VSS_TAR_BLOCK; i++) {
		if (i >= offsetof(struct vss_ustar, checksum) + 6 && i < offsetof(struct vss_ustar, checksum) + 8)
			continue; /* the ends of the number */
		good.data[i] ^= 1;
		refused(&good, "flipped bit");
		good.data[i] ^= 1;
	}
	vss_tar_entry_clear(&e);
}

static void
numbers_that_are_none_are_refused(void **state)
{
	(void)state;
	for (int field = 0; field < 5; field++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		struct vss_ustar h = header("a", '0');
		char *fields[] = { h.mode, h.uid, h.gid, h.size, h.mtime };

		fields[field][0] = field == 0 ? '7' : '-';
		put(&text, h);
		refused(&text, "number");
	}
}

static void
content_where_none_can_be_is_refused(void **state)
{
	(void)state;
	for (char type = '1'; type <= '6'; type++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		struct vss_ustar h = header("a", type);

		vss_ustar_text(h.linkname, sizeof h.linkname, "b");
		vss_ustar_number(h.size, sizeof h.size, 512);
		put(&text, h);
		refused(&text, "content");
	}
}

static void
pax_headers_have_to_make_sense(void **state)
{
	static const char *const records[][2] = { { "size", "9223372036854775807" }, { "uid", "4294967295" },
		{ "gid", "-1" }, { "mtime", "soon" }, { "path", "" }, { "SCHILY.acl.access", "user" },
		{ "SCHILY.xattr.", "x" }, { "GNU.sparse.major", "0" }, { "GNU.sparse.map", "1,2" },
		{ "GNU.sparse.minor", "" } };
	VSS_AUTOBUF struct vss_buf twice = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf lonely = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf huge = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf one = VSS_BUF_INIT;
	struct vss_ustar h = header("x", 'x');

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;

		vss_pax_str(&b, records[i][0], records[i][1]);
		put_pax(&text, &b);
		put(&text, header("a", '0'));
		refused(&text, records[i][0]);
	}
	vss_pax_str(&one, "uid", "1");
	put_pax(&twice, &one);
	put_pax(&twice, &one);
	put(&twice, header("a", '0'));
	refused(&twice, "two in a row");
	put_pax(&lonely, &one);
	refused(&lonely, "one at the end");
	vss_ustar_number(h.size, sizeof h.size, VSS_PAX_LIMIT + 1);
	put(&huge, h);
	refused(&huge, "a huge one");
}

/* A file with holes whose map is this text. */
static void
sparse(struct vss_buf *text, const char *map, const char *realsize, uint64_t stored)
{
	VSS_AUTOBUF struct vss_buf records = VSS_BUF_INIT;
	struct vss_ustar h = header("GNUSparseFile.0/f", '0');

	vss_pax_str(&records, "GNU.sparse.major", "1");
	vss_pax_str(&records, "GNU.sparse.minor", "0");
	vss_pax_str(&records, "GNU.sparse.name", "f");
	vss_pax_str(&records, "GNU.sparse.realsize", realsize);
	put_pax(text, &records);
	vss_ustar_number(h.size, sizeof h.size, stored);
	put(text, h);
	vss_buf_str(text, map);
	while (text->len % VSS_TAR_BLOCK)
		vss_buf_ch(text, 0);
}

static void
maps_have_to_make_sense(void **state)
{
	static const struct {
		const char *map, *realsize;
		uint64_t stored;
	} bad[] = { { "1\n0\n512\n", "511", 1024 }, { "2\n512\n512\n0\n512\n", "2000", 1536 },
		{ "1\n0\n512\n", "512", 512 }, { "1\n0\n512\n", "512", 1536 }, { "1099511627776\n0\n", "512", 512 },
		{ "x\n", "512", 512 }, { "1\n-1\n5\n", "512", 517 }, { "2\n0\n5\n512\n5\n", "1024", 522 },
		{ "1\n18446744073709551615\n2\n", "512", 514 }, { "1\n0\n512", "512", 1024 },
		{ "0\n", "99999999999999999999", 512 }, { "1\n000000000000000000000000000\n0\n", "512", 512 } };
	VSS_AUTOBUF struct vss_buf good = VSS_BUF_INIT;
	struct vss_tar_entry e = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	sparse(&good, "2\n512\n512\n2048\n0\n", "2048", 1024);
	assert_int_equal(decode(&good, &e, &err), 1);
	assert_string_equal(e.m.path, "f");
	assert_int_equal(e.m.nextents, 1);
	assert_int_equal(e.m.size, 2048);
	assert_int_equal(e.stored, 512);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

		sparse(&text, bad[i].map, bad[i].realsize, bad[i].stored);
		refused(&text, bad[i].map);
	}
	vss_tar_entry_clear(&e);
}

static void
unknown_records_are_passed_over(void **state)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_tar_entry e = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	vss_pax_str(&b, "VENDOR.later", "what");
	vss_pax_str(&b, "comment", "anything");
	vss_pax_str(&b, "uid", "77");
	put_pax(&text, &b);
	put(&text, header("a", '0'));
	assert_int_equal(decode(&text, &e, &err), 1);
	assert_int_equal(e.m.uid, 77);
	vss_tar_entry_clear(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsafe_paths_are_refused),
		cmocka_unit_test(types_that_are_not_ours_are_refused),
		cmocka_unit_test(damaged_headers_are_refused),
		cmocka_unit_test(numbers_that_are_none_are_refused),
		cmocka_unit_test(content_where_none_can_be_is_refused),
		cmocka_unit_test(pax_headers_have_to_make_sense),
		cmocka_unit_test(maps_have_to_make_sense),
		cmocka_unit_test(unknown_records_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
