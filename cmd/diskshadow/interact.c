/* SPDX-License-Identifier: BSD-2-Clause */
#include "complete.h"
#include "log.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "copies/copies.h"
#include "os/dirs.h"
#include "os/interrupt.h"
#include "script/edit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Root by way of sudo or su may have the home of somebody else, where nothing of root's is to lie, nor to be turned aside. */
static bool
is_ours(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && st.st_uid == geteuid();
}

/* Where the user keeps what programs remember; NULL: nowhere. */
static char *
state_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		return is_ours(state) || access(state, F_OK) < 0 ? vss_path_join(state, "vss") : NULL;
	return home && *home == '/' && is_ours(home) ? vss_path_join(home, ".local/state/vss") : NULL;
}

static char *
history_path(void)
{
	VSS_AUTOFREE char *dir = state_dir();
	struct vss_err err = VSS_ERR_INIT;

	if (!dir)
		return NULL;
	if (vss_make_dirs(dir, &err) < 0) {
		vss_warn("history: %s", err.text);
		return NULL;
	}
	return vss_path_join(dir, "diskshadow_history");
}

/* Keys can be bound to whole commands. */
static char *
editrc_path(void)
{
	const char *home = getenv("HOME");

	return home && *home == '/' && is_ours(home) ? vss_path_join(home, ".editrc") : NULL;
}

static const char *
prompt(const struct shell *sh)
{
	if (sh->restore)
		return "DISKSHADOW[restore]> ";
	if (sh->backup && !sh->completed)
		return "DISKSHADOW[backup]> ";
	return sh->job ? "DISKSHADOW[created]> " : "DISKSHADOW> ";
}

/* Copies that go with this shell and are still there: some may have been deleted since. */
static size_t
volatile_copies(const struct shell *sh)
{
	struct vss_set_list sets = { 0 };
	struct vss_err err = VSS_ERR_INIT;
	size_t n = 0;

	if (!sh->job || vss_job_set(sh->job)->context & VSS_ATTR_NO_AUTO_RELEASE)
		return 0;
	vss_log_mute(true);
	if (vss_copies_list(&sets, &err) < 0)
		n = vss_job_set(sh->job)->nshadows;
	vss_log_mute(false);
	for (size_t i = 0; i < sets.n; i++)
		if (vss_uuid_eq(&sets.v[i]->id, shell_own_set(sh)))
			n = sets.v[i]->nshadows;
	vss_set_list_free(&sets);
	return n;
}

/* May it leave?  The first time that volatile copies are in the way it is told, and stays. */
static bool
may_leave(const struct shell *sh, bool warned)
{
	size_t n = warned ? 0 : volatile_copies(sh);

	if (n)
		vss_out("%zu volatile shadow cop%s with this shell: EXIT again leaves.\n", n,
			n == 1 ? "y goes" : "ies go");
	return !n;
}

/* -1: a signal that does not mean this command alone. */
static int
check_signal(struct vss_err *err)
{
	int signal = vss_interrupt_signal();

	if (signal && signal != SIGINT)
		return vss_check_interrupt(err);
	vss_interrupt_clear();
	return 0;
}

static int
run(struct shell *sh, const char *line, struct vss_err *err)
{
	struct vss_err failed = VSS_ERR_INIT;

	shell_log_typed(sh->log, prompt(sh), line);
	int rc = shell_line(sh, line, false, &failed);
	if (vss_interrupt_by_terminal())
		vss_out("\n"); /* the terminal has shown the key, and no more */
	if (rc < 0)
		vss_say_failure(&failed);
	return check_signal(err);
}

/* 1: a line; 0: the end of input; -1.  A line that is none is told, and another one read. */
static int
get_line(struct shell *sh, struct vss_edit *edit, struct vss_buf *line, struct vss_err *err)
{
	for (;;) {
		struct vss_err failed = VSS_ERR_INIT;
		int got = vss_edit_line(edit, prompt(sh), line, &failed);

		if (got >= 0)
			return got;
		if (failed.code != VSS_INTERRUPTED)
			vss_say_failure(&failed);
		if (check_signal(err) < 0)
			return -1;
	}
}

/* Up to EXIT, the end of input, or a terminal that takes no more, which vss_finish() tells. */
static int
converse(struct shell *sh, struct vss_edit *edit, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	bool warned = false;

	while (vss_out_flush() == 0) {
		int got = get_line(sh, edit, &line, err);
		if (got < 0 || (got && run(sh, line.data, err) < 0))
			return -1;
		if (got && !sh->leaving) {
			warned = false;
			continue;
		}
		if (may_leave(sh, warned))
			break;
		sh->leaving = false;
		warned = true;
	}
	return 0;
}

int
shell_interact(struct shell *sh, struct vss_err *err)
{
	VSS_AUTOFREE char *history = history_path();
	VSS_AUTOFREE char *editrc = editrc_path();
	struct shell_completion completion = { .sh = sh };
	const struct vss_edit_options options = {
		.program = "diskshadow",
		.editrc = editrc,
		.history = history,
		.stop_fd = vss_interrupt_fd(),
		.complete = shell_complete,
		.ctx = &completion,
	};
	struct vss_edit *edit = vss_edit_new(&options, err);

	if (!edit)
		return -1;
	int rc = converse(sh, edit, err);
	vss_edit_free(edit);
	shell_known_clear(&completion.known);
	return rc;
}
