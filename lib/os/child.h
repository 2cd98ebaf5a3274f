/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_CHILD_H
#define VSS_OS_CHILD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * Child processes: posix_spawn only, default signals and mask, own process group, every descriptor that is not listed closed.
 * A child is known by pid and pidfd; its group is signalled, never a pid that may have been reused.
 */
struct vss_child_spec {
	const char *const *argv; /* argv[0] is the path to execute; NULL-terminated */
	const char *const *env;	 /* NULL: a clean one (PATH, LANG=C.UTF-8, TZ and VSS_* of ours) */
	bool search_path;	 /* look for argv[0] in the PATH of `env`, unless it has a slash */
	bool keep_group;	 /* stay in our process group: for a command that the user runs on the terminal */
	int in, out, errfd;	 /* what becomes 0, 1, 2; -1: /dev/null */
	const int *keep;	 /* more descriptors to pass on under their own number, -1-terminated; or NULL */
	const char *cwd;	 /* or NULL: "/" unless keep_group */
};

struct vss_child {
	pid_t pid;
	int pidfd;	   /* readable once it has ended; ours, closed when it is reaped */
	bool group_leader; /* it has a process group of its own */
};
#define VSS_CHILD_NONE                                                                                                 \
	{                                                                                                              \
		-1, -1, false                                                                                          \
	}

/** The clean environment, for a caller that adds to it: what children may know is where things are, and how tests steer them. */
void vss_child_environment(struct vss_strv *out);

/**
 * Start it.  A name without a slash (search_path) is looked for in the PATH of `env`.  Descriptors in `keep` are above 2; `in`, `out`
 * and `errfd` may be any, also the same one, and stay the caller's.  Fails with VSS_ABSENT, VSS_DENIED (not executable), VSS_SYSTEM; then there is no child.
 */
int vss_child_spawn(const struct vss_child_spec *spec, struct vss_child *out, struct vss_err *err);
/** Has it ended?  1 with *status (as of waitpid) and the child reaped and closed, 0 not yet, -1 error.  `deadline` is monotonic ns; 0 = do not wait. */
int vss_child_wait(struct vss_child *c, int64_t deadline, int *status, struct vss_err *err);
/** Send `sig` to its process group (to the process alone when keep_group was given). */
void vss_child_signal(const struct vss_child *c, int sig);
/**
 * TERM, up to `grace_ms`, KILL to all that is left of its group, reap.  Safe on VSS_CHILD_NONE.  One that does not even die of KILL within 5 s (it
 * hangs in the kernel) is given up with a warning.
 */
void vss_child_end(struct vss_child *c, int grace_ms);

/**
 * Run a command to its end in the clean environment and collect its stdout in `out` (NULL: not wanted), and the end of its stderr for
 * messages.  Fails when it cannot be started, passes `timeout_ms` (VSS_TIMEOUT, killed), prints more than `limit` bytes (VSS_INVALID, killed), or ends with
 * anything but 0 (VSS_SYSTEM; the message ends with the last line of its stderr).  What it printed until then is in `out` even so.  Not ended by
 * vss_interrupted(): clean-up runs commands too.
 */
int vss_run(const char *const *argv, int timeout_ms, size_t limit, struct vss_buf *out, struct vss_err *err);
/** The same in an environment of the caller's (vss_child_environment and what he added); NULL: the clean one. */
struct vss_run_spec {
	const char *const *argv, *const *env;
	int timeout_ms;
	size_t limit;
};
int vss_run_spec(const struct vss_run_spec *spec, struct vss_buf *out, struct vss_err *err);

/**
 * Run a command that may leave something behind in the background (a server that it starts, a process that carries a lock): what it
 * and that print goes into memory and never into a pipe that breaks, nor onto a disk that is held.  `text` gets the end of both
 * outputs.  Returns its exit status, or 128 and the signal; or -1: VSS_TIMEOUT and VSS_INVALID (too much output), its group killed.
 */
int vss_run_leaving(const char *const *argv, int timeout_ms, struct vss_buf *text, struct vss_err *err);
/** The last line of a command's output that says something, escaped for a message: where commands complain.  NULL when there is none; the caller frees it. */
char *vss_last_line(const struct vss_buf *text);

#endif
