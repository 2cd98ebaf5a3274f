/* SPDX-License-Identifier: BSD-2-Clause */
#include "freezer.h"

#include "base/stop.h"

#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define REST_MS 2000 /* for cgroups to come to rest */

enum job { JOB_NONE, JOB_PROCESSES, JOB_HOLD, JOB_RELEASE };

struct freezer {
	struct vss_hold_page *p;
	struct workers workers;
	int sentinel;	/* pidfd, or -1 as long as it is not known */
	unsigned heard; /* commands, the start counted */
	enum job job;
	size_t at;	 /* JOB_HOLD: the file system whose turn it is */
	int64_t rest_by; /* JOB_PROCESSES: monotonic */
	bool armed;	 /* the clocks run */
	bool leave;	 /* end the process once all is thawed */
	bool orphaned;	 /* the coordinator is dead */
	int result, sys; /* of the command, once all is undone */
	size_t which;
};

static void
answer(struct freezer *f)
{
	struct vss_hold_page *p = f->p;
	if (atomic_load(&p->broken) && f->result == VSS_HOLD_DONE)
		f->result = VSS_HOLD_BROKEN;
	atomic_store(&p->result, f->result);
	atomic_store(&p->sys, f->sys);
	atomic_store(&p->which, (int)f->which);
	/* One that came before another was done is answered with it. */
	atomic_store(&p->answered, f->heard);
	f->job = JOB_NONE;
	vss_hold_tell(p);
}

/* Everything is let go; the job ends when it has. */
static void
release(struct freezer *f)
{
	f->job = JOB_RELEASE;
	thaw_all(&f->workers);
}

static void
undo(struct freezer *f, int result, int sys, size_t which)
{
	f->result = result;
	f->sys = sys;
	f->which = which;
	release(f);
}

static void
break_off(struct freezer *f, enum vss_hold_end why)
{
	vss_hold_break(f->p, why);
	release(f);
}

/* Both clocks run before the first thing is held; that of the sentinel is set here too, so that it cannot miss it. */
static void
start_clock(struct freezer *f)
{
	const struct vss_hold_page *p = f->p;
	if (f->armed)
		return;
	f->armed = true;
	arm(p->d.timer, p->budget_ms, 0);
	arm(p->d.late, p->budget_ms + VSS_HOLD_LATE_MS, 0);
	vss_stop_point("freezer.armed");
}

/* --- processes --- */

static void
begin_processes(struct freezer *f)
{
	struct vss_hold_page *p = f->p;
	f->job = JOB_PROCESSES;
	f->rest_by = vss_hold_now() + REST_MS * 1000000LL;
	for (size_t i = 0; i < p->ncgroups; i++) {
		atomic_store(&p->cgroups[i].set, true);
		if (pwrite(p->cgroups[i].freeze, "1", 1, 0) != 1) {
			undo(f, VSS_HOLD_ERROR, errno, i);
			return;
		}
	}
}

static bool
is_at_rest(const struct vss_hold_cgroup *c)
{
	static const char wanted[] = "frozen 1";
	char text[128];
	ssize_t n = pread(c->events, text, sizeof text, 0);
	for (ssize_t i = 0; i + (ssize_t)sizeof wanted - 1 <= n; i++) {
		size_t k = 0;
		while (wanted[k] && text[i + (ssize_t)k] == wanted[k])
			k++;
		if (!wanted[k])
			return true;
	}
	return false;
}

static void
step_processes(struct freezer *f)
{
	const struct vss_hold_page *p = f->p;
	size_t i = 0;
	while (i < p->ncgroups && is_at_rest(&p->cgroups[i]))
		i++;
	if (i == p->ncgroups) {
		vss_stop_point("freezer.processes");
		answer(f);
	} else if (vss_hold_now() > f->rest_by) {
		undo(f, VSS_HOLD_TIMEOUT, 0, i);
	}
}

/* --- file systems, one after the other --- */

static void
hold_next(struct freezer *f)
{
	struct vss_hold_page *p = f->p;
	if (f->at == 1)
		vss_stop_point("freezer.freezing");
	if (f->at == p->nfs) {
		arm(p->d.slow, 0, 0);
		vss_stop_point("freezer.held");
		answer(f);
		return;
	}
	struct vss_hold_fs *fs = &p->fs[f->at];
	atomic_store(&fs->started_ns, vss_hold_now());
	atomic_store(&fs->phase, VSS_HOLD_FREEZING);
	arm(p->d.slow, VSS_HOLD_SLOW_MS, VSS_HOLD_SLOW_MS);
	tell_worker(&f->workers, f->at, WISH_HOLD);
}

static void
step_hold(struct freezer *f)
{
	const struct vss_hold_fs *fs = &f->p->fs[f->at];
	int phase = atomic_load(&fs->phase);
	if (phase == VSS_HOLD_FAILED) {
		undo(f, VSS_HOLD_ERROR, atomic_load(&fs->error), f->at);
	} else if (phase == VSS_HOLD_HELD) {
		f->at++;
		hold_next(f);
	}
}

/* --- release --- */

static bool
any_lost(const struct vss_hold_page *p)
{
	for (size_t i = 0; i < p->nfs; i++)
		if (atomic_load(&p->fs[i].lost))
			return true;
	return false;
}

static bool
some_thawed(const struct vss_hold_page *p)
{
	for (size_t i = 0; i < p->nfs; i++)
		if (atomic_load(&p->fs[i].phase) == VSS_HOLD_THAWED)
			return true;
	return false;
}

