/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes: lines are read or refused; a line that was read is written and read back the same; a conversation survives them in any pieces. */
#include "base/mem.h"
#include "wire/conversation.h"
#include "wire/line.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
write_line(const struct vss_line *l, struct vss_buf *out)
{
	vss_line_begin(out, l->words[0]);
	for (size_t i = 1; i < l->nwords; i++)
		vss_line_add(out, l->words[i]);
	for (size_t i = 0; i < l->npairs; i++)
		vss_line_add_pair(out, l->pairs[i].key, l->pairs[i].value);
	vss_line_end(out);
}

static void
expect_same(const struct vss_line *a, const struct vss_line *b)
{
	if (a->nwords != b->nwords || a->npairs != b->npairs)
		abort();
	for (size_t i = 0; i < a->nwords; i++)
		if (strcmp(a->words[i], b->words[i]) != 0)
			abort();
	for (size_t i = 0; i < a->npairs; i++)
		if (strcmp(a->pairs[i].key, b->pairs[i].key) != 0 || strcmp(a->pairs[i].value, b->pairs[i].value) != 0)
			abort();
}

static void
read_and_write_back(const char *text, size_t n)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_line l = VSS_LINE_INIT, again = VSS_LINE_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_line_parse(text, n, &l, &err) == 0) {
		write_line(&l, &out);
		if (memchr(out.data, '\n', out.len) != out.data + out.len - 1 ||
			vss_line_parse(out.data, out.len - 1, &again, &err) != 0)
			abort();
		expect_same(&l, &again);
	}
	vss_line_clear(&l);
	vss_line_clear(&again);
}

/* The pieces are as long as their first byte says; the lines together are what was put in, up to the first breach. */
static void
converse(const unsigned char *data, size_t n)
{
	struct vss_conversation c;
	struct vss_err err = VSS_ERR_INIT;
	size_t got = 0;
	int pair[2], r = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	vss_conversation_init(&c, pair[0], pair[0]);
	for (size_t at = 0, piece; at < n && r >= 0; at += piece) {
		const char *line;
		size_t len;

		piece = (size_t)data[at] + 1 < n - at ? (size_t)data[at] + 1 : n - at;
		if (write(pair[1], data + at, piece) != (ssize_t)piece || vss_conversation_fill(&c, &err) != 0)
			abort();
		while ((r = vss_conversation_next(&c, &line, &len, &err)) == 1) {
			if (memcmp(line, data + got, len) != 0 || data[got + len] != '\n')
				abort();
			got += len + 1;
			read_and_write_back(line, len);
		}
	}
	vss_conversation_close(&c);
	close(pair[1]);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	read_and_write_back((const char *)data, n);
	converse(data, n);
	return 0;
}
