/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a script: lines are read or refused, the same ones whatever the pieces they come in; words that were split are
 * split the same again from quotes; what was made safe against variables comes back; UTF-8 goes to UTF-16 and back.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY it aborts at a second word of two bytes; the seeds' have more.
 */
#include "base/mem.h"
#include "base/utf16.h"
#include "script/lines.h"
#include "script/words.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	TORN = 8,      /* bytes that come alone */
	LONGEST = 4096 /* what a pipe takes besides without being read */
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static bool
same(const struct vss_strv *a, const struct vss_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static void
quote_and_split_again(const struct vss_strv *words)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	VSS_AUTOSTRV struct vss_strv again = VSS_STRV_INIT;
	struct vss_err err = VSS_ERR_INIT;

	vss_buf_str(&line, " ");
	for (size_t i = 0; i < words->n; i++)
		vss_buf_fmt(&line, "\"%s\"\t", words->v[i]);
	expect(vss_words_split(line.data, &again, &err) == 0 && same(words, &again));
}

/* Each percent sign doubled. */
static void
make_safe(const struct vss_strv *words, struct vss_strv *out)
{
	for (size_t i = 0; i < words->n; i++) {
		struct vss_buf b = VSS_BUF_INIT;
		for (const char *p = words->v[i]; *p; p++)
			vss_buf_str(&b, *p == '%' ? "%%" : (const char[]){ *p, '\0' });
		vss_strv_take(out, vss_buf_take(&b));
	}
}

/* A name of an even length has a value that would be one again, any other has none. */
static const char *
value(void *ctx, const char *name)
{
	(void)ctx;
	return strlen(name) % 2 ? NULL : "%ab%";
}

static void
use_words(const char *line)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT, safe = VSS_STRV_INIT;
	const struct vss_variables v = { value, NULL, NULL };
	struct vss_err err = VSS_ERR_INIT;

	(void)vss_line_is_empty(line);
	if (vss_words_split(line, &words, &err) < 0) {
		expect(words.n == 0 && strchr(line, '"'));
		return;
	}
#ifdef VSS_FUZZ_CANARY
	expect(words.n < 2 || strlen(words.v[1]) != 2);
#endif
	quote_and_split_again(&words);
	make_safe(&words, &safe);
	expect(vss_words_expand(&safe, &v, &err) == 0 && same(&words, &safe));
	size_t n = words.n;
	(void)vss_words_expand(&words, &v, &err);
	expect(words.n == n);
}

static void
to_utf16_and_back(const char *line)
{
	VSS_AUTOBUF struct vss_buf there = VSS_BUF_INIT, back = VSS_BUF_INIT;

	vss_buf_str(&back, "");
	vss_utf16_encode(&there, line, strlen(line));
	expect(vss_utf16_decode(&back, there.data, there.len) == 0);
	expect(vss_utf8_valid(back.data, back.len));
	if (vss_utf8_valid(line, strlen(line)))
		expect(strcmp(back.data, line) == 0);
}

/* Every line, and how it ended. */
static void
read_lines(int fd, struct vss_strv *out)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_lines *l = vss_lines_new(fd, -1);
	int r;

	while ((r = vss_lines_next(l, &line, &err)) > 0) {
		expect(line.len == strlen(line.data) && line.len <= VSS_SCRIPT_LINE_MAX);
		vss_strv_add(out, line.data);
		expect(vss_lines_number(l) == out->n);
	}
	expect(vss_lines_number(l) == out->n + (r < 0));
	vss_strv_add(out, r < 0 ? err.text : "");
	vss_lines_free(l);
}

static void
read_from_file(const unsigned char *data, size_t n, struct vss_strv *out)
{
	int fd = memfd_create("script", MFD_CLOEXEC);

	expect(fd >= 0 && write(fd, data, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0);
	read_lines(fd, out);
	close(fd);
}

/* A pipe whose reads end where a write did: the first bytes one by one, where a mark could be torn apart. */
static void
read_in_pieces(const unsigned char *data, size_t n, struct vss_strv *out)
{
	int ends[2];

	expect(pipe2(ends, O_CLOEXEC | O_DIRECT) == 0);
	for (size_t at = 0, piece; at < n; at += piece) {
		piece = at < TORN ? 1 : n - at;
		expect(write(ends[1], data + at, piece) == (ssize_t)piece);
	}
	close(ends[1]);
	read_lines(ends[0], out);
	close(ends[0]);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT, pieces = VSS_STRV_INIT;

	if (n > LONGEST)
		return -1;
	read_from_file(data, n, &lines);
	read_in_pieces(data, n, &pieces);
	expect(same(&lines, &pieces));
	for (size_t i = 0; i + 1 < lines.n; i++) {
		use_words(lines.v[i]);
		to_utf16_and_back(lines.v[i]);
	}
	return 0;
}
