/* SPDX-License-Identifier: BSD-2-Clause */
#include "freezer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define TURN_MS 5
#define LEAVE_MS 300  /* for a freezer whose coordinator has died to thaw and to leave by itself */
#define GRACE_MS 1000 /* for writers whose coordinator has died, before TERM and before KILL */

struct sentinel {
	struct vss_hold_page *p;
	struct workers workers;
	int freezer;	  /* pidfd */
	int64_t orphaned; /* when the coordinator was seen to be dead; 0: it lives */
	int signals;	  /* sent to the groups of writers: none, TERM, KILL */
	bool ending;	  /* we thaw */
};

/* --- writers whose coordinator has died --- */

/* When the process began, from /proc/PID/stat; 0: there is none. */
static uint64_t
start_of(const struct vss_hold_page *p, int pid)
{
	char path[32], text[1024];
	snprintf(path, sizeof path, "%d/stat", pid);
	int fd = openat(p->d.proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return vss_hold_start_time(text);
}

static void
signal_groups(const struct vss_hold_page *p, int sig)
{
	size_t n = atomic_load(&p->ngroups);
	for (size_t i = 0; i < n; i++) {
		const struct vss_hold_group *g = &p->groups[i];
		/* A leader that is gone leaves the number to its group; another process of that number is nobody of ours. */
		uint64_t start = start_of(p, g->id);
		if (start == 0 || start == g->start)
			kill(-g->id, sig);
	}
}

static int64_t
orphaned_ms(const struct sentinel *s)
{
	return s->orphaned ? (vss_hold_now() - s->orphaned) / 1000000 : 0;
}

/* End of input has told them to thaw and to leave; whoever has not is told again. */
static void
end_groups(struct sentinel *s)
{
	static const int ladder[] = { SIGTERM, SIGKILL };
	if (s->signals < 2 && orphaned_ms(s) >= (s->signals + 1) * GRACE_MS)
		signal_groups(s->p, ladder[s->signals++]);
}

/* --- thawing --- */

static void
begin_end(struct sentinel *s, enum vss_hold_end why)
{
	vss_hold_break(s->p, why);
	if (s->ending)
		return;
	s->ending = true;
	thaw_all(&s->workers);
}

static void
kill_freezer(const struct sentinel *s)
{
	pidfd_send_signal(s->freezer, SIGKILL, NULL, 0);
}

/*
 * A freezer that is stopped could still freeze when it goes on: nothing is over before it is dead.  What it froze after our
 * last look is seen now.
 */
static void
step_end(struct sentinel *s)
{
	struct vss_hold_page *p = s->p;
	if (!vss_hold_is_gone(s->freezer)) {
		if (orphaned_ms(s) > LEAVE_MS)
			kill_freezer(s);
		return;
	}
	if (!vss_hold_all_settled(p)) {
		thaw_all(&s->workers);
		return;
	}
	vss_hold_restore(p);
	if (vss_hold_touched(p) || atomic_exchange(&p->over, true))
		return;
	arm(p->d.slow, 0, 0);
	vss_hold_tell(p);
}

/* --- what is heard --- */

enum { FREEZER, COORDINATOR, LATE, SLOW, HEARD };

static void
listen_to(const struct sentinel *s, struct pollfd *e)
{
	const struct vss_hold_page *p = s->p;
	e[FREEZER] = (struct pollfd){ .fd = s->ending ? -1 : s->freezer, .events = POLLIN };
	e[COORDINATOR] = (struct pollfd){ .fd = s->orphaned ? -1 : p->d.coordinator, .events = POLLIN };
	e[LATE] = (struct pollfd){ .fd = p->d.late, .events = POLLIN };
	e[SLOW] = (struct pollfd){ .fd = p->d.slow, .events = POLLIN };
}

static void
hear(struct sentinel *s, const struct pollfd *e)
{
	struct vss_hold_page *p = s->p;
	if (e[SLOW].revents && drain(p->d.slow))
		kick_slow(p);
	if (e[COORDINATOR].revents) {
		s->orphaned = vss_hold_now();
		begin_end(s, VSS_HOLD_BY_COORDINATOR);
	}
	/* The freezer should have let go by its own clock: it is not trusted any more. */
	if (e[LATE].revents && drain(p->d.late) && vss_hold_touched(p)) {
		kill_freezer(s);
		begin_end(s, VSS_HOLD_BY_CLOCK);
	}
	if (e[FREEZER].revents && !atomic_load(&p->ended))
		begin_end(s, VSS_HOLD_BY_FREEZER);
}

/* With an orphan's duties done, or told so by a freezer that left as it should. */
static bool
is_done(const struct sentinel *s)
{
	const struct vss_hold_page *p = s->p;
	if (!vss_hold_is_gone(s->freezer))
		return false;
	if (!s->orphaned)
		return atomic_load(&p->ended) && !vss_hold_is_gone(p->d.coordinator);
	bool groups = s->signals == 2 || atomic_load(&p->ngroups) == 0;
	return groups && atomic_load(&p->over);
}

static int
set_up(struct sentinel *s)
{
	struct vss_hold_page *p = s->p;
	leave_cgroups(p);
	s->freezer = pidfd_open(atomic_load(&p->freezer), 0);
	if (s->freezer < 0 || start_workers(&s->workers, p, s->freezer) < 0)
		return -1;
	/* Who became a child of init meanwhile watches the wrong process. */
	if (!p->service && getppid() != atomic_load(&p->freezer))
		return -1;
	atomic_store(&p->sentinel, getpid());
	vss_hold_tell(p);
	return 0;
}

int
run_sentinel(struct vss_hold_page *p)
{
	static struct sentinel s;
	struct pollfd e[HEARD];
	s.p = p;
	if (set_up(&s) < 0)
		return 1;
	while (!is_done(&s)) {
		listen_to(&s, e);
		bool waits = s.ending && !(atomic_load(&p->over) && !s.orphaned);
		poll(e, HEARD, waits ? TURN_MS : -1);
		hear(&s, e);
		if (s.ending)
			step_end(&s);
		if (s.orphaned)
			end_groups(&s);
	}
	if (s.orphaned)
		vss_hold_forget(p);
	return 0;
}
