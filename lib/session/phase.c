/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/time.h"
#include "os/interrupt.h"

#include <poll.h>

#define GRACE_MS 3000 /* a provider that was told to stop gets this long to come back, unless it names more */

static enum vss_wait
wait_without_writers(int fd, int64_t deadline)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = vss_interrupt_fd(), .events = POLLIN } };

	for (;;) {
		if (poll(p, 2, vss_time_poll_ms(deadline)) > 0) {
			if (p[0].revents)
				return VSS_WAIT_FD;
			if (vss_interrupted())
				return VSS_WAIT_INTERRUPT;
		}
		if (vss_now_mono() >= deadline)
			return VSS_WAIT_DEADLINE;
	}
}

enum vss_wait
session_wait(struct vss_session *s, int fd, int64_t deadline, struct vss_writer **who)
{
	return s->writers ? vss_writers_wait(s->writers, fd, deadline, who) : wait_without_writers(fd, deadline);
}

static int
too_late(const struct vss_session *s, enum phase phase, struct vss_err *err)
{
	enum vss_code code = s->hold.holds	    ? VSS_E_HOLD_WRITES_TIMEOUT
			     : phase == PHASE_FLUSH ? VSS_E_FLUSH_WRITES_TIMEOUT
						    : VSS_TIMEOUT;
	const char *name = vss_code_name(code);

	return vss_fail(err, code, 0, "%s: %s did not end in time%s%s%s%s", making_culprit(s->making, phase),
		phase_word(phase), s->hold.holds ? " while writes were held" : "", name ? " (" : "", name ? name : "",
		name ? ")" : "");
}

/* A writer's window is a clock of its own: when it has run out nobody vetoed, the copies took too long. */
int
session_lost_freeze(const struct vss_writer *w, const char *culprit, const char *what, struct vss_err *err)
{
	bool outlived = w->error == VSS_E_WRITERERROR_TIMEOUT && !w->vetoed;
	struct vss_err why = VSS_ERR_INIT;

	session_blame(w, VSS_EVENT_FREEZE, VSS_GRADE, &why);
	return vss_fail(err, outlived ? VSS_TIMEOUT : VSS_GRADE, 0, "%s, while %s was at %s", why.text, culprit, what);
}

/* One phase, while this thread does nothing but watch the clocks.  After a failure the worker may still be at it. */
int
session_run_phase(struct vss_session *s, enum phase phase, int64_t deadline, struct vss_err *err)
{
	struct making *m = s->making;
	struct vss_writer *who = NULL;
	int fd = s->hold.holds ? s->hold.epfd : m->eventfd;

	making_ask(m, phase);
	for (;;) {
		switch (session_wait(s, fd, deadline, &who)) {
		case VSS_WAIT_FD:
			if (!making_is_busy(m))
				return making_result(m, err);
			if (session_hold_check(s, phase, err) < 0)
				return -1;
			break;
		case VSS_WAIT_DEADLINE:
			return too_late(s, phase, err);
		case VSS_WAIT_WRITER:
			return session_lost_freeze(who, making_culprit(m, phase), phase_word(phase), err);
		case VSS_WAIT_INTERRUPT:
			return vss_fail(err, VSS_INTERRUPTED, 0, "interrupted");
		}
	}
}

/* A provider whose single steps take longer is waited for longer: by now nothing is held. */
static int
grace_ms(const struct making *m)
{
	int longest = GRACE_MS;

	for (size_t i = 0; i < m->nproviders; i++)
		if (m->providers[i]->provider->grace_ms > longest)
			longest = m->providers[i]->provider->grace_ms;
	return longest;
}

/*
 * Wait for the worker for a while, whatever happens; true: it is idle.  Writers that did not thaw are being
 * ended meanwhile.
 */
static bool
wait_for_worker(struct vss_session *s)
{
	struct making *m = s->making;
	int64_t deadline = vss_now_mono() + grace_ms(m) * VSS_MS;
	struct pollfd p = { .fd = m->eventfd, .events = POLLIN };
	struct vss_writer *who;

	while (making_is_busy(m) && vss_now_mono() < deadline) {
		if (!s->writers || vss_writers_wait(s->writers, m->eventfd, deadline, &who) == VSS_WAIT_INTERRUPT)
			poll(&p, 1, vss_time_poll_ms(deadline));
	}
	return !making_is_busy(m);
}

/* The worker owns what it works on: left alone it undoes its work and goes. */
static void
leave_worker(struct vss_session *s)
{
	if (making_abandon(s->making)) {
		vss_warn(
			"a provider does not come back: what it has begun is removed when it does, or by the next run");
		s->making = NULL;
	}
}

void
session_abort_providers(struct vss_session *s)
{
	struct making *m = s->making;
	struct vss_err err = VSS_ERR_INIT;

	if (!m->started)
		return;
	/* A dead writer is not waited for any more: its broken freeze is known. */
	for (size_t i = 0; i < s->nparts; i++)
		if (!s->parts[i].writer->alive)
			s->parts[i].writer->taking_part = false;
	for (size_t i = 0; i < m->nproviders; i++)
		atomic_store(&m->providers[i]->cancelled, true);
	bool idle = wait_for_worker(s);
	if (idle) {
		(void)making_result(m, &err); /* of the phase that was left: it is known to have failed */
		making_ask(m, PHASE_ABORT);
		idle = wait_for_worker(s);
	}
	if (!idle)
		leave_worker(s);
	else if (making_result(m, &err) < 0)
		vss_warn("%s", err.text);
}
