/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/program.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COMPLAINT_LINE = 512 };

/* One line is whole. */
static void
log_complaint(const struct vss_complaints *c, const char *who)
{
	if (c->bytes > VSS_COMPLAINTS_BYTES || c->last.len == 0)
		return;
	VSS_AUTOFREE char *text = vss_escaped(c->last.data);
	vss_debug("%s: %s", who, text);
}

static void
hear_byte(struct vss_complaints *c, char byte, const char *who)
{
	if (byte == '\n') {
		log_complaint(c, who);
		c->line_ended = true;
		return;
	}
	if (c->line_ended)
		vss_buf_reset(&c->last);
	c->line_ended = false;
	if (c->last.len < COMPLAINT_LINE)
		vss_buf_ch(&c->last, byte ? byte : ' ');
}

void
vss_complaints_hear(struct vss_complaints *c, const char *who)
{
	char text[4096];
	ssize_t n = read(c->fd, text, sizeof text);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(c->fd);
		c->fd = -1;
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		hear_byte(c, text[i], who);
	c->bytes += (size_t)n;
}

void
vss_complaints_close(struct vss_complaints *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	vss_buf_free(&c->last);
}

int
vss_program_user(const char *name, const struct passwd **out, struct vss_err *err)
{
	*out = name ? getpwnam(name) : NULL;
	if (name && !*out)
		return vss_fail(err, VSS_INVALID, 0, "User=%s: no such user", name);
	return 0;
}

static bool
is_set(const struct vss_strv *env, const char *entry)
{
	size_t n = strcspn(entry, "=") + 1;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], entry, n) == 0)
			return true;
	return false;
}

/* What the registration says comes before what every child gets. */
static void
environment(const struct vss_strv *own, const struct passwd *user, struct vss_strv *out)
{
	VSS_AUTOSTRV struct vss_strv clean = VSS_STRV_INIT;

	for (size_t i = 0; i < own->n; i++)
		vss_strv_add(out, own->v[i]);
	vss_child_environment(&clean);
	if (user) {
		vss_strv_take(&clean, vss_strf("USER=%s", user->pw_name));
		vss_strv_take(&clean, vss_strf("LOGNAME=%s", user->pw_name));
		vss_strv_take(&clean, vss_strf("HOME=%s", user->pw_dir));
	}
	for (size_t i = 0; i < clean.n; i++)
		if (!is_set(out, clean.v[i]))
			vss_strv_add(out, clean.v[i]);
}

/* Another user's process starts through setpriv(1): between fork and exec posix_spawn cannot change users
 * (lib/writer/NOTES). */
static int
command(const struct vss_strv *exec, const struct passwd *user, struct vss_strv *out, struct vss_err *err)
{
	static const char *const places[] = { "/usr/bin/setpriv", "/bin/setpriv" };

	if (user) {
		size_t i = access(places[0], X_OK) == 0 ? 0 : 1;
		if (access(places[i], X_OK) != 0)
			return vss_fail(err, VSS_UNSUPPORTED, 0, "User=%s: needs setpriv of util-linux", user->pw_name);
		vss_strv_add(out, places[i]);
		vss_strv_take(out, vss_strf("--reuid=%u", (unsigned)user->pw_uid));
		vss_strv_take(out, vss_strf("--regid=%u", (unsigned)user->pw_gid));
		vss_strv_add(out, "--init-groups");
		vss_strv_add(out, "--");
	}
	for (size_t i = 0; i < exec->n; i++)
		vss_strv_add(out, exec->v[i]);
	return 0;
}

/* Its input is a socket, so that saying something to a dead one never raises SIGPIPE in whoever uses the
 * library. */
struct pipes {
	int input[2], output[2], errors[2]; /* ours first in `input`, second in the others */
};

static void
close_pair(int pair[2])
{
	if (pair[0] >= 0)
		close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	pair[0] = pair[1] = -1;
}

static int
open_pipes(struct pipes *p, struct vss_err *err)
{
	*p = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->input) == 0 && pipe2(p->output, O_CLOEXEC) == 0 &&
		pipe2(p->errors, O_CLOEXEC) == 0)
		return 0;
	vss_fail(err, VSS_SYSTEM, errno, "pipe");
	close_pair(p->input);
	close_pair(p->output);
	close_pair(p->errors);
	return -1;
}

static int
start(const struct vss_strv *argv, const struct vss_strv *env, struct vss_program *out, struct vss_err *err)
{
	struct vss_child child = VSS_CHILD_NONE;
	struct pipes p;

	if (open_pipes(&p, err) != 0)
		return -1;
	int r = vss_child_spawn(
		&(struct vss_child_spec){
			.argv = (const char *const *)argv->v,
			.env = (const char *const *)env->v,
			.in = p.input[1],
			.out = p.output[1],
			.errfd = p.errors[1],
		},
		&child, err);
	if (r == 0) {
		out->child = child;
		vss_conversation_init(&out->talk, p.output[0], p.input[0]);
		out->errfd = p.errors[0];
		fcntl(out->errfd, F_SETFL, O_NONBLOCK);
		p.output[0] = p.input[0] = p.errors[0] = -1;
	}
	close_pair(p.input);
	close_pair(p.output);
	close_pair(p.errors);
	return r;
}

int
vss_program_start(const struct vss_strv *exec, const struct vss_strv *own, const struct passwd *user,
	struct vss_program *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;

	if (user && user->pw_uid == geteuid())
		user = NULL; /* as it is anyway */
	if (user && geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "User=%s: only root can start it as another user", user->pw_name);
	environment(own, user, &env);
	if (command(exec, user, &argv, err) != 0)
		return -1;
	return start(&argv, &env, out, err);
}
