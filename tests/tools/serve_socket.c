/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve_socket PATH COMMAND ARG...: listen at PATH and run the command for each connection, with it as standard input and
 * output: a service that is its own writer, for tests of Socket=.  Until it is ended; says "ready" when it listens.
 */
#include "os/child.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof a.sun_path)
		return -1;
	memcpy(a.sun_path, path, strlen(path) + 1);
	return bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 8) == 0 ? fd : -1;
}

/* Its process is nobody's to wait for: SIGCHLD is ignored. */
static int
run(int fd, char **argv)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_child c;

	if (vss_child_spawn(
		    &(struct vss_child_spec){
			    .argv = (const char *const *)argv, .in = fd, .out = fd, .errfd = STDERR_FILENO },
		    &c, &err) != 0) {
		fprintf(stderr, "serve_socket: %s\n", err.text);
		return -1;
	}
	return close(c.pidfd);
}

int
main(int argc, char **argv)
{
	int fd = argc > 2 ? listen_at(argv[1]) : -1;

	if (fd < 0) {
		fprintf(stderr, "serve_socket: cannot listen\n");
		return 1;
	}
	signal(SIGCHLD, SIG_IGN);
	puts("ready");
	fflush(stdout);
	for (int c; (c = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
		int r = run(c, argv + 2);
		close(c);
		if (r != 0)
			return 1;
	}
	return 1;
}
