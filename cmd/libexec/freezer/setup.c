/* SPDX-License-Identifier: BSD-2-Clause */
#include "freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define STACK_BYTES (96 << 10)

/* The stack grows when it is used, and not while everything stands still. */
static void __attribute__((noinline)) touch_stack(void)
{
	volatile char room[STACK_BYTES];
	for (size_t i = 0; i < sizeof room; i += 1024)
		room[i] = 1;
}

static int
lock_memory(void)
{
	int flags = MCL_CURRENT | MCL_FUTURE;
#ifdef __SANITIZE_ADDRESS__
	flags |= MCL_ONFAULT; /* its shadow is terabytes */
#endif
	if (mlockall(flags) < 0)
		return -1;
	touch_stack();
	return 0;
}

static void
write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* What is not allowed here is a comfort: it works without. */
	ssize_t n = write(fd, text, strlen(text));
	(void)n;
	close(fd);
}

int
prepare_process(void)
{
	const struct sched_param first = { .sched_priority = 1 };
	if (lock_memory() < 0)
		return -1;
	write_to("/proc/self/oom_score_adj", "-1000");
	sched_setscheduler(0, SCHED_FIFO, &first);
	/* Who is to be told may be gone, and terminals come and go. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	return chdir("/");
}

void
leave_cgroups(const struct vss_hold_page *p)
{
	const int tops[] = { p->d.procs_of_2, p->d.procs_of_1 };
	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		ssize_t n = tops[i] >= 0 ? write(tops[i], "0", 1) : 0;
		(void)n; /* lib/freeze/NOTES: what remains then */
	}
}

int
start_sentinel(const struct vss_hold_page *p)
{
	char fd[16];
	char self[] = "freezer", word[] = "sentinel";
	char *argv[] = { self, word, fd, NULL };
	posix_spawnattr_t at;
	pid_t pid = -1;
	snprintf(fd, sizeof fd, "%d", p->d.page);
	if (posix_spawnattr_init(&at) != 0)
		return -1;
	int r = posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSID);
	if (r == 0)
		r = posix_spawn(&pid, "/proc/self/exe", NULL, &at, argv, environ);
	posix_spawnattr_destroy(&at);
	return r == 0 ? pidfd_open(pid, 0) : -1;
}

/* --- a sentinel that has inherited nothing --- */

#define HIGH 4000 /* above every number that the page can name */

/* Descriptor `number` of that process as the same number of ours. */
static int
fetch(int process, int number)
{
	int fd = pidfd_getfd(process, number, 0);
	if (fd < 0)
		return -1;
	if (fd == number)
		return 0;
	int r = dup3(fd, number, O_CLOEXEC);
	close(fd);
	return r < 0 ? -1 : 0;
}

static int
fetch_all(int process, const struct vss_hold_page *p)
{
	int all[VSS_HOLD_MANY];
	vss_hold_descriptors(p, all);
	for (const int *fd = all; *fd >= 0; fd++)
		if (*fd >= HIGH || fetch(process, *fd) < 0)
			return -1;
	return 0;
}

struct vss_hold_page *
adopt(int pid, int fd)
{
	const struct rlimit many = { 2 * HIGH, 2 * HIGH };
	int opened = setrlimit(RLIMIT_NOFILE, &many) < 0 ? -1 : pidfd_open(pid, 0);
	int process = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, HIGH);
	int at = process < 0 ? -1 : pidfd_getfd(process, fd, 0);
	struct vss_hold_page *p = at < 0 ? NULL : vss_hold_map(at);
	close(opened);
	close(at);
	/* The number may be another process's by now: the page says whose it is. */
	if (!p || atomic_load(&p->freezer) != pid || fetch_all(process, p) < 0)
		return NULL;
	close(process);
	return p;
}

/* --- timers --- */

static struct timespec
span(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

void
arm(int timer, int64_t after_ms, int64_t every_ms)
{
	struct itimerspec t = { .it_value = span(after_ms), .it_interval = span(every_ms) };
	timerfd_settime(timer, 0, &t, NULL);
}

bool
drain(int fd)
{
	uint64_t count;
	return read(fd, &count, sizeof count) == sizeof count;
}
