/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t caught, by_terminal;
static int event = -1;

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	(void)context;
	/* Who wants us gone is not overruled by a key that means one command. */
	if (!caught || caught == SIGINT)
		caught = sig;
	/* A key is for all that run in the foreground; that the terminal is gone is told to the session's leader alone. */
	by_terminal = info->si_code == SI_KERNEL && sig == SIGINT;
	if (write(event, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0) {
		/* The counter is full: it is readable already. */
	}
	errno = saved;
}

/* `ignored_stays`: what nohup or a shell's `&` switched off before us remains off. */
static int
catch_signal(int sig, bool ignored_stays)
{
	struct sigaction old, new = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	if (sigaction(sig, NULL, &old) < 0)
		return -1;
	if (ignored_stays && old.sa_handler == SIG_IGN)
		return 0;
	/* Without SA_RESTART: a read from a stalled pipe ends with EINTR. */
	sigemptyset(&new.sa_mask);
	return sigaction(sig, &new, NULL);
}

int
vss_interrupt_catch(struct vss_err *err)
{
	if (event >= 0)
		return 0;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "eventfd");
	if (catch_signal(SIGINT, true) < 0 || catch_signal(SIGHUP, true) < 0 || catch_signal(SIGTERM, false) < 0 ||
		signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return vss_fail(err, VSS_SYSTEM, errno, "catch signals");
	/* A parent that ignores SIGCHLD would take the statuses of our children away. */
	signal(SIGCHLD, SIG_DFL);
	return 0;
}

bool
vss_interrupted(void)
{
	return caught != 0;
}

bool
vss_interrupt_by_terminal(void)
{
	return caught && by_terminal;
}

int
vss_interrupt_signal(void)
{
	return caught;
}

int
vss_interrupt_fd(void)
{
	return event;
}

int
vss_check_interrupt(struct vss_err *err)
{
	if (!caught)
		return 0;
	return vss_fail(err, VSS_INTERRUPTED, 0, "interrupted");
}

void
vss_interrupt_clear(void)
{
	uint64_t n;
	caught = 0;
	if (event >= 0 && read(event, &n, sizeof n) < 0) {
		/* EAGAIN: there was nothing to forget. */
	}
}
