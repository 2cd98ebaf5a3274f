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

/* Our own environment without what a set around us may have left there. */
static void
whole_env(const struct vss_set *set, struct vss_strv *out)
{
	for (char **e = environ; *e; e++)
		if (!vss_str_starts(*e, "VSS_SHADOW_") && !vss_str_starts(*e, "VSS_VOLUME_"))
			vss_strv_add(out, *e);
	vss_front_env(set, out);
}

/* The terminal's signals reach the command by themselves; one that was sent to us alone is handed on, once. */
static int
wait_for(struct vss_child *c, int *status, struct vss_err *err)
{
	bool told = false;
	for (;;) {
		struct pollfd fds[] = { { c->pidfd, POLLIN, 0 }, { told ? -1 : vss_interrupt_fd(), POLLIN, 0 } };
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "poll");
		if (fds[0].revents)
			return vss_child_wait(c, INT64_MAX, status, err) == 1 ? 0 : -1;
		if (fds[1].revents && !told) {
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

int
vss_front_run(const struct vss_strv *words, const struct vss_set *set, int out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;
	struct vss_child child = VSS_CHILD_NONE;
	int status = 0;
	whole_env(set, &env);
	struct vss_child_spec spec = {
		.argv = (const char *const *)words->v,
		.env = (const char *const *)env.v,
		.search_path = true,
		.keep_group = true,
		.in = STDIN_FILENO,
		.out = out,
		.errfd = STDERR_FILENO,
	};
	if (vss_child_spawn(&spec, &child, err))
		return -1;
	if (wait_for(&child, &status, err)) {
		vss_child_end(&child, 1000);
		return -1;
	}
	return judge(words->v[0], status, err);
}
