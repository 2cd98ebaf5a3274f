/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/digest_internal.h"
#include "archive/format_internal.h"
#include "base/log.h"

#include <malloc.h>

static int
verify(int fd)
{
	struct vss_err err = VSS_ERR_INIT;
	int r = vss_archive_verify(fd, NULL, NULL, NULL, &err);

	return r < 0 && err.code != VSS_INVALID ? -1 : r;
}

static unsigned char *
bytes_of(int fd, size_t *n)
{
	unsigned char *p;

	*n = arc_size(fd);
	p = mmap(NULL, *n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(p != MAP_FAILED);
	return p;
}

/* 0 when it can be opened and read to its end, else the code of the failure. */
static enum vss_code
read_all(int fd, enum vss_archive_state *state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reader *r = vss_archive_open(fd, &err);
	struct vss_member m = { 0 };

	if (!r)
		return err.code;
	*state = vss_archive_state(r);
	while (!err.code && vss_archive_next(r, &m, &err) > 0)
		vss_archive_content(r, NULL, NULL, &err);
	vss_member_clear(&m);
	vss_archive_reader_free(r);
	return err.code;
}

static void
a_whole_archive_is_whole(void **state)
{
	const uint32_t frames[] = { 0, 512, 4096 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		VSS_AUTOCLOSE int fd = arc_small(frames[i]);
		VSS_AUTOCLOSE int increment = arc_increment(frames[i]);

		assert_int_equal(verify(fd), 0);
		assert_int_equal(verify(increment), 0);
	}
}

static void
flip_each(int fd)
{
	size_t n;
	unsigned char *p = bytes_of(fd, &n);

	mallopt(M_MMAP_THRESHOLD,
		64 << 20); /* a hundred thousand times the same buffers: do not give them back each time */
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	for (size_t i = 0; i < n * 8; i++) {
		p[i / 8] ^= (unsigned char)(1 << i % 8);
		if (verify(fd) != 1)
			fail_msg("bit %zu of byte %zu of %zu was flipped and nobody saw", i % 8, i / 8, n);
		p[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	munmap(p, n);
}

static void
every_flipped_bit_is_found(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(0);

	(void)state;
	assert_true(arc_size(fd) > 12000);
	flip_each(fd);
}

static void
every_flipped_bit_of_an_increment_is_found(void **state)
{
	VSS_AUTOCLOSE int fd = arc_increment(0);

	(void)state;
	flip_each(fd);
}

static void
every_truncation_is_found(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(4096);
	size_t n = arc_size(fd);

	(void)state;
	while (n-- > 0) {
		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		if (verify(fd) == 0)
			fail_msg("cut to %zu bytes and nobody saw", n);
	}
}

/* Where each frame ends, data and skippable ones, by their own headers. */
static size_t
frame_ends(int fd, size_t *ends, size_t max)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reads reads;
	struct vss_archive_reader *r = arc_open(fd);
	size_t n, at = 0, count = 0;
	unsigned char *p = bytes_of(fd, &n);

	(void)err;
	vss_archive_reader_reads(r, &reads);
	vss_archive_reader_free(r);
	while (at < n && count < max) {
		size_t end = at + 4;

		if (vss_get32(p + at) >> 4 == 0x184D2A5)
			end = at + 8 + vss_get32(p + at + 4);
		else
			while (end < n && vss_get32(p + end) != 0xFD2FB528 && vss_get32(p + end) >> 4 != 0x184D2A5)
				end++;
		ends[count++] = at = end;
	}
	munmap(p, n);
	return count;
}

static void
a_cut_at_a_frame_border_is_incomplete_until_the_manifest_is_there(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(1024);
	size_t ends[256], count = frame_ends(fd, ends, 256), size = arc_size(fd), nwhole = 0;

	(void)state;
	assert_true(count > 20);
	assert_int_equal(ends[count - 1], size);
	for (size_t i = 0; i + 1 < count; i++) {
		VSS_AUTOCLOSE int cut = arc_cut(fd, ends[i]);
		enum vss_archive_state how = VSS_ARCHIVE_WHOLE;
		struct vss_err err = VSS_ERR_INIT;
		enum vss_code code = read_all(cut, &how);
		struct vss_archive_reader *r = vss_archive_open(cut, &err);

		assert_int_equal(verify(cut), 1);
		if (code == VSS_OK) {
			assert_int_equal(how, VSS_ARCHIVE_NO_INDEX);
			nwhole++;
		} else {
			assert_int_equal(code, VSS_CORRUPT);
			assert_null(r);
			assert_non_null(strstr(err.text, "incomplete"));
			assert_int_equal(nwhole, 0); /* once the manifest is there it stays there */
		}
		vss_archive_reader_free(r);
	}
	assert_true(nwhole >= 4); /* all data; with frame blocks; member blocks; top; trailer */
}

static void
swapped_frames_are_found(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(1024);
	size_t ends[256], count = frame_ends(fd, ends, 256), n, swaps = 0;
	unsigned char *p = bytes_of(fd, &n);
	VSS_AUTOFREE unsigned char *old = vss_memdup(p, n);

	(void)state;
	for (size_t i = 0; i + 1 < count; i++) {
		size_t a = i ? ends[i - 1] : 0, b = ends[i], c = ends[i + 1];

		memcpy(p + a, old + b, c - b);
		memcpy(p + a + (c - b), old + a, b - a);
		if (memcmp(p, old, n)) {
			swaps++;
			if (verify(fd) != 1)
				fail_msg("frames %zu and %zu were swapped and nobody saw", i, i + 1);
		}
		memcpy(p, old, n);
	}
	assert_true(swaps > 10);
	munmap(p, n);
}

static void
bytes_behind_the_end_are_found_and_do_not_keep_one_from_reading(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(0);
	enum vss_archive_state how;

	(void)state;
	assert_int_equal(pwrite(fd, "x", 1, (off_t)arc_size(fd)), 1);
	assert_int_equal(verify(fd), 1);
	assert_int_equal(read_all(fd, &how), VSS_OK);
	assert_int_equal(how, VSS_ARCHIVE_NO_INDEX);
}

static void
sink(void *ctx, enum vss_log_level level, const char *text)
{
	(void)text;
	*(int *)ctx += level == VSS_LOG_WARN;
}

static void
a_lost_index_is_made_again_with_a_warning(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(1024);
	size_t ends[256], count = frame_ends(fd, ends, 256);
	VSS_AUTOCLOSE int cut = arc_cut(fd, ends[count - 6]); /* all frames of the index, trailer and seek table */
	enum vss_archive_state how;
	int warnings = 0;

	(void)state;
	vss_log_set_sink(sink, &warnings);
	assert_int_equal(read_all(cut, &how), VSS_OK);
	vss_log_set_sink(NULL, NULL);
	assert_int_equal(how, VSS_ARCHIVE_NO_INDEX);
	assert_int_equal(warnings, 1);
	assert_int_equal(verify(cut), 1);
}

static void
what_is_not_an_archive_is_refused_as_such(void **state)
{
	static const char *const texts[] = { "", "x", "hello, this is no archive of any kind" };

	(void)state;
	for (size_t i = 1; i < 3; i++) {
		VSS_AUTOCLOSE int fd = arc_memory();
		struct vss_err err = VSS_ERR_INIT;

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), (ssize_t)strlen(texts[i]));
		assert_null(vss_archive_open(fd, &err));
		assert_int_equal(err.code, i == 1 ? VSS_CORRUPT : VSS_INVALID);
	}
}

