/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include "base/log.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LEAVE_MS 3000 /* for the freezer to thaw and to leave when told so */
#define DEAD_MS 1000  /* after SIGKILL */

/* --- commands --- */

/* From here on a record without a living freezer means that something may be held. */
static int
mark(struct vss_freeze *f, struct vss_err *err)
{
	static const char holding[] = "holding";
	if (f->marked)
		return 0;
	ssize_t n = pwrite(f->marker, holding, sizeof holding - 1, VSS_FREEZE_RECORD_STATE);
	if (n != (ssize_t)sizeof holding - 1 || fdatasync(f->marker) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", f->record_path);
	/* The last of three clocks: the freezer's own and the sentinel's come before it. */
	int64_t ms = f->page->budget_ms + VSS_HOLD_LAST_MS;
	struct itimerspec t = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 } };
	if (timerfd_settime(f->timer, 0, &t, NULL) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "freezer: clock");
	f->marked = true;
	return 0;
}

static int
send_command(struct vss_freeze *f, char command, struct vss_err *err)
{
	if (send(f->commands, &command, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		return vss_fail(err, VSS_SYSTEM, errno, "freezer: ask it");
	f->asked++;
	return 0;
}

int
vss_freeze_ask(struct vss_freeze *f, enum vss_freeze_command c, struct vss_err *err)
{
	static const char words[] = { [VSS_FREEZE_PROCESSES] = VSS_HOLD_PROCESSES,
		[VSS_FREEZE_HOLD] = VSS_HOLD_VOLUMES,
		[VSS_FREEZE_RELEASE] = VSS_HOLD_RELEASE };
	if (f->over)
		return 0; /* the answer says so */
	if (c != VSS_FREEZE_RELEASE && mark(f, err) < 0)
		return -1;
	return send_command(f, words[c], err);
}

int
vss_freeze_fd(const struct vss_freeze *f)
{
	return f->ready;
}

/* --- doing it ourselves --- */

static bool
wait_gone(int pidfd, int ms)
{
	struct pollfd e = { .fd = pidfd, .events = POLLIN };
	return pidfd < 0 || poll(&e, 1, ms) > 0;
}

static void
stop_process(int pidfd)
{
	if (pidfd >= 0)
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

/*
 * The freezer is dead or does not do what it should.  A sentinel that lives does the same as we at the same moment; one thaw is
 * enough, and both look at the page.  With a FIFREEZE in flight that nobody can end the freezer does not die: then the sentinel
 * stays, and the record.
 */
void
vss_freeze_take_over(struct vss_freeze *f, enum vss_hold_end why)
{
	struct vss_hold_page *p = f->page;
	vss_hold_break(p, why);
	f->over = true;
	stop_process(f->child.pidfd);
	if (!wait_gone(f->child.pidfd, DEAD_MS))
		return;
	for (size_t i = p->nfs; i-- > 0;)
		vss_hold_thaw(&p->fs[i], true);
	vss_hold_restore(p);
	if (!vss_hold_touched(p))
		atomic_store(&p->over, true);
}

/* --- answers --- */

static int
fail_broken(const struct vss_freeze *f, struct vss_err *err)
{
	static const char *const why[] = { [VSS_HOLD_WHOLE] = "it ended",
		[VSS_HOLD_BY_CLOCK] = "its time was over",
		[VSS_HOLD_BY_FREEZER] = "the freezer died",
		[VSS_HOLD_BY_SENTINEL] = "the sentinel died",
		[VSS_HOLD_BY_COORDINATOR] = "it ended",
		[VSS_HOLD_BY_STRANGER] = "somebody else thawed what was held" };
	int end = atomic_load(&f->page->broken);
	return vss_fail(err, VSS_E_HOLD_WRITES_TIMEOUT, 0, "writes were let go before all was copied: %s", why[end]);
}

static int
fail_error(const struct vss_freeze *f, struct vss_err *err)
{
	const struct vss_hold_page *p = f->page;
	size_t which = (size_t)atomic_load(&p->which);
	int sys = atomic_load(&p->sys);
	if (atomic_load(&p->result) == VSS_HOLD_TIMEOUT)
		return vss_fail(err, VSS_TIMEOUT, 0, "%s: its processes do not come to rest", f->cgroups[which]);
	if (which < p->nfs && atomic_load(&p->fs[which].error) != 0) {
		const char *source = f->record.fs[which].source;
		if (sys == EBUSY)
			return vss_fail(err, VSS_BUSY, 0, "%s: frozen by somebody else", source);
		return vss_fail(err, VSS_SYSTEM, sys, "%s: hold writes", source);
	}
	return vss_fail(err, VSS_SYSTEM, sys, "%s: freeze", which < p->ncgroups ? f->cgroups[which] : "cgroup");
}

/* Somebody died, or all clocks ran out: nobody else may be left to let go. */
static void
look_after(struct vss_freeze *f)
{
	uint64_t count;
	char drop[64];
	while (read(f->answers, drop, sizeof drop) > 0)
		continue;
	if (f->over)
		return;
	if (read(f->timer, &count, sizeof count) > 0 && vss_hold_touched(f->page))
		vss_freeze_take_over(f, VSS_HOLD_BY_CLOCK);
	else if (vss_hold_is_gone(f->child.pidfd))
		vss_freeze_take_over(f, VSS_HOLD_BY_FREEZER);
	else if (vss_hold_is_gone(f->sentinel) && !atomic_load(&f->page->over))
		vss_freeze_take_over(f, VSS_HOLD_BY_SENTINEL);
}

int
vss_freeze_answer(struct vss_freeze *f, struct vss_err *err)
{
	const struct vss_hold_page *p = f->page;
	look_after(f);
	if (f->over || atomic_load(&p->over))
		return fail_broken(f, err);
	if (atomic_load(&p->broken) || atomic_load(&p->answered) != f->asked)
		return 0;
	switch (atomic_load(&p->result)) {
	case VSS_HOLD_DONE:
		return 1;
	case VSS_HOLD_BROKEN:
		return fail_broken(f, err);
	default:
		return fail_error(f, err);
	}
}

int64_t
vss_freeze_held_ns(const struct vss_freeze *f, size_t i)
{
	return atomic_load(&f->page->fs[f->fs_of[i]].held_ns);
}

int64_t
vss_freeze_thawed_ns(const struct vss_freeze *f, size_t i)
{
	return atomic_load(&f->page->fs[f->fs_of[i]].thawed_ns);
}

/* --- the end --- */

static void
name_kicked(const struct vss_hold_page *p)
{
	size_t n = atomic_load(&p->nkicked);
	for (size_t i = 0; i < n; i++)
		vss_warn("process %d (%.16s): was interrupted in a write that kept a file system from being held",
			p->kicked[i].pid, p->kicked[i].name);
}

/* Politely, then not; the sentinel goes when the freezer has left as it should, or when nothing is held any more. */
static void
end_processes(struct vss_freeze *f)
{
	struct vss_hold_page *p = f->page;
	struct vss_err ignored = VSS_ERR_INIT;
	if (f->child.pid <= 0)
		return;
	if (send_command(f, VSS_HOLD_QUIT, &ignored) < 0 || !wait_gone(f->child.pidfd, LEAVE_MS) ||
		!atomic_load(&p->ended))
		vss_freeze_take_over(f, VSS_HOLD_BY_FREEZER);
	if (vss_hold_touched(p)) {
		vss_warn("%s: cannot be thawed yet; thaw-volumes does it later",
			p->nfs ? f->record.fs[0].source : f->cgroups[0]);
		return;
	}
	/* Before the sentinel goes, which would do it for us if we died here. */
	vss_hold_forget(p);
	if (f->sentinel < 0 && atomic_load(&p->sentinel) > 0)
		f->sentinel = pidfd_open(atomic_load(&p->sentinel), 0);
	if (!atomic_load(&p->ended) || !wait_gone(f->sentinel, DEAD_MS))
		stop_process(f->sentinel);
	wait_gone(f->sentinel, DEAD_MS);
}

void
vss_freeze_end(struct vss_freeze *f)
{
	if (!f)
		return;
	end_processes(f);
	if (f->page) {
		name_kicked(f->page);
		if (!vss_hold_touched(f->page))
			vss_hold_forget(f->page);
	}
	vss_child_end(&f->child, 0);
	vss_freeze_free(f);
}
