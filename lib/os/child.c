/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/child.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLEAN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEAD_MS 5000 /* after SIGKILL: longer means that it hangs in the kernel */

void
vss_child_environment(struct vss_strv *out)
{
	vss_strv_add(out, "PATH=" CLEAN_PATH);
	vss_strv_add(out, "LANG=C.UTF-8");
	for (char **e = environ; *e; e++)
		if (vss_str_starts(*e, "VSS_") || vss_str_starts(*e, "TZ="))
			vss_strv_add(out, *e);
}

static const char *
search_path_of(char *const *env)
{
	for (; *env; env++)
		if (vss_str_starts(*env, "PATH="))
			return *env + 5;
	return CLEAN_PATH;
}

static bool
is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The path to execute: posix_spawnp would search our PATH, not the child's. */
static char *
find_program(const char *name, const char *path)
{
	if (strchr(name, '/'))
		return vss_strdup(name);
	for (; *path; path += *path == ':') {
		size_t n = strcspn(path, ":");
		char *found = n > 0 ? vss_strf("%.*s/%s", (int)n, path, name) : vss_strf("./%s", name);
		if (is_program(found))
			return found;
		free(found);
		path += n;
	}
	return NULL;
}

/* Descriptors for 0, 1 and 2 that no dup2 of the other two can overwrite on the way: above 2, unless already in place. */
struct stdio {
	int fd[3];
	int made[3]; /* ours to close, or -1 */
};

static int
place_stdio(const struct vss_child_spec *spec, struct stdio *s)
{
	const int given[3] = { spec->in, spec->out, spec->errfd };
	*s = (struct stdio){ { -1, -1, -1 }, { -1, -1, -1 } };
	for (int i = 0; i < 3; i++) {
		s->fd[i] = given[i];
		if (given[i] < 0 || given[i] > 2 || given[i] == i)
			continue;
		s->made[i] = s->fd[i] = fcntl(given[i], F_DUPFD_CLOEXEC, 3);
		if (s->fd[i] < 0)
			return -1;
	}
	return 0;
}

static void
drop_stdio(const struct stdio *s)
{
	for (int i = 0; i < 3; i++)
		if (s->made[i] >= 0)
			close(s->made[i]);
}

static bool
is_kept(const int *keep, int fd)
{
	for (; keep && *keep >= 0; keep++)
		if (*keep == fd)
			return true;
	return false;
}

/* Everything above 2 is closed unless kept; a dup2 onto itself takes close-on-exec away in the child alone. */
static int
close_others(posix_spawn_file_actions_t *fa, const int *keep)
{
	int last = 2, r = 0;
	for (const int *k = keep; k && *k >= 0 && r == 0; k++) {
		r = posix_spawn_file_actions_adddup2(fa, *k, *k);
		if (*k > last)
			last = *k;
	}
	for (int fd = 3; fd < last && r == 0; fd++)
		if (!is_kept(keep, fd))
			r = posix_spawn_file_actions_addclose(fa, fd);
	return r ? r : posix_spawn_file_actions_addclosefrom_np(fa, last + 1);
}

static int
file_actions(posix_spawn_file_actions_t *fa, const struct vss_child_spec *spec, const struct stdio *s)
{
	int r = 0;
	for (int i = 0; i < 3 && r == 0; i++)
		r = s->fd[i] < 0 ? posix_spawn_file_actions_addopen(fa, i, "/dev/null", O_RDWR, 0)
				 : posix_spawn_file_actions_adddup2(fa, s->fd[i], i);
	if (r == 0)
		r = close_others(fa, spec->keep);
	const char *cwd = spec->cwd ? spec->cwd : spec->keep_group ? NULL : "/";
	if (r == 0 && cwd)
		r = posix_spawn_file_actions_addchdir_np(fa, cwd);
	return r;
}

static int
attributes(posix_spawnattr_t *at, const struct vss_child_spec *spec)
{
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	if (!spec->keep_group)
		flags |= POSIX_SPAWN_SETPGROUP;
	int r = posix_spawnattr_setflags(at, flags);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(at, &all);
	if (r == 0)
		r = posix_spawnattr_setsigmask(at, &none);
	return r ? r : posix_spawnattr_setpgroup(at, 0);
}