static void
a_newer_version_is_refused_as_such(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(0);
	size_t n, seek;
	unsigned char *p = bytes_of(fd, &n);
	struct vss_trailer_bytes *t;
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	seek = VSS_SKIP_HEAD + vss_get32(p + n - VSS_SEEK_FOOTER) * VSS_SEEK_RECORD + VSS_SEEK_FOOTER;
	t = (struct vss_trailer_bytes *)(p + n - seek - sizeof *t);
	vss_put32(t->version, 2);
	assert_ok(vss_digest_once(t->digest, t, offsetof(struct vss_trailer_bytes, digest), &err), err);
	assert_null(vss_archive_open(fd, &err));
	assert_int_equal(err.code, VSS_UNSUPPORTED);
	munmap(p, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_archive_is_whole),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(every_flipped_bit_of_an_increment_is_found),
		cmocka_unit_test(every_truncation_is_found),
		cmocka_unit_test(a_cut_at_a_frame_border_is_incomplete_until_the_manifest_is_there),
		cmocka_unit_test(swapped_frames_are_found),
		cmocka_unit_test(bytes_behind_the_end_are_found_and_do_not_keep_one_from_reading),
		cmocka_unit_test(a_lost_index_is_made_again_with_a_warning),
		cmocka_unit_test(what_is_not_an_archive_is_refused_as_such),
		cmocka_unit_test(a_newer_version_is_refused_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
