/* SPDX-License-Identifier: BSD-2-Clause */
#include "script/history_internal.h"

#include "base/mem.h"
#include "script/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What 500 lines of the greatest length would have; a file beyond that is none of ours. */
#define LARGEST ((off_t)VSS_HISTORY_LINES * (VSS_SCRIPT_LINE_MAX + 1))

/* Lines from `from` on; no two of the same in a row. */
static void
add_lines(struct vss_strv *out, const struct vss_strv *lines, size_t from)
{
	for (size_t i = from; i < lines->n; i++)
		if (!out->n || strcmp(out->v[out->n - 1], lines->v[i]) != 0)
			vss_strv_add(out, lines->v[i]);
}

static int
read_lines(int fd, struct vss_strv *all, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_lines *l = vss_lines_new(fd, -1);
	int r;

	while ((r = vss_lines_next(l, &line, err)) > 0)
		if (line.len)
			vss_strv_add(all, line.data);
	vss_lines_free(l);
	return r;
}

int
vss_history_read(const char *path, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_size > LARGEST)
		return vss_fail(err, VSS_DENIED, 0, "%s: not a history of this user", path);
	if (read_lines(fd, &all, err) < 0)
		return vss_wrap(err, "%s", path);
	add_lines(out, &all, all.n > VSS_HISTORY_LINES ? all.n - VSS_HISTORY_LINES : 0);
	return 0;
}

static int
write_lines(int fd, const struct vss_strv *lines, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = lines->n > VSS_HISTORY_LINES ? lines->n - VSS_HISTORY_LINES : 0; i < lines->n; i++)
		vss_buf_fmt(&text, "%s\n", lines->v[i]);
	for (size_t at = 0; at < text.len;) {
		ssize_t n = write(fd, text.data + at, text.len - at);
		if (n < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "write");
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* In its place only when it is whole. */
static int
replace(const char *path, const struct vss_strv *lines, struct vss_err *err)
{
	VSS_AUTOFREE char *temporary = vss_strf("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : vss_fail(err, VSS_SYSTEM, errno, "make it anew");
	int r = write_lines(fd, lines, err);
	if (close(fd) < 0 && r == 0)
		r = vss_fail(err, VSS_SYSTEM, errno, "write");
	if (r == 0 && rename(temporary, path) < 0)
		r = vss_fail(err, VSS_SYSTEM, errno, "put in its place");
	if (r < 0)
		unlink(temporary);
	return r;
}

int
vss_history_append(const char *path, const struct vss_strv *lines, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv all = VSS_STRV_INIT;

	if (!lines->n)
		return 0;
	if (vss_history_read(path, &all, err) < 0 && err->code != VSS_INVALID)
		return -1;
	(void)vss_forgive(err); /* what is no text is not missed */
	add_lines(&all, lines, 0);
	return replace(path, &all, err) < 0 ? vss_wrap(err, "%s", path) : 0;
}
