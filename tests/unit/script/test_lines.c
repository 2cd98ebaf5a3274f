/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/lines.h"

#include "base/mem.h"
#include "lib/cm.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT(s) s, sizeof s - 1

static int
file_of(const void *p, size_t n)
{
	int fd = memfd_create("script", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Each line in [], then how it ended: "." or the failure. */
static void
read_all(int fd, struct vss_buf *out)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_lines *l = vss_lines_new(fd, -1);
	size_t n = 0;
	int r;

	while ((r = vss_lines_next(l, &line, &err)) > 0) {
		vss_buf_fmt(out, "[%s]", line.data);
		assert_int_equal(vss_lines_number(l), ++n);
	}
	if (r < 0)
		vss_buf_fmt(out, "%zu: %s", vss_lines_number(l), err.text);
	else
		vss_buf_ch(out, '.');
	/* What failed, or ended, stays so. */
	assert_int_equal(vss_lines_next(l, &line, &err), r);
	vss_lines_free(l);
}

static void
expect(const char *p, size_t n, const char *lines)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	int fd = file_of(p, n);

	read_all(fd, &out);
	assert_string_equal(out.data, lines);
	close(fd);
}

static void
ends_may_be_lf_or_crlf_and_the_last_may_be_missing(void **state)
{
	(void)state;
	expect(TEXT(""), ".");
	expect(TEXT("\n"), "[].");
	expect(TEXT("a"), "[a].");
	expect(TEXT("a\n"), "[a].");
	expect(TEXT("a\nb"), "[a][b].");
	expect(TEXT("a\r\nb\r\n"), "[a][b].");
	expect(TEXT("a\r\nb\r"), "[a][b].");
	expect(TEXT("\n\r\n x \n"), "[][][ x ].");
	expect(TEXT("a\rb\r\r\n"), "[a\rb\r].");
}

static void
utf8_and_bytes_come_as_they_are_without_the_mark(void **state)
{
	(void)state;
	expect(TEXT("\xEF\xBB\xBF"
		    "a\n\xC3\xA4"),
		"[a][\xC3\xA4].");
	expect(TEXT("\xEF\xBB\xBF"), ".");
	expect(TEXT("\xEF\xBB"), "[\xEF\xBB].");
	expect(TEXT("\xE4\xFF\n"), "[\xE4\xFF].");
	expect(TEXT("\xFF"), "[\xFF].");
	expect(TEXT("\xFFz"), "[\xFFz].");
	expect(TEXT("a\n\xEF\xBB\xBF"
		    "b"),
		"[a][\xEF\xBB\xBF"
		"b].");
}

static void
utf16_with_its_mark_becomes_utf8(void **state)
{
	(void)state;
	expect(TEXT("\xFF\xFE"), ".");
	expect(TEXT("\xFF\xFE"
		    "a\0\r\0\n\0\xE4\0"),
		"[a][\xC3\xA4].");
	expect(TEXT("\xFF\xFE"
		    "a\0\n\0"),
		"[a].");
	expect(TEXT("\xFF\xFE\n\0\r\0\n\0"), "[][].");
	/* U+0A0A and U+0A00 end no line, and neither does a newline across two units. */
	expect(TEXT("\xFF\xFE\x0A\x0A\0\x0A\n\0"), "[\xE0\xA8\x8A\xE0\xA8\x80].");
	expect(TEXT("\xFF\xFE\x3D\xD8\0\xDE"), "[\xF0\x9F\x98\x80].");
}

static void
what_is_broken_is_refused_where_it_stands(void **state)
{
	(void)state;
	expect(TEXT("a\nb\0c\n"), "[a]2: a NUL byte stands in the line: is it UTF-16 without a mark, or no text?");
	expect(TEXT("s\0e\0t\0"), "1: a NUL byte stands in the line: is it UTF-16 without a mark, or no text?");
	expect(TEXT("\xFF\xFE"
		    "a\0\n\0\0\0"),
		"[a]2: a NUL byte stands in the line");
	expect(TEXT("\xFF\xFE"
		    "a\0\n\0b\0\0\xDC"),
		"[a]2: broken UTF-16");
	expect(TEXT("\xFF\xFE"
		    "a\0\n\0b"),
		"[a]2: broken UTF-16");
	expect(TEXT("\xFE\xFF\0a"), "1: UTF-16 with the high byte first: save it as UTF-8 or UTF-16LE");
}

