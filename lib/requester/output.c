/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/output.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_GRACE_MS 2000

static int
check_stream(struct vss_output *o, struct vss_err *err)
{
	if (!o->command && isatty(STDOUT_FILENO))
		return vss_fail(
			err, VSS_USAGE, 0, "standard output is a terminal: name a file, or send it to a command");
	return 0;
}

static int
check_file(struct vss_output *o, const char *path, struct vss_err *err)
{
	struct stat st;
	VSS_AUTOFREE char *dir = vss_path_dir(path);

	o->named_here = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	const char *place = o->named_here ? path : dir;
	o->dir = realpath(place, NULL);
	if (!o->dir)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", place);
	if (access(o->dir, W_OK | X_OK) < 0) /* before anybody is asked to stand still for it */
		return vss_fail(err, VSS_SYSTEM, errno, "%s: the archive cannot be put there", o->dir);
	if (o->named_here)
		return 0;
	o->path = vss_path_join(o->dir, vss_path_base(path));
	o->existed = lstat(o->path, &st) == 0;
	if (o->existed && !S_ISREG(st.st_mode))
		return vss_fail(err, VSS_EXISTS, 0, "%s: not a plain file", o->path);
	if (o->existed && !o->replace)
		return vss_fail(err, VSS_EXISTS, 0, "%s: is there already; --replace takes its place", o->path);
	return 0;
}

int
vss_output_check(
	struct vss_output *o, const char *wish, bool replace, const struct vss_strv *command, struct vss_err *err)
{
	o->replace = replace;
	o->command = command && command->n ? command : NULL;
	if (!wish && !o->command)
		return vss_fail(err, VSS_USAGE, 0, "say where the archive goes with --output");
	if (o->command && wish && strcmp(wish, "-") != 0)
		return vss_fail(err, VSS_USAGE, 0, "--output and a command exclude each other");
	if (o->command || strcmp(wish, "-") == 0)
		return check_stream(o, err);
	size_t n = strlen(wish);
	if (n == 0 || wish[n - 1] == '/') {
		struct stat st;
		if (n == 0 || stat(wish, &st) < 0 || !S_ISDIR(st.st_mode))
			return vss_fail(err, VSS_ABSENT, 0, "%s: no such directory", wish);
	}
	return check_file(o, wish, err);
}

static int
open_command(struct vss_output *o, struct vss_err *err)
{
	int p[2];
	struct vss_child_spec spec = {
		.argv = (const char *const *)o->command->v,
		.env = (const char *const *)environ,
		.search_path = true,
		.keep_group = true,
		.out = STDOUT_FILENO,
		.errfd = STDERR_FILENO,
	};

	if (pipe2(p, O_CLOEXEC) < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "pipe");
	spec.in = p[0];
	int rc = vss_child_spawn(&spec, &o->child, err);
	close(p[0]);
	if (rc < 0) {
		close(p[1]);
		return -1;
	}
	o->fd = p[1];
	return 0;
}

int
vss_output_open(struct vss_output *o, const char *name, struct vss_err *err)
{
	if (o->command)
		return open_command(o, err);
	if (!o->dir) {
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		return o->fd < 0 ? vss_fail(err, VSS_SYSTEM, errno, "standard output") : 0;
	}
	if (o->named_here)
		o->path = vss_path_join(o->dir, name);
	if (vss_partial_open(o->path, o->replace, &o->partial, err) < 0)
		return vss_wrap(err, "%s", o->dir);
	o->fd = o->partial.fd;
	o->spool_dirfd = o->partial.dirfd;
	return 0;
}

/* Until it ends, or we are interrupted: then _close ends it. */
static int
wait_for_command(struct vss_output *o, int *status, struct vss_err *err)
{
	struct pollfd fds[] = { { o->child.pidfd, POLLIN, 0 }, { vss_interrupt_fd(), POLLIN, 0 } };

	do {
		if (vss_check_interrupt(err) < 0)
			return -1;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "poll");
	} while (!fds[0].revents);
	return vss_child_wait(&o->child, INT64_MAX, status, err) == 1 ? 0 : -1;
}

static int
commit_command(struct vss_output *o, struct vss_err *err)
{
	int status = 0;

	close(o->fd); /* end of its input */
	o->fd = -1;
	if (wait_for_command(o, &status, err) < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return vss_fail(err, VSS_SYSTEM, 0, "%s: ended with status %d", o->command->v[0], WEXITSTATUS(status));
	return vss_fail(err, VSS_SYSTEM, 0, "%s: ended by signal %d", o->command->v[0], WTERMSIG(status));
}

void
vss_output_explain(struct vss_output *o, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (!o->command || err->sys != EPIPE)
		return;
	if (commit_command(o, &why) < 0)
		*err = why;
	else
		vss_fail(err, VSS_SYSTEM, 0, "%s: did not read the whole archive", o->command->v[0]);
}

int
vss_output_commit(struct vss_output *o, struct vss_err *err)
{
	if (o->command)
		return commit_command(o, err);
	if (!o->dir) {
		int rc = close(o->fd) < 0 ? vss_fail(err, VSS_SYSTEM, errno, "standard output") : 0;
		o->fd = -1;
		return rc;
	}
	o->fd = o->spool_dirfd = -1; /* they are the partial's */
	return vss_partial_commit(&o->partial, err);
}

bool
vss_output_is_certain(const struct vss_output *o)
{
	return o->command || o->dir;
}

void
vss_output_close(struct vss_output *o)
{
	if (o->dir && o->partial.fd >= 0)
		vss_partial_abandon(&o->partial);
	else if (o->fd >= 0)
		close(o->fd);
	vss_child_end(&o->child, COMMAND_GRACE_MS);
	free(o->path);
	free(o->dir);
	*o = (struct vss_output)VSS_OUTPUT_INIT;
}
