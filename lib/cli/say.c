/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli_internal.h"

#include "base/log.h"
#include "base/path.h"
#include "cli/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "vss";

void
vss_program_set(const char *argv0, const char *fallback)
{
	const char *base = argv0 && *argv0 ? vss_path_base(argv0) : fallback;
	program = vss_str_starts(base, "vss-") && base[4] ? base + 4 : base;
}

const char *
vss_program(void)
{
	return program;
}

void
vss_say_clean(struct vss_buf *out, const char *text)
{
	while (*text) {
		size_t run = strcspn(text, "\\");
		vss_escape(out, text, run);
		text += run;
		for (; *text == '\\'; text++)
			vss_buf_ch(out, '\\');
	}
}

char *
vss_out_sentence(const char *text)
{
	struct vss_buf clean = VSS_BUF_INIT;

	vss_say_clean(&clean, text);
	return vss_buf_take(&clean);
}

/* One write a line, so that lines of several processes on one terminal do not mix.  Where stderr is gone nobody can
 * be told. */
static void
say(const char *text)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	vss_buf_fmt(&line, "%s: ", program);
	vss_say_clean(&line, text);
	vss_buf_ch(&line, '\n');
	vss_progress_hide();
	(void)vss_out_flush();
	vss_out_to_tee(line.data, line.len);
	(void)!write(STDERR_FILENO, line.data, line.len);
}

void
vss_say(const char *fmt, ...)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	vss_buf_vfmt(&text, fmt, ap);
	va_end(ap);
	say(text.data);
}

static enum vss_log_level loudest;

static void
sink(void *ctx, enum vss_log_level level, const char *text)
{
	(void)ctx;
	if (level <= loudest)
		say(text);
}

void
vss_say_log(bool quiet, int verbose)
{
	loudest = verbose > 1 ? VSS_LOG_DEBUG : verbose == 1 ? VSS_LOG_INFO : quiet ? VSS_LOG_ERROR : VSS_LOG_WARN;
	vss_log_set_sink(sink, NULL);
}

void
vss_say_failure(const struct vss_err *err)
{
	const char *name = vss_code_name(err->code);

	if (name && !strstr(err->text, name))
		vss_say("%s (%s)", err->text, name);
	else
		vss_say("%s", err->text);
}

int
vss_finish(const struct vss_err *err)
{
	vss_progress_hide();
	int failed = vss_out_flush();
	if (failed)
		vss_say("standard output: %s", strerror(failed));
	if (err->code == VSS_OK)
		return failed ? 1 : 0;
	vss_say_failure(err);
	return vss_code_status(err->code);
}
