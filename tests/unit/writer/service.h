/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TESTS_WRITER_SERVICE_H
#define VSS_TESTS_WRITER_SERVICE_H

#include "sdk/vss-writer.h"
#include "stage.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

/**
 * A service that is its own writer, at run/socket of the stage: one process, one session after the other.  What happens to it stands
 * in service.log.
 */
enum { NOBODY = 65534, WAIT_MS = 30000 };

/* What the service of a test does besides being a writer. */
struct service {
	uid_t user;	 /* who runs it, 0: the caller */
	int wait_for_fd; /* it accepts when this one says so, 0: at once */
	int turned_away; /* connections that it closes first */
	bool dies_frozen;
};

static pid_t service_pid = -1;

static inline void
note(const char *word)
{
	VSS_AUTOFREE char *path = stage_path("service.log");
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, word, strlen(word)) < 0)
		_exit(97);
	close(fd);
}

static inline int
identify(struct vss_sdk *w, void *self)
{
	(void)self;
	vss_sdk_writer(w, "0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11", "Service", "OTHER", "OTHER");
	vss_sdk_restore_method(w, "RESTORE_IF_NOT_THERE", NULL, NULL);
	vss_sdk_component(w, "filegroup", "", "all", NULL);
	vss_sdk_files(w, &(struct vss_sdk_files){
				 .kind = "file", .logical_path = "", .name = "all", .dir = "/srv/stage", .spec = "*" });
	return 0;
}

static inline int
freeze(struct vss_sdk *w, void *self)
{
	const struct service *s = self;

	if (s->dies_frozen)
		_exit(0);
	vss_sdk_hold(w, "files");
	note("freeze ");
	return 0;
}

static inline int
thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	(void)w;
	(void)self;
	note(reason == VSS_SDK_THAW_END_OF_INPUT ? "thaw:end " : "thaw ");
	return 0;
}

static const struct vss_sdk_ops ops = { .identify = identify, .freeze = freeze, .thaw = thaw };

static inline struct sockaddr_un
address(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	VSS_AUTOFREE char *path = stage_path("run/socket");

	assert_true(strlen(path) < sizeof a.sun_path);
	strcpy(a.sun_path, path);
	return a;
}

static inline _Noreturn void
serve(const struct service *s, int ready)
{
	struct service self = *s;
	struct sockaddr_un a = address();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), turned_away = s->turned_away;

	if (s->user != 0 && setuid(s->user) != 0)
		_exit(96);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 0) != 0 || write(ready, "r", 1) != 1)
		_exit(95);
	if (s->wait_for_fd > 0)
		poll(&(struct pollfd){ .fd = s->wait_for_fd, .events = POLLIN }, 1, WAIT_MS);
	for (;;) {
		int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (c < 0)
			_exit(94);
		if (turned_away-- > 0)
			close(c);
		else
			vss_sdk_run_on(&ops, &self, c);
	}
}

/* The service listens when this returns. */
static inline void
start_service(const struct service *s)
{
	VSS_AUTOFREE char *dir = stage_path("run"), *socket = stage_path("run/socket");
	int ready[2];
	char byte;

	mkdir(dir, 0755); /* unless it is there */
	assert_int_equal(chmod(stage_dir, 0755), 0);
	unlink(socket);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	service_pid = fork();
	assert_true(service_pid >= 0);
	if (service_pid == 0)
		serve(s, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static inline void
stop_service(void)
{
	if (service_pid <= 0)
		return;
	kill(service_pid, SIGKILL);
	waitpid(service_pid, NULL, 0);
	service_pid = -1;
}

#endif