/* A line of `units` characters behind a short one, in bytes or in UTF-16; `ended`: with CRLF. */
static void
expect_length(size_t units, bool wide, bool ended, bool fits)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT, out = VSS_BUF_INIT;

	vss_buf_add(&text, "\xFF\xFE", wide ? 2 : 0);
	vss_buf_add(&text, "a\0\n", 1 + wide);
	vss_buf_add(&text, "\n\0", 1 + wide);
	for (size_t i = 0; i < units; i++)
		vss_buf_add(&text, "x\0", 1 + wide);
	for (const char *p = ended ? "\r\nb" : ""; *p; p++) {
		vss_buf_ch(&text, *p);
		vss_buf_add(&text, "", wide);
	}
	int fd = file_of(text.data, text.len);
	read_all(fd, &out);
	close(fd);
	if (!fits)
		assert_string_equal(out.data, "[a]2: the line is longer than 65536 bytes");
	else
		assert_int_equal(out.len, 3 + units + 2 + (ended ? 3 : 0) + 1);
}

static void
a_line_has_a_longest_length_however_it_is_written(void **state)
{
	static const size_t much = 1u << 20;

	(void)state;
	for (int wide = 0; wide < 2; wide++)
		for (int ended = 0; ended < 2; ended++) {
			expect_length(VSS_SCRIPT_LINE_MAX, wide, ended, true);
			expect_length(VSS_SCRIPT_LINE_MAX + 1, wide, ended, false);
			expect_length(much, wide, ended, false);
		}
	/* Its length is that of the UTF-8. */
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	vss_buf_add(&text, "\xFF\xFE", 2);
	for (size_t i = 0; i <= VSS_SCRIPT_LINE_MAX / 2; i++)
		vss_buf_add(&text, "\xE4\0", 2);
	expect(text.data, text.len, "1: the line is longer than 65536 bytes");
}

static void
say(int fd, const char *p, size_t n)
{
	assert_int_equal(write(fd, p, n), n);
}

static void
a_pipe_gets_each_line_as_it_comes(void **state)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	struct vss_lines *l = vss_lines_new(fds[0], -1);
	say(fds[1], TEXT("one\ntw"));
	assert_int_equal(vss_lines_next(l, &line, &err), 1);
	assert_string_equal(line.data, "one");
	say(fds[1], TEXT("o\n"));
	assert_int_equal(vss_lines_next(l, &line, &err), 1);
	assert_string_equal(line.data, "two");
	say(fds[1], TEXT("end"));
	close(fds[1]);
	assert_int_equal(vss_lines_next(l, &line, &err), 1);
	assert_string_equal(line.data, "end");
	assert_int_equal(vss_lines_next(l, &line, &err), 0);
	assert_int_equal(vss_lines_number(l), 3);
	vss_lines_free(l);
	close(fds[0]);
}

static void
a_wish_to_stop_ends_the_waiting_and_loses_nothing(void **state)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	int fds[2], stop[2];
	char c;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
	struct vss_lines *l = vss_lines_new(fds[0], stop[0]);
	say(fds[1], TEXT("one\ntw"));
	assert_int_equal(vss_lines_next(l, &line, &err), 1);
	say(stop[1], "!", 1);
	assert_int_equal(vss_lines_next(l, &line, &err), -1);
	assert_int_equal(err.code, VSS_INTERRUPTED);
	assert_int_equal(read(stop[0], &c, 1), 1);
	say(fds[1], TEXT("o\n"));
	assert_int_equal(vss_lines_next(l, &line, &err), 1);
	assert_string_equal(line.data, "two");
	vss_lines_free(l);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(stop[i]);
	}
}

static void
a_descriptor_that_cannot_be_read_says_so(void **state)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	int fd = open("/", O_RDONLY | O_CLOEXEC);
	struct vss_lines *l = vss_lines_new(fd, -1);

	(void)state;
	assert_int_equal(vss_lines_next(l, &line, &err), -1);
	assert_int_equal(err.code, VSS_SYSTEM);
	vss_lines_free(l);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_may_be_lf_or_crlf_and_the_last_may_be_missing),
		cmocka_unit_test(utf8_and_bytes_come_as_they_are_without_the_mark),
		cmocka_unit_test(utf16_with_its_mark_becomes_utf8),
		cmocka_unit_test(what_is_broken_is_refused_where_it_stands),
		cmocka_unit_test(a_line_has_a_longest_length_however_it_is_written),
		cmocka_unit_test(a_pipe_gets_each_line_as_it_comes),
		cmocka_unit_test(a_wish_to_stop_ends_the_waiting_and_loses_nothing),
		cmocka_unit_test(a_descriptor_that_cannot_be_read_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
