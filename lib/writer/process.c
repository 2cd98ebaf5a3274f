/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct host_writer *
host_new(const struct vss_registration *r)
{
	struct host_writer *w = vss_alloc(sizeof *w);

	w->registration = vss_strdup(r->name);
	w->child = (struct vss_child)VSS_CHILD_NONE;
	w->talk.in = w->talk.out = w->errfd = -1;
	w->next_signal = w->silent_until = w->next_try = INT64_MAX;
	w->pub.registration = w->registration;
	w->pub.level = r->level;
	w->pub.freeze_timeout_ms = r->freeze_timeout_ms;
	return w;
}

void
host_free(struct host_writer *w)
{
	vss_conversation_close(&w->talk);
	if (w->errfd >= 0)
		close(w->errfd);
	vss_buf_free(&w->complaint);
	host_clear_lines(w->said, w->nsaid);
	host_clear_lines(w->kept, w->pub.nstatements);
	vss_metadata_free(w->metadata);
	free(w->registration);
	free(w->message);
	free(w->scratch);
	free(w->absent);
	free(w->service);
	free(w);
}

/* The user of User=, or NULL without one. */
static int
find_user(const struct vss_registration *r, const struct passwd **out, struct vss_err *err)
{
	*out = r->user ? getpwnam(r->user) : NULL;
	if (r->user && !*out)
		return vss_fail(err, VSS_INVALID, 0, "User=%s: no such user", r->user);
	return 0;
}

static int
make_scratch(struct host_writer *w, const char *dir, const struct passwd *user, struct vss_err *err)
{
	if (!dir)
		return 0;
	w->scratch = vss_path_join(dir, w->registration);
	if (mkdir(w->scratch, 0700) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: make directory", w->scratch);
	if (user && geteuid() == 0 && lchown(w->scratch, user->pw_uid, user->pw_gid) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: change owner", w->scratch);
	w->pub.scratch = w->scratch;
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
environment(const struct vss_registration *r, const struct passwd *user, struct vss_strv *out)
{
	VSS_AUTOSTRV struct vss_strv clean = VSS_STRV_INIT;

	for (size_t i = 0; i < r->environment.n; i++)
		vss_strv_add(out, r->environment.v[i]);
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
 * (NOTES). */
static int
command(const struct vss_registration *r, const struct passwd *user, struct vss_strv *out, struct vss_err *err)
{
	static const char *const places[] = { "/usr/bin/setpriv", "/bin/setpriv" };

	if (user) {
		size_t i = access(places[0], X_OK) == 0 ? 0 : 1;
		if (access(places[i], X_OK) != 0)
			return vss_fail(err, VSS_UNSUPPORTED, 0, "User=%s: needs setpriv of util-linux", r->user);
		vss_strv_add(out, places[i]);
		vss_strv_take(out, vss_strf("--reuid=%u", (unsigned)user->pw_uid));
		vss_strv_take(out, vss_strf("--regid=%u", (unsigned)user->pw_gid));
		vss_strv_add(out, "--init-groups");
		vss_strv_add(out, "--");
	}
	for (size_t i = 0; i < r->exec.n; i++)
		vss_strv_add(out, r->exec.v[i]);
	return 0;
}

/* Its input is a socket, so that saying something to a dead writer never raises SIGPIPE in whoever uses the
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
start(struct host_writer *w, const struct vss_strv *argv, const struct vss_strv *env, struct vss_err *err)
{
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
		&w->child, err);
	if (r == 0) {
		vss_conversation_init(&w->talk, p.output[0], p.input[0]);
		w->errfd = p.errors[0];
		fcntl(w->errfd, F_SETFL, O_NONBLOCK);
		w->pub.alive = true;
		p.output[0] = p.input[0] = p.errors[0] = -1;
	}
	close_pair(p.input);
	close_pair(p.output);
	close_pair(p.errors);
	return r;
}

static int
spawn(struct host_writer *w, const struct vss_registration *r, const struct passwd *user, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv argv = VSS_STRV_INIT;
	VSS_AUTOSTRV struct vss_strv env = VSS_STRV_INIT;

	if (user && user->pw_uid == geteuid())
		user = NULL; /* as it is anyway */
	if (user && geteuid() != 0)
		return vss_fail(err, VSS_DENIED, 0, "User=%s: only root can start it as another user", r->user);
	environment(r, user, &env);
	if (command(r, user, &argv, err) != 0)
		return -1;
	return start(w, &argv, &env, err);
}

int
host_spawn(struct host_writer *w, const struct vss_registration *r, const char *scratch_dir, struct vss_err *err)
{
	const struct passwd *user;

	if (find_user(r, &user, err) != 0 || make_scratch(w, scratch_dir, user, err) != 0)
		return -1;
	return r->socket ? host_reach(w, r->socket, user, err) : spawn(w, r, user, err);
}

bool
host_is_open(const struct host_writer *w)
{
	return w->service ? w->pub.alive : w->child.pid > 0;
}

void
host_hang_up(struct host_writer *w)
{
	/* There is no process to signal: what a service still says fails, so that it hears of the end even while it writes. */
	if (w->service && w->talk.in >= 0)
		shutdown(w->talk.in, SHUT_RDWR);
	vss_conversation_hang_up(&w->talk);
	if (w->child.pid > 0 && w->next_signal == INT64_MAX)
		w->next_signal = vss_now_mono() + HOST_GRACE_MS * VSS_MS;
}

void
host_signal_due(struct host_writer *w)
{
	vss_child_signal(&w->child, w->terminated ? SIGKILL : SIGTERM);
	vss_debug("writer %s: still there after its end of input, %s sent", w->registration,
		w->terminated ? "SIGKILL" : "SIGTERM");
	w->next_signal = w->terminated ? INT64_MAX : vss_now_mono() + HOST_GRACE_MS * VSS_MS;
	w->terminated = true;
}

/* One line of its stderr is whole. */
static void
log_complaint(struct host_writer *w)
{
	if (w->complained > HOST_STDERR_BYTES || w->complaint.len == 0)
		return;
	VSS_AUTOFREE char *text = vss_escaped(w->complaint.data);
	vss_debug("writer %s: %s", w->registration, text);
}

static void
hear_byte(struct host_writer *w, char c, bool *line_ended)
{
	if (c == '\n') {
		log_complaint(w);
		*line_ended = true;
		return;
	}
	if (*line_ended)
		vss_buf_reset(&w->complaint);
	*line_ended = false;
	if (w->complaint.len < 512)
		vss_buf_ch(&w->complaint, c ? c : ' ');
}

void
host_hear_stderr(struct host_writer *w)
{
	char text[4096];
	ssize_t n = read(w->errfd, text, sizeof text);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(w->errfd);
		w->errfd = -1;
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		hear_byte(w, text[i], &w->line_ended);
	w->complained += (size_t)n;
}

void
host_reap(struct host_writer *w, char **how)
{
	struct vss_err err = VSS_ERR_INIT;
	int status;

	/* Not reaped yet, so its number still means its group: what it started ends with it. */
	if (!w->parted)
		vss_child_signal(&w->child, SIGTERM);
	w->next_signal = INT64_MAX;
	if (vss_child_wait(&w->child, vss_now_mono() + HOST_GRACE_MS * VSS_MS, &status, &err) != 1) {
		vss_child_end(&w->child, 0);
		*how = vss_strdup("ended, nobody knows how");
	} else if (WIFSIGNALED(status)) {
		*how = vss_strf("was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else {
		*how = vss_strf("ended with status %d", WEXITSTATUS(status));
	}
}
