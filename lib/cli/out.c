/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/out.h"

#include "base/buf.h"
#include "cli/cli_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* The first reason is kept: later calls on a stream that has failed give other ones, or none. */
static int failure;

static void
note_failure(void)
{
	if (!failure)
		failure = errno ? errno : EIO;
}

void
vss_out_guard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void (*tee_to)(void *ctx, const char *p, size_t n);
static void *tee_ctx;

void
vss_out_tee(void (*to)(void *ctx, const char *p, size_t n), void *ctx)
{
	tee_to = to;
	tee_ctx = ctx;
}

void
vss_out_to_tee(const char *p, size_t n)
{
	if (tee_to)
		tee_to(tee_ctx, p, n);
}

void
vss_out(const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	vss_out_to_tee(text.data, text.len);
	if (fwrite(text.data, 1, text.len, stdout) != text.len)
		note_failure();
}

char *
vss_out_name(const char *name)
{
	return vss_escaped(name ? name : "");
}

/* A file system may tell of a failed write at close(2) only; a second descriptor learns it and leaves stdout open. */
int
vss_out_flush(void)
{
	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		note_failure();
	int fd = dup(STDOUT_FILENO);
	if (fd >= 0 && close(fd))
		note_failure();
	return failure;
}

static int
to_stdout(void *ctx, const char *p, size_t n, struct vss_err *err)
{
	(void)ctx;
	if (fwrite(p, 1, n, stdout) == n)
		return 0;
	note_failure();
	return vss_fail(err, VSS_SYSTEM, failure, "standard output");
}

struct vss_jw *
vss_out_json(void)
{
	static struct vss_jw writer;
	vss_jw_init_sink(&writer, to_stdout, NULL, isatty(STDOUT_FILENO) == 1);
	return &writer;
}

void
vss_out_json_end(struct vss_jw *w)
{
	struct vss_err told = VSS_ERR_INIT; /* `failure` has it, and vss_finish() tells */
	(void)vss_jw_finish(w, &told);
}