/* 0 or an errno, as posix_spawn has it. */
static int
spawn(const char *program, const struct vss_child_spec *spec, char *const *env, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	struct stdio s;
	char **argv = (char **)(uintptr_t)spec->argv; /* posix_spawn does not write to them */
	int r = posix_spawn_file_actions_init(&fa);
	if (r)
		return r;
	r = posix_spawnattr_init(&at);
	if (r)
		goto no_attributes;
	if (place_stdio(spec, &s) < 0)
		r = errno;
	if (r == 0)
		r = file_actions(&fa, spec, &s);
	if (r == 0)
		r = attributes(&at, spec);
	if (r == 0)
		r = posix_spawn(pid, program, &fa, &at, argv, env);
	drop_stdio(&s);
	posix_spawnattr_destroy(&at);
no_attributes:
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

int
vss_child_spawn(const struct vss_child_spec *spec, struct vss_child *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv clean = VSS_STRV_INIT;
	if (!spec->env)
		vss_child_environment(&clean);
	char *const *env = spec->env ? (char **)(uintptr_t)spec->env : clean.v;
	VSS_AUTOFREE char *program =
		spec->search_path ? find_program(spec->argv[0], search_path_of(env)) : vss_strdup(spec->argv[0]);
	if (!program)
		return vss_fail(err, VSS_ABSENT, 0, "%s: command not found", spec->argv[0]);

	struct vss_child c = { -1, -1, !spec->keep_group };
	int r = spawn(program, spec, env, &c.pid);
	if (r)
		return vss_fail(err, VSS_SYSTEM, r, "%s: execute", program);
	c.pidfd = pidfd_open(c.pid, 0);
	if (c.pidfd < 0) {
		r = errno;
		vss_child_signal(&c, SIGKILL);
		waitpid(c.pid, NULL, 0);
		return vss_fail(err, VSS_SYSTEM, r, "%s: pidfd", program);
	}
	*out = c;
	return 0;
}

/* The status as waitpid(2) gives it. */
static int
wait_status(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_EXITED:
		return W_EXITCODE(info->si_status, 0);
	case CLD_DUMPED:
		return W_EXITCODE(0, info->si_status) | WCOREFLAG;
	default:
		return W_EXITCODE(0, info->si_status);
	}
}

static bool
poll_end(int pidfd, int64_t deadline)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	for (;;) {
		int r = poll(&p, 1, vss_time_poll_ms(deadline));
		if (r > 0)
			return true;
		if (r == 0 && vss_now_mono() >= deadline)
			return false;
	}
}

int
vss_child_wait(struct vss_child *c, int64_t deadline, int *status, struct vss_err *err)
{
	siginfo_t info = { 0 };
	if (!poll_end(c->pidfd, deadline))
		return 0;
	int r;
	do
		r = waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		vss_fail(err, VSS_SYSTEM, errno, "wait for process %d", c->pid);
	close(c->pidfd);
	*c = (struct vss_child)VSS_CHILD_NONE;
	if (r < 0)
		return -1;
	*status = wait_status(&info);
	return 1;
}

void
vss_child_signal(const struct vss_child *c, int sig)
{
	if (c->pid <= 0)
		return;
	if (c->group_leader)
		kill(-c->pid, sig);
	else if (c->pidfd >= 0)
		pidfd_send_signal(c->pidfd, sig, NULL, 0);
	else
		kill(c->pid, sig);
}

void
vss_child_end(struct vss_child *c, int grace_ms)
{
	if (c->pid <= 0)
		return;
	vss_child_signal(c, SIGTERM);
	poll_end(c->pidfd, vss_now_mono() + grace_ms * VSS_MS);
	/* Not reaped yet, so its number still means this group: what its own children left behind goes too. */
	vss_child_signal(c, SIGKILL);
	struct vss_err err = VSS_ERR_INIT;
	int status;
	if (vss_child_wait(c, vss_now_mono() + DEAD_MS * VSS_MS, &status, &err) != 0)
		return;
	vss_warn("process %d: does not end, it hangs in the kernel", c->pid);
	close(c->pidfd);
	*c = (struct vss_child)VSS_CHILD_NONE;
}
