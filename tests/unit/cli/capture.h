/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_CLI_CAPTURE_H
#define VSS_TESTS_CLI_CAPTURE_H

#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a test writes to descriptor `fd` goes to a file meanwhile. */
struct capture {
	int fd, saved;
	FILE *file;
};

static inline struct capture
capture_begin(int fd)
{
	struct capture c = { fd, dup(fd), tmpfile() };
	assert(c.saved >= 0 && c.file);
	if (fd == STDOUT_FILENO)
		fflush(stdout);
	assert(dup2(fileno(c.file), fd) == fd);
	return c;
}

/* The text that came; valid until the next call. */
static inline const char *
capture_end(struct capture *c)
{
	static char text[32 * 1024];
	if (c->fd == STDOUT_FILENO)
		fflush(stdout);
	assert(dup2(c->saved, c->fd) == c->fd);
	close(c->saved);
	rewind(c->file);
	size_t n = fread(text, 1, sizeof text - 1, c->file);
	text[n] = '\0';
	fclose(c->file);
	return text;
}

#endif
