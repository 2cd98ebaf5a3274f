/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/word_file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static int
read_all(int fd, struct vss_buf *out)
{
	char chunk[16 * 1024];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n == 0)
			return 0;
		if (n > 0)
			vss_buf_add(out, chunk, (size_t)n);
		else if (errno != EINTR)
			return -1;
	}
}

static void
split(const struct vss_buf *text, struct vss_strv *out)
{
	char end = text->len && memchr(text->data, '\0', text->len) ? '\0' : '\n';
	for (size_t at = 0; at < text->len;) {
		const char *word = text->data + at;
		const char *stop = memchr(word, end, text->len - at);
		size_t n = stop ? (size_t)(stop - word) : text->len - at;
		if (n)
			vss_strv_take(out, vss_strndup(word, n));
		at += n + 1;
	}
}

int
vss_front_word_file(const char *path, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	bool is_stdin = strcmp(path, "-") == 0;
	VSS_AUTOCLOSE int fd = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (!is_stdin && fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (read_all(is_stdin ? STDIN_FILENO : fd, &text))
		return vss_fail(err, VSS_SYSTEM, errno, "%s", is_stdin ? "standard input" : path);
	split(&text, out);
	return 0;
}
