/* SPDX-License-Identifier: BSD-2-Clause */
#include "verbs.h"

#include "base/mem.h"
#include "front/command.h"
#include "front/word.h"
#include "os/trust.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Here the kernel says no more than EACCES, or something that a script's interpreter would be blamed for. */
static int
check_file(const char *path, struct vss_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: is a directory", path);
	if (!S_ISREG(st.st_mode))
		return vss_fail(err, VSS_INVALID, 0, "%s: is no file", path);
	if (access(path, X_OK) < 0)
		return vss_fail(err, VSS_DENIED, 0, "%s: is not executable", path);
	return 0;
}

/* A bare name means the file in the working directory, as scripts expect, but no file that a stranger has put there. */
static char *
program_of(const char *word, struct vss_err *err)
{
	struct stat st;

	if (!*word || vss_front_no_drive(word, err) < 0)
		return *word ? NULL : (vss_fail(err, VSS_USAGE, 0, "'': is no name of a program"), NULL);
	if (strchr(word, '/'))
		return check_file(word, err) < 0 ? NULL : vss_strdup(word);
	if (stat(word, &st) < 0 || !S_ISREG(st.st_mode))
		return vss_strdup(word);
	VSS_AUTOFREE char *path = shell_path(word, err);
	if (!path)
		return NULL;
	if (vss_check_trust(path, err) < 0) {
		vss_wrap(err, "'%s' is not run from here, it could be another user's", word);
		return NULL;
	}
	if (check_file(path, err) < 0)
		return NULL;
	return vss_take(&path);
}

static int
run(const struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT, env = VSS_STRV_INIT;
	char *program = program_of(args->v[0], err);

	if (!program)
		return -1;
	vss_strv_take(&words, program);
	for (size_t i = 1; i < args->n; i++)
		vss_strv_add(&words, args->v[i]);
	shell_environment(sh, &env);
	(void)vss_out_flush(); /* its failure is kept; what the program prints comes behind what is said */
	struct vss_front_command c = { &words, &env, sh->takes_stdin ? -1 : STDIN_FILENO, STDOUT_FILENO };
	return vss_front_run(&c, err);
}

/* What failed to copy the set has made no backup, whoever types END BACKUP then (T2). */
int
verb_exec(struct shell *sh, const struct vss_strv *args, struct vss_err *err)
{
	int rc = run(sh, args, err);

	sh->exec_failed = sh->job && rc < 0;
	return rc;
}
