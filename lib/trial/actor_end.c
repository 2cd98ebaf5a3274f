/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial/trial_internal.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
close_errors(struct actor *a)
{
	if (a->w.errfd >= 0)
		close(a->w.errfd);
	a->w.errfd = -1;
}

void
actor_end(struct actor *a)
{
	if (a->started) {
		vss_conversation_close(&a->w.talk);
		vss_child_end(&a->w.child, 0);
		close_errors(a);
	}
	a->started = false;
	for (size_t i = 0; i < a->nsaid; i++)
		vss_line_clear(&a->said[i]);
	free(a->said);
	a->said = NULL;
	a->nsaid = a->csaid = 0;
	vss_strv_free(&a->texts);
	vss_line_clear(&a->answer);
	vss_buf_free(&a->complaint);
	free(a->scratch);
	a->scratch = NULL;
}

void
actor_hang_up(struct actor *a)
{
	vss_conversation_hang_up(&a->w.talk);
}

void
actor_stop_reading(struct actor *a)
{
	struct vss_conversation *talk = &a->w.talk;

	if (talk->in >= 0 && talk->in != talk->out) {
		close(talk->in);
		talk->in = -1;
	}
	close_errors(a);
}

void
actor_vanish(struct actor *a)
{
	vss_conversation_close(&a->w.talk);
	close_errors(a);
}

void
actor_signal(struct actor *a, int sig, bool group)
{
	/* Not reaped before actor_end(), so the number is still its own. */
	kill(group ? -a->w.child.pid : a->w.child.pid, sig);
}

/* Has it ended?  It is not reaped yet, so that its group can still be ended. */
static bool
has_ended(const struct actor *a, siginfo_t *info)
{
	memset(info, 0, sizeof *info);
	return waitid(P_PIDFD, (id_t)a->w.child.pidfd, info, WEXITED | WNOWAIT | WNOHANG) == 0 && info->si_pid != 0;
}

static int
judge_end(struct actor *a, const siginfo_t *info, int allowed, struct vss_err *err)
{
	const char *last = a->complaint.len > 0 ? a->complaint.data : "";

	if (info->si_code == CLD_EXITED || info->si_status == allowed)
		return 0;
	return vss_fail(err, VSS_INVALID, 0, "it was ended by signal %d (%s)%s%.200s", info->si_status,
		strsignal(info->si_status), *last ? ": " : "", last);
}

/* Lines that still come are read and dropped, and its errors, so that it never waits for us. */
static int
let_go(struct actor *a, int64_t deadline, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;
	struct pollfd p = { .fd = a->w.child.pidfd, .events = POLLIN };
	const char *text;
	size_t n;

	if (a->w.talk.in < 0 || a->w.talk.ended) {
		if (poll(&p, 1, vss_time_poll_ms(deadline)) < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "poll");
		return vss_check_interrupt(err);
	}
	if (actor_turn(a, deadline, err) != 0)
		return -1;
	while (vss_conversation_next(&a->w.talk, &text, &n, &ignored) == 1)
		vss_conversation_restart(&a->w.talk);
	return 0;
}

int
actor_gone(struct actor *a, int allowed, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + a->t->o->patience_ms * VSS_MS;
	siginfo_t info;

	while (!has_ended(a, &info)) {
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "it does not leave within %u ms", a->t->o->patience_ms);
		if (let_go(a, deadline, err) != 0)
			return -1;
	}
	return judge_end(a, &info, allowed, err);
}

static bool
is_hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

int
actor_released(struct actor *a, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + a->t->o->patience_ms * VSS_MS;

	while (!a->w.talk.ended) {
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_INVALID, 0,
				"it has left, and something that it started holds its output open");
		if (actor_turn(a, deadline, err) != 0)
			return -1;
	}
	if (a->w.talk.out >= 0 && !is_hung_up(a->w.talk.out))
		return vss_fail(err, VSS_INVALID, 0, "it has left, and something that it started holds its input open");
	return 0;
}

int
trial_restart(struct trial *t, struct vss_err *err)
{
	struct actor a = ACTOR_INIT(t);
	int r = actor_start(&a, TRIAL_PLAIN, err);

	if (r == 0)
		r = actor_go(&a, VSS_EVENT_IDENTIFY, TRIAL_PLAIN, err);
	if (r == 0)
		r = trial_same_identity(&t->identity, &a.texts, err);
	if (r == 0)
		r = actor_ask(&a, VSS_EVENT_BYE, TRIAL_PLAIN, err);
	if (r == 0)
		r = actor_gone(&a, 0, err);
	actor_end(&a);
	return r == 0 ? 0 : vss_wrap(err, "the next start");
}
