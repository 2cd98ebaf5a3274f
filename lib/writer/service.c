/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host_internal.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "os/trust.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RETRY_MS = 20 };

/* Its directories decide who can put another socket there.  Its mode does not count: to write to a socket is to
 * connect. */
static int
check_socket(const struct host_writer *w, struct vss_err *err)
{
	VSS_AUTOFREE char *dir = vss_path_dir(w->service);
	struct stat st;

	if (vss_check_trust_of(dir, w->peer, err) != 0)
		return -1;
	if (lstat(w->service, &st) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", w->service);
	if (!S_ISSOCK(st.st_mode))
		return vss_fail(err, VSS_DENIED, 0, "%s: not a socket", w->service);
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != w->peer)
		return vss_fail(err, VSS_DENIED, 0, "%s: belongs to user %u, who is not to be trusted", w->service,
			(unsigned)st.st_uid);
	return 0;
}

/* Who listens there: this cannot be forged, while a path can be exchanged after it was looked at. */
static int
check_peer(const struct host_writer *w, struct vss_err *err)
{
	struct ucred who;
	socklen_t n = sizeof who;

	if (getsockopt(w->talk.in, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: who listens", w->service);
	if (w->peer_named ? who.uid == w->peer : who.uid == 0 || who.uid == geteuid())
		return 0;
	if (w->peer_named)
		return vss_fail(err, VSS_DENIED, 0, "%s: user %u listens there, not the user %u of User=", w->service,
			(unsigned)who.uid, (unsigned)w->peer);
	return vss_fail(err, VSS_DENIED, 0, "%s: user %u listens there, neither root nor the caller", w->service,
		(unsigned)who.uid);
}

/* A socket of a file system connects at once or not at all; it says EAGAIN while too many others wait, and then there
 * is nothing to poll for. */
static int
try_connect(struct host_writer *w, struct vss_err *err)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };

	if (check_socket(w, err) != 0)
		return -1;
	memcpy(where.sun_path, w->service, strlen(w->service) + 1); /* its length was looked at when it was read */
	w->connecting = connect(w->talk.in, (struct sockaddr *)&where, sizeof where) != 0;
	if (!w->connecting)
		return check_peer(w, err);
	if (errno != EAGAIN && errno != EINTR)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: connect", w->service);
	w->next_try = vss_now_mono() + RETRY_MS * VSS_MS;
	return 0;
}

void
host_connect_due(struct host_writer *w)
{
	struct vss_err err = VSS_ERR_INIT;

	if (try_connect(w, &err) != 0)
		host_lose(w, VSS_E_WRITER_NOT_RESPONDING, "%s", err.text);
}

int
host_reach(struct host_writer *w, const char *path, const struct passwd *user, struct vss_err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "socket");
	w->service = vss_path_clean(path, "/");
	w->peer_named = user != NULL;
	w->peer = user ? user->pw_uid : geteuid();
	vss_conversation_init(&w->talk, fd, fd);
	if (try_connect(w, err) != 0)
		return -1;
	w->pub.alive = true;
	return 0;
}
