/* SPDX-License-Identifier: BSD-2-Clause */
#include "freezer.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A FIFREEZE waits for every write that has begun.  A splice(2) from an idle pipe into a file begins its write and then waits
 * for the pipe, perhaps for ever, and any user can do that.  A tracer's interruption makes such a call return and begin
 * again, which then waits for the thaw as all others do; the process notices nothing.
 */

#define STOP_TURNS 50 /* of a millisecond: for a thread to stop */

/* opendir(3) allocates. */
struct folder {
	int fd;
	size_t at, n;
	_Alignas(struct dirent64) char room[2048];
};

static bool
open_folder(struct folder *d, int dirfd, const char *name)
{
	d->fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d->at = d->n = 0;
	return d->fd >= 0;
}

/* The next name that is a number; 0 at the end, and the folder is closed. */
static int
next_number(struct folder *d)
{
	for (;;) {
		if (d->at == d->n) {
			ssize_t n = getdents64(d->fd, d->room, sizeof d->room);
			if (n <= 0) {
				close(d->fd);
				return 0;
			}
			d->at = 0;
			d->n = (size_t)n;
		}
		const struct dirent64 *e = (const void *)(d->room + d->at);
		d->at += e->d_reclen;
		int number = atoi(e->d_name);
		if (number > 0)
			return number;
	}
}

static ssize_t
read_text(const struct vss_hold_page *p, const char *path, char *out, size_t size)
{
	int fd = openat(p->d.proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
	if (fd >= 0)
		close(fd);
	out[n < 0 ? 0 : n] = '\0';
	return n;
}

/* Which argument of this call is the file that is written? -1: it writes none. */
static int
written_argument(long call)
{
	static const struct {
		long call;
		int argument;
	} known[] = { { SYS_write, 0 }, { SYS_pwrite64, 0 }, { SYS_writev, 0 }, { SYS_pwritev, 0 }, { SYS_pwritev2, 0 },
		{ SYS_sendfile, 0 }, { SYS_splice, 2 }, { SYS_copy_file_range, 2 } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].call == call)
			return known[i].argument;
	return -1;
}

/* The descriptor that the thread is writing to at this moment, or -1: "1 0x3 0x7f... ..." in its `syscall`. */
static int
written_descriptor(const struct vss_hold_page *p, int pid, int tid)
{
	char path[64], text[256], *at;
	snprintf(path, sizeof path, "%d/task/%d/syscall", pid, tid);
	if (read_text(p, path, text, sizeof text) <= 0 || *text < '0' || *text > '9')
		return -1;
	int argument = written_argument(strtol(text, &at, 10));
	unsigned long value = 0;
	for (int i = 0; i <= argument; i++)
		value = strtoul(at, &at, 16);
	return argument < 0 || value > INT32_MAX ? -1 : (int)value;
}

static bool
is_slow(const struct vss_hold_fs *fs)
{
	return atomic_load(&fs->phase) == VSS_HOLD_FREEZING &&
	       vss_hold_now() - atomic_load(&fs->started_ns) >= VSS_HOLD_SLOW_MS * 1000000LL / 2;
}

/* Only what the kernel knows without asking a server. */
static bool
writes_to_slow(const struct vss_hold_page *p, int pid, int tid)
{
	char path[64];
	struct statx sx;
	int fd = written_descriptor(p, pid, tid);
	if (fd < 0)
		return false;
	snprintf(path, sizeof path, "%d/task/%d/fd/%d", pid, tid, fd);
	if (statx(p->d.proc, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE, &sx) < 0)
		return false;
	for (size_t i = 0; i < p->nfs; i++)
		if (p->fs[i].dev == makedev(sx.stx_dev_major, sx.stx_dev_minor) && is_slow(&p->fs[i]))
			return true;
	return false;
}

static void
note(struct vss_hold_page *p, int pid)
{
	size_t n = atomic_load(&p->nkicked);
	char path[32], name[sizeof p->kicked->name + 1];
	for (size_t i = 0; i < n; i++)
		if (p->kicked[i].pid == pid)
			return;
	if (n == VSS_HOLD_KICKED)
		return;
	snprintf(path, sizeof path, "%d/comm", pid);
	read_text(p, path, name, sizeof name);
	name[strcspn(name, "\n")] = '\0';
	p->kicked[n].pid = pid;
	memcpy(p->kicked[n].name, name, sizeof p->kicked->name);
	atomic_store(&p->nkicked, n + 1);
}

/* Threads that did not stop in time are let go when they do: a stopped one must never be left behind. */
static int unfinished[VSS_HOLD_KICKED];

/* A stop for a signal of its own is passed on with it. */
static bool
let_go(int tid)
{
	int status;
	pid_t r = waitpid(tid, &status, __WALL | WNOHANG);
	if (r == 0)
		return false;
	if (r == tid && WIFSTOPPED(status)) {
		bool ours = status >> 16 == PTRACE_EVENT_STOP;
		ptrace(PTRACE_DETACH, tid, NULL, (void *)(intptr_t)(ours ? 0 : WSTOPSIG(status)));
	}
	return true;
}

static void
let_go_later(int tid)
{
	for (size_t i = 0; i < VSS_HOLD_KICKED; i++)
		if (unfinished[i] == 0) {
			unfinished[i] = tid;
			return;
		}
}

static void
interrupt(struct vss_hold_page *p, int pid, int tid)
{
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return;
	note(p, pid);
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		return;
	for (int i = 0; i < STOP_TURNS; i++) {
		if (let_go(tid))
			return;
		poll(NULL, 0, 1);
	}
	let_go_later(tid);
}

static void
kick_process(struct vss_hold_page *p, int pid)
{
	static struct folder threads;
	char path[32];
	int tid;
	snprintf(path, sizeof path, "%d/task", pid);
	if (!open_folder(&threads, p->d.proc, path))
		return;
	while ((tid = next_number(&threads)) > 0)
		if (writes_to_slow(p, pid, tid))
			interrupt(p, pid, tid);
}

void
kick_slow(struct vss_hold_page *p)
{
	static struct folder processes;
	int pid;
	for (size_t i = 0; i < VSS_HOLD_KICKED; i++)
		if (unfinished[i] > 0 && let_go(unfinished[i]))
			unfinished[i] = 0;
	if (!open_folder(&processes, p->d.proc, "."))
		return;
	while ((pid = next_number(&processes)) > 0)
		if (pid != atomic_load(&p->freezer) && pid != getpid())
			kick_process(p, pid);
}
