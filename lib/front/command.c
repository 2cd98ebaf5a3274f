/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/command.h"

#include "base/mem.h"
#include "os/child.h"
#include "os/durable.h"
#include "os/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 1000 }; /* after a signal from the terminal another one may come that is not */

void
vss_front_env(const struct vss_set *set, struct vss_strv *out)
{
	char id[VSS_UUID_BRACED];
	vss_uuid_braced(&set->id, id);
	vss_strv_take(out, vss_strf("VSS_SHADOW_SET=%s", id));
	for (size_t i = 0; i < set->nshadows; i++) {
		const struct vss_shadow *s = &set->shadows[i];
		vss_uuid_braced(&s->id, id);
		vss_strv_take(out, vss_strf("VSS_SHADOW_%zu=%s", i + 1, id));
		vss_strv_take(out, vss_strf("VSS_SHADOW_DEVICE_%zu=%s", i + 1, s->device));
		vss_strv_take(out, vss_strf("VSS_VOLUME_%zu=%s", i + 1, s->volume));
	}
}

/* In single quotes nothing means anything to a shell but the quote itself. */
static void
add_quoted(struct vss_buf *out, const char *s)
{
	vss_buf_ch(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			vss_buf_str(out, "'\\''");
		else
			vss_buf_ch(out, *s);
	}
	vss_buf_ch(out, '\'');
}

int
vss_front_write_env(const struct vss_set *set, const char *path, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	vss_front_env(set, &env);
	for (size_t i = 0; i < env.n; i++) {
		const char *value = strchr(env.v[i], '=') + 1;
		vss_buf_add(&text, env.v[i], (size_t)(value - env.v[i]));
		add_quoted(&text, value);
		vss_buf_ch(&text, '\n');
	}
	return vss_write_file(path, text.data, text.len, 0600, err);
}

void
vss_front_environment(const struct vss_set *set, struct vss_strv *out)
{
	for (char **e = environ; *e; e++)
		if (!vss_str_starts(*e, "VSS_SHADOW_") && !vss_str_starts(*e, "VSS_VOLUME_"))
			vss_strv_add(out, *e);
	vss_front_env(set, out);
}

/* A key of the terminal reaches the command by itself; what was sent to us alone is handed on, once. */
static int
wait_for(struct vss_child *c, int *status, struct vss_err *err)
{
	bool heard = false, told = false;
	for (;;) {
		struct pollfd fds[] = { { c->pidfd, POLLIN, 0 }, { heard ? -1 : vss_interrupt_fd(), POLLIN, 0 } };
		if (poll(fds, 2, heard && !told ? LOOK_AGAIN_MS : -1) < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "poll");
		if (fds[0].revents)
			return vss_child_wait(c, INT64_MAX, status, err) == 1 ? 0 : -1;
		heard = vss_interrupted();
		if (heard && !told && !vss_interrupt_by_terminal()) {
			vss_child_signal(c, SIGTERM);
			told = true;
		}
	}
}

static int
judge(const char *name, int status, struct vss_err *err)
{
	if (vss_check_interrupt(err))
		return -1;
	if (WIFSIGNALED(status))
		return vss_fail(err, VSS_SYSTEM, 0, "%s: ended by signal %d", name, WTERMSIG(status));
	if (WEXITSTATUS(status))
		return vss_fail(err, VSS_SYSTEM, 0, "%s: ended with status %d", name, WEXITSTATUS(status));
	return 0;
}

/* Why the kernel would not have it, in words that say what to do. */
static int
not_started(const char *name, struct vss_err *err)
{
	if (err->sys == ENOEXEC)
		return vss_fail(err, VSS_INVALID, 0,
			"%s: is no program; a script needs a first line '#!' and its interpreter", name);
	if (err->sys == ENOENT && access(name, F_OK) == 0)
		return vss_fail(err, VSS_ABSENT, 0, "%s: the interpreter that its first line names is not there", name);
	return -1;
}

int
vss_front_run(const struct vss_front_command *c, struct vss_err *err)
{
	struct vss_child child = VSS_CHILD_NONE;
	int status = 0;
	struct vss_child_spec spec = {
		.argv = (const char *const *)c->words->v,
		.env = (const char *const *)c->env->v,
		.search_path = true,
		.keep_group = true,
		.in = c->in,
		.out = c->out,
		.errfd = STDERR_FILENO,
	};
	if (vss_child_spawn(&spec, &child, err))
		return not_started(c->words->v[0], err);
	if (wait_for(&child, &status, err)) {
		vss_child_end(&child, 1000);
		return -1;
	}
	return judge(c->words->v[0], status, err);
}
