/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/page.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/*
 * A freezer for trials: speaks as the real one does (freeze/page.h), holds nothing, and needs no privilege.  What it is asked it
 * writes to $VSS_FAKE_FREEZER_LOG, a word a line.  $VSS_FAKE_FREEZER:
 *
 *	start     it ends before it is ready
 *	busy      somebody else has frozen the first file system
 *	silent    the question to hold is never answered
 *	die       it dies as soon as all is held
 *	broken    somebody else thaws what is held, as soon as it is
 *	over      all is let go as soon as it is held, because the time is over
 *	cue       the same when somebody opens $VSS_FAKE_FREEZER_CUE, a FIFO, for writing
 *	restless  the processes do not come to rest
 */
static const char *
fault(void)
{
	const char *given = getenv("VSS_FAKE_FREEZER");
	return given ? given : "";
}

static bool
is_told_to(const char *word)
{
	return strcmp(fault(), word) == 0;
}

static void
note(const char *word)
{
	const char *path = getenv("VSS_FAKE_FREEZER_LOG");
	FILE *f = path ? fopen(path, "ae") : NULL;

	if (!f)
		return;
	fprintf(f, "%s\n", word);
	fclose(f);
}

/* Somebody whom the coordinator can watch; it goes with us. */
static pid_t
start_sentinel(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void
set_phase(struct vss_hold_page *p, enum vss_hold_phase phase)
{
	for (size_t i = 0; i < p->nfs; i++) {
		if (phase == VSS_HOLD_HELD)
			atomic_store(&p->fs[i].held_ns, vss_hold_now());
		else if (atomic_load(&p->fs[i].phase) == VSS_HOLD_HELD)
			atomic_store(&p->fs[i].thawed_ns, vss_hold_now());
		atomic_store(&p->fs[i].phase, phase);
	}
}

static void
answer(struct vss_hold_page *p, unsigned heard, enum vss_hold_result result)
{
	atomic_store(&p->result, (int)result);
	atomic_store(&p->answered, heard);
	vss_hold_tell(p);
}

static void
end_early(struct vss_hold_page *p, enum vss_hold_end why)
{
	set_phase(p, VSS_HOLD_THAWED);
	vss_hold_break(p, why);
	atomic_store(&p->over, true);
	vss_hold_tell(p);
}

static void
wait_for_cue(void)
{
	const char *cue = getenv("VSS_FAKE_FREEZER_CUE");
	int fd = cue ? open(cue, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0)
		close(fd);
}

static void
hold(struct vss_hold_page *p, unsigned heard)
{
	note("hold");
	if (is_told_to("silent"))
		return;
	if (is_told_to("busy")) {
		atomic_store(&p->fs[0].error, EBUSY);
		atomic_store(&p->sys, EBUSY);
		atomic_store(&p->which, 0);
		answer(p, heard, VSS_HOLD_ERROR);
		return;
	}
	set_phase(p, VSS_HOLD_HELD);
	answer(p, heard, VSS_HOLD_DONE);
	if (is_told_to("die"))
		_exit(1);
	if (is_told_to("broken"))
		end_early(p, VSS_HOLD_BY_STRANGER);
	if (is_told_to("cue"))
		wait_for_cue();
	if (is_told_to("over") || is_told_to("cue"))
		end_early(p, VSS_HOLD_BY_CLOCK);
}

static void
release(struct vss_hold_page *p, unsigned heard)
{
	note("release");
	set_phase(p, VSS_HOLD_THAWED);
	answer(p, heard, atomic_load(&p->broken) ? VSS_HOLD_BROKEN : VSS_HOLD_DONE);
}

static void
stop_processes(struct vss_hold_page *p, unsigned heard)
{
	note("processes");
	atomic_store(&p->which, 0);
	answer(p, heard, is_told_to("restless") ? VSS_HOLD_TIMEOUT : VSS_HOLD_DONE);
}

/* False: it is over. */
static bool
obey(struct vss_hold_page *p, char command, unsigned heard)
{
	switch (command) {
	case VSS_HOLD_PROCESSES:
		stop_processes(p, heard);
		return true;
	case VSS_HOLD_VOLUMES:
		hold(p, heard);
		return true;
	case VSS_HOLD_RELEASE:
		release(p, heard);
		return true;
	default:
		note("quit");
		set_phase(p, VSS_HOLD_THAWED);
		return false;
	}
}

static void
serve(struct vss_hold_page *p)
{
	struct pollfd e[] = { { .fd = p->d.commands, .events = POLLIN }, { .fd = p->d.coordinator, .events = POLLIN } };
	char command;

	for (unsigned heard = 1; poll(e, 2, -1) > 0 && !e[1].revents && read(p->d.commands, &command, 1) == 1;)
		if (!obey(p, command, ++heard))
			return;
	note("orphaned");
}

int
main(int argc, char **argv)
{
	struct vss_hold_page *p = argc == 2 ? vss_hold_map(atoi(argv[1])) : NULL;

	if (!p || is_told_to("start"))
		return 1;
	note("start");
	pid_t sentinel = start_sentinel();
	atomic_store(&p->freezer, getpid());
	atomic_store(&p->sentinel, sentinel);
	answer(p, 1, VSS_HOLD_DONE);
	serve(p);
	vss_hold_forget(p);
	atomic_store(&p->ended, true);
	kill(sentinel, SIGKILL);
	return 0;
}