static void
stop_halfway(const struct vss_hold_page *p)
{
	static bool told;
	if (told || !some_thawed(p))
		return;
	told = true;
	vss_stop_point("freezer.thawing");
}

static void
step_release(struct freezer *f)
{
	struct vss_hold_page *p = f->p;
	stop_halfway(p);
	if (!vss_hold_all_settled(p))
		return;
	vss_hold_restore(p);
	if (vss_hold_touched(p))
		return;
	arm(p->d.timer, 0, 0);
	arm(p->d.late, 0, 0);
	arm(p->d.slow, 0, 0);
	if (any_lost(p))
		vss_hold_break(p, VSS_HOLD_BY_STRANGER);
	if (atomic_load(&p->broken))
		atomic_store(&p->over, true);
	answer(f);
}

/* --- what is heard --- */

static void
obey(struct freezer *f, char command)
{
	f->heard++;
	f->result = VSS_HOLD_DONE;
	f->sys = 0;
	if (command == VSS_HOLD_QUIT)
		f->leave = true;
	if (atomic_load(&f->p->broken) || command == VSS_HOLD_QUIT || command == VSS_HOLD_RELEASE) {
		release(f);
		return;
	}
	start_clock(f);
	if (command == VSS_HOLD_PROCESSES) {
		begin_processes(f);
		return;
	}
	f->job = JOB_HOLD;
	f->at = 0;
	hold_next(f);
}

static void
be_orphaned(struct freezer *f)
{
	f->leave = f->orphaned = true;
	break_off(f, VSS_HOLD_BY_COORDINATOR);
}

static void
listen(struct freezer *f)
{
	char command;
	ssize_t n = read(f->p->d.commands, &command, 1);
	if (n == 1) {
		obey(f, command);
	} else if (n == 0) {
		be_orphaned(f);
	}
}

/* The sentinel is known by now: nothing can be asked before. */
static void
greet(struct freezer *f)
{
	if (f->sentinel < 0)
		f->sentinel = pidfd_open(atomic_load(&f->p->sentinel), 0);
	f->heard = 1;
	vss_stop_point("freezer.ready");
	answer(f);
}

static void
step(struct freezer *f)
{
	switch (f->job) {
	case JOB_PROCESSES:
		step_processes(f);
		break;
	case JOB_HOLD:
		step_hold(f);
		break;
	case JOB_RELEASE:
		step_release(f);
		break;
	case JOB_NONE:
		break;
	}
}

enum { COMMANDS, COORDINATOR, SENTINEL, TIMER, WAKE, HEARD };

static void
hear(struct freezer *f, const struct pollfd *e)
{
	struct vss_hold_page *p = f->p;
	if (e[WAKE].revents)
		drain(p->d.wake);
	if (e[COORDINATOR].revents) {
		be_orphaned(f);
	} else if (e[SENTINEL].revents) {
		break_off(f, VSS_HOLD_BY_SENTINEL);
	} else if (e[TIMER].revents && drain(p->d.timer)) {
		break_off(f, VSS_HOLD_BY_CLOCK);
	} else if (e[COMMANDS].revents) {
		listen(f);
	}
	if (f->heard == 0 && atomic_load(&p->sentinel) > 0)
		greet(f);
}

/* What comes to rest says so by an exceptional condition of its cgroup.events. */
static nfds_t
listen_to(const struct freezer *f, struct pollfd *e)
{
	const struct vss_hold_page *p = f->p;
	bool broken = atomic_load(&p->broken) != VSS_HOLD_WHOLE;
	e[COMMANDS] = (struct pollfd){ .fd = f->leave || f->heard == 0 ? -1 : p->d.commands, .events = POLLIN };
	e[COORDINATOR] = (struct pollfd){ .fd = f->leave ? -1 : p->d.coordinator, .events = POLLIN };
	e[SENTINEL] = (struct pollfd){ .fd = broken ? -1 : f->sentinel, .events = POLLIN };
	e[TIMER] = (struct pollfd){ .fd = p->d.timer, .events = POLLIN };
	e[WAKE] = (struct pollfd){ .fd = p->d.wake, .events = POLLIN };
	nfds_t n = HEARD;
	for (size_t i = 0; f->job == JOB_PROCESSES && i < p->ncgroups; i++)
		e[n++] = (struct pollfd){ .fd = p->cgroups[i].events, .events = POLLPRI };
	return n;
}

static bool
is_done(const struct freezer *f)
{
	return f->leave && f->job == JOB_NONE;
}

int
run_freezer(struct vss_hold_page *p)
{
	static struct freezer f = { .sentinel = -1 };
	struct pollfd e[HEARD + VSS_HOLD_CGROUPS];
	f.p = p;
	atomic_store(&p->freezer, getpid());
	f.sentinel = p->service ? -1 : start_sentinel(p);
	if (f.sentinel < 0 && !p->service)
		return 1;
	if (start_workers(&f.workers, p, -1) < 0)
		return 1;
	while (!is_done(&f)) {
		nfds_t n = listen_to(&f, e);
		poll(e, n, f.job == JOB_PROCESSES ? 100 : -1);
		hear(&f, e);
		step(&f);
	}
	/* Nobody else is left to take the record away. */
	if (f.orphaned)
		vss_hold_forget(p);
	atomic_store(&p->ended, true);
	return 0;
}
