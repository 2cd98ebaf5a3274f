/* SPDX-License-Identifier: BSD-2-Clause */
#include "shell.h"

#include "base/mem.h"
#include "os/interrupt.h"
#include "script/lines.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

char *
shell_shown(const char *text)
{
	struct vss_buf shown = VSS_BUF_INIT;

	for (const char *p = text; *p;) {
		size_t plain = strcspn(p, "\\\t");
		vss_escape(&shown, p, plain);
		p += plain;
		if (*p)
			vss_buf_ch(&shown, *p++);
	}
	return vss_buf_take(&shown);
}

static void
echo(const char *line)
{
	VSS_AUTOFREE char *shown = shell_shown(line);
	vss_out("-> %s\n", shown);
	(void)vss_out_flush(); /* a command may take long; vss_finish() tells of its failure */
}

static void
echo_end(void)
{
	vss_out("->\n");
}

/* Where a script is, for what is said of it. */
struct place {
	const char *name;
	size_t line;
};

static int
told(const struct place *at, struct vss_err *err)
{
	return vss_wrap(err, "%s:%zu", at->name, at->line);
}

static int
run_line(struct shell *sh, const char *line, const struct place *at, struct vss_err *err)
{
	if (vss_check_interrupt(err) < 0)
		return told(at, err);
	echo(line);
	int rc = shell_line(sh, line, false, err);
	(void)vss_out_flush(); /* for who reads along */
	return rc < 0 ? told(at, err) : 0;
}

static int
read_all(struct vss_lines *in, struct place *at, struct vss_strv *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	int rc;

	while ((rc = vss_lines_next(in, &line, err)) == 1) {
		if (out->n == VSS_SCRIPT_LINES_MAX)
			return vss_fail(err, VSS_INVALID, 0, "%s: more than %u lines", at->name, VSS_SCRIPT_LINES_MAX);
		vss_strv_add(out, line.len ? line.data : "");
	}
	at->line = vss_lines_number(in);
	return rc < 0 ? told(at, err) : 0;
}

/* A fault in its last line is told before the first one has done anything. */
static int
check_all(struct shell *sh, const struct vss_strv *lines, struct place *at, struct vss_err *err)
{
	for (size_t i = 0; i < lines->n; i++) {
		at->line = i + 1;
		if (shell_line(sh, lines->v[i], true, err) < 0)
			return told(at, err);
	}
	return 0;
}

static int
run_file(struct shell *sh, struct vss_lines *in, struct place *at, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv lines = VSS_STRV_INIT;

	if (read_all(in, at, &lines, err) < 0 || check_all(sh, &lines, at, err) < 0)
		return -1;
	for (size_t i = 0; i < lines.n && !sh->leaving; i++) {
		at->line = i + 1;
		if (run_line(sh, lines.v[i], at, err) < 0)
			return -1;
	}
	return 0;
}

static int
run_stream(struct shell *sh, struct vss_lines *in, struct place *at, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	int rc = 1;

	while (!sh->leaving && (rc = vss_lines_next(in, &line, err)) == 1) {
		at->line = vss_lines_number(in);
		if (run_line(sh, line.len ? line.data : "", at, err) < 0)
			return -1;
	}
	at->line = vss_lines_number(in);
	return rc < 0 ? told(at, err) : 0;
}

int
shell_script(struct shell *sh, int fd, const char *name, struct vss_err *err)
{
	struct place at = { name, 0 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", name);
	if (S_ISDIR(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: is a directory", name);
	struct vss_lines *in = vss_lines_new(fd, vss_interrupt_fd());
	int rc = S_ISREG(st.st_mode) ? run_file(sh, in, &at, err) : run_stream(sh, in, &at, err);
	vss_lines_free(in);
	if (rc == 0 && !sh->leaving)
		echo_end();
	return rc;
}
