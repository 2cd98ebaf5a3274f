/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"

#include <errno.h>
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
	w->label = vss_strf("writer %s", r->name);
	w->child = (struct vss_child)VSS_CHILD_NONE;
	w->talk.in = w->talk.out = w->errors.fd = -1;
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
	vss_complaints_close(&w->errors);
	host_clear_lines(w->said, w->nsaid);
	host_clear_lines(w->kept, w->pub.nstatements);
	vss_metadata_free(w->metadata);
	free(w->registration);
	free(w->label);
	free(w->message);
	free(w->scratch);
	free(w->absent);
	free(w->service);
	free(w);
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

static int
spawn(struct host_writer *w, const struct vss_registration *r, const struct passwd *user, struct vss_err *err)
{
	struct vss_program p;

	if (vss_program_start(&r->exec, &r->environment, user, &p, err) != 0)
		return -1;
	w->child = p.child;
	w->pub.group = p.child.pid;
	w->talk = p.talk;
	w->errors.fd = p.errfd;
	w->pub.alive = true;
	return 0;
}

int
host_spawn(struct host_writer *w, const struct vss_registration *r, const char *scratch_dir, struct vss_err *err)
{
	const struct passwd *user;

	if (vss_program_user(r->user, &user, err) != 0 || make_scratch(w, scratch_dir, user, err) != 0)
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
