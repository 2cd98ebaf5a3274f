/* SPDX-License-Identifier: BSD-2-Clause */
#include "command_line.h"
#include "log.h"
#include "shell.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void
banner(void)
{
	char host[256] = "", when[40];

	(void)gethostname(host, sizeof host - 1);
	vss_time_local(vss_now_wall(), when);
	vss_out("vss-tools diskshadow version %s\n", VSS_VERSION);
	vss_out("Copyright (C) 2026 The vss-tools authors\n");
	vss_out("On computer:  %s,  %s\n\n", host, when);
}

static int
run(struct shell *sh, const char *script, struct vss_err *err)
{
	int fd = script ? open(script, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", script);
	banner();
	sh->interactive = !script && isatty(fd) == 1;
	sh->takes_stdin = !script && !sh->interactive; /* a terminal is read key by key */
	int rc = sh->interactive ? shell_interact(sh, err)
				 : shell_script(sh, fd, script ? script : "standard input", err);
	if (script)
		close(fd);
	return rc;
}

/* What the shell holds ends with it, however it came to its end. */
static void
leave(struct shell *sh)
{
	bool backup = sh->backup;

	shell_farewell(sh);
	shell_reset(sh);
	if (backup)
		vss_out("DiskShadow is exiting.\n");
}

/* The reason of a failure comes before what follows from it.  Only then is stdout through. */
static int
finish(struct shell *sh, const struct vss_err *err)
{
	int status = vss_finish(err);

	leave(sh);
	return status ? status : vss_finish(&(struct vss_err)VSS_ERR_INIT);
}

static int
finish_log(struct shell_log *log, int status)
{
	struct vss_err err = VSS_ERR_INIT;

	if (shell_log_close(log, &err) == 0)
		return status;
	int unlogged = vss_finish(&err);
	return status ? status : unlogged;
}

int
main(int argc, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct command_line line;
	struct shell sh = { 0 };
	int status;

	if (command_line_read(&line, argc, argv, &status))
		return status;
	sh.parameters = line.args.operands;
	if (!line.log || (sh.log = shell_log_open(line.log, &err)))
		(void)run(&sh, line.script, &err);
	status = finish_log(sh.log, finish(&sh, &err));
	command_line_free(&line);
	return status;
}
