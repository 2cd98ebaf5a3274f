/* SPDX-License-Identifier: BSD-2-Clause */
#include "freeze/freeze_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "os/durable.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define READY_MS 10000

/* Without the coordinator's own ends; all above 2. */
static int
start_freezer(struct vss_freeze *f, const char *program, struct vss_err *err)
{
	int keep[VSS_HOLD_MANY];
	VSS_AUTOFREE char *page = vss_strf("%d", f->page->d.page);
	const char *const argv[] = { program, page, NULL };
	struct vss_child_spec spec = { .argv = argv, .in = -1, .out = -1, .errfd = -1, .keep = keep };
	vss_hold_descriptors(f->page, keep);
	return vss_child_spawn(&spec, &f->child, err);
}

static int
wait_ready(struct vss_freeze *f, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + READY_MS * VSS_MS;
	struct pollfd e[] = { { .fd = f->answers, .events = POLLIN }, { .fd = f->child.pidfd, .events = POLLIN } };
	char drop[16];
	while (atomic_load(&f->page->answered) == 0) {
		if (vss_hold_is_gone(f->child.pidfd))
			return vss_fail(err, VSS_SYSTEM, 0,
				"freezer: ended before it was ready (memory that cannot be locked?)");
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "freezer: not ready after %d s", READY_MS / 1000);
		poll(e, 2, vss_time_poll_ms(deadline));
		ssize_t n = read(f->answers, drop, sizeof drop);
		(void)n;
	}
	f->asked = 1;
	f->sentinel = pidfd_open(atomic_load(&f->page->sentinel), 0);
	return f->sentinel < 0 ? vss_fail(err, VSS_SYSTEM, errno, "freezer: its sentinel") : 0;
}

/* A service needs nothing but the freezer's number, which fetches the rest; where systemd does not start one, a child is as good. */
static int
start_both(struct vss_freeze *f, struct vss_err *err)
{
	VSS_AUTOFREE char *program = vss_freeze_program(err);
	VSS_AUTOFREE char *run = vss_freeze_systemd_run();
	if (!program)
		return -1;
	f->page->service = run != NULL;
	if (!run)
		vss_freeze_open_tops(&f->page->d.procs_of_2, &f->page->d.procs_of_1);
	if (start_freezer(f, program, err) < 0)
		return -1;
	/* adopt() in the helper believes the page only when it names the process. */
	atomic_store(&f->page->freezer, f->child.pid);
	if (run && vss_freeze_start_service(run, program, f->child.pid, f->page->d.page, err) < 0)
		return vss_wrap(err, "sentinel");
	return wait_ready(f, err);
}

static void
pass_on(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Locks must not live longer than those who hold: they are theirs alone from now on, and neither needs the numbers. */
static void
close_passed(struct vss_freeze *f)
{
	pass_on(&f->page->d.record);
	pass_on(&f->page->d.lock);
}

static int
watch(struct vss_freeze *f, struct vss_err *err)
{
	const int all[] = { f->answers, f->child.pidfd, f->sentinel, f->timer };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct epoll_event e = { .events = EPOLLIN };
		if (epoll_ctl(f->ready, EPOLL_CTL_ADD, all[i], &e) < 0)
			return vss_fail(err, VSS_SYSTEM, errno, "freezer: wait for it");
	}
	return 0;
}

struct vss_freeze *
vss_freeze_start(const struct vss_freeze_options *o, struct vss_err *err)
{
	struct vss_freeze *f = vss_alloc(sizeof *f);
	f->marker = f->commands = f->answers = f->timer = f->ready = f->sentinel = -1;
	f->child = (struct vss_child)VSS_CHILD_NONE;
	if (vss_freeze_lay_out(f, o, err) == 0 && start_both(f, err) == 0 && watch(f, err) == 0) {
		close_passed(f);
		return f;
	}
	vss_freeze_end(f);
	return NULL;
}

int
vss_freeze_add_group(struct vss_freeze *f, pid_t group, struct vss_err *err)
{
	struct vss_hold_page *p = f->page;
	size_t n = atomic_load(&p->ngroups);
	VSS_AUTOFREE char *path = vss_strf("/proc/%d/stat", group);
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	int frozen = vss_freeze_in_cgroups(f->cgroups, p->ncgroups, group, err);
	if (frozen < 0)
		return -1;
	if (frozen > 0)
		return vss_fail(err, VSS_INVALID, 0, "process %d: a writer, in a cgroup that is to be frozen", group);
	if (n == VSS_HOLD_GROUPS)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "more than %d writers cannot be watched", VSS_HOLD_GROUPS);
	if (vss_read_file(path, 4096, &text, err) < 0)
		return vss_wrap(err, "freezer");
	p->groups[n] = (struct vss_hold_group){ group, vss_hold_start_time(text.data) };
	atomic_store(&p->ngroups, n + 1);
	return 0;
}
