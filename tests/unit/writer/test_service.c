/* SPDX-License-Identifier: BSD-2-Clause */
#include "service.h"

#include <stdio.h>

static int fillers[64], nfillers;

/* Its registration NAME, with more lines behind it. */
static void
register_service(const char *name, const char *more)
{
	VSS_AUTOFREE char *socket = stage_path("run/socket"), *file = vss_strf("writers.d/%s.writer", name);
	VSS_AUTOFREE char *text = vss_strf("[Writer]\nSocket=%s\n%s\n", socket, more);

	stage_write(file, text);
}

static int
clear(void **state)
{
	for (; nfillers > 0; nfillers--)
		close(fillers[nfillers - 1]);
	int r = stage_clear(state);
	stop_service();
	return r;
}

static void
end(void)
{
	vss_writers_end(stage_writers);
	stage_writers = NULL;
}

static bool
service_log_is(const char *text)
{
	VSS_AUTOFREE char *log = stage_read("service.log");

	return strcmp(log, text) == 0;
}

/* The service hears of the end by itself, a moment later. */
static void
wait_for_service_log(const char *text)
{
	int64_t limit = vss_now_mono() + WAIT_MS * VSS_MS;

	while (!service_log_is(text) && vss_now_mono() < limit)
		poll(NULL, 0, 5);
	VSS_AUTOFREE char *log = stage_read("service.log");
	assert_string_equal(log, text);
}

static void
a_service_lives_through_one_session_after_the_other(void **state)
{
	(void)state;
	start_service(&(struct service){ 0 });
	register_service("s", "Level=back-end\nFreezeTimeout=20");
	for (int i = 0; i < 2; i++) {
		struct vss_writer *w = stage_start();
		assert_string_equal(w->metadata->name, "Service");
		assert_int_equal(w->level, VSS_APP_BACK_END);
		stage_raise_until(VSS_EVENT_BACKUP_SHUTDOWN);
		assert_int_equal(w->error, VSS_OK);
		assert_int_equal(w->state, VSS_WS_STABLE);
		assert_int_equal(w->hold, VSS_HOLD_FILES);
		end();
	}
	wait_for_service_log("freeze thaw freeze thaw ");
}

static void
the_end_of_a_session_thaws_a_service(void **state)
{
	(void)state;
	start_service(&(struct service){ 0 });
	register_service("s", "");
	stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	end();
	wait_for_service_log("freeze thaw:end ");
}

static void
a_service_that_dies_has_failed(void **state)
{
	(void)state;
	start_service(&(struct service){ .dies_frozen = true });
	register_service("s", "");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	assert_false(w->alive);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_FREEZE);
	assert_int_equal(w->error, VSS_E_WRITER_NOT_RESPONDING);
	assert_string_equal(w->message, "the service ended the connection");
}

static void
expect_unreached(const char *reason)
{
	struct vss_writer *w = stage_start();

	assert_false(w->alive);
	assert_null(w->metadata);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_IDENTIFY);
	assert_int_equal(w->error, VSS_E_WRITER_NOT_RESPONDING);
	if (!strstr(w->message, reason))
		fail_msg("%s", w->message);
	end();
}

static void
a_service_that_does_not_run_is_listed_as_failed(void **state)
{
	(void)state;
	register_service("s", "");
	expect_unreached("No such file or directory");
	start_service(&(struct service){ 0 });
	stop_service();
	expect_unreached("connect: Connection refused");
}

/* Connections that nobody accepts, until no more are taken. */
static void
fill_up(void)
{
	struct sockaddr_un a = address();

	for (;;) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(fd >= 0 && nfillers < 64);
		fillers[nfillers++] = fd;
		if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
			assert_int_equal(errno, EAGAIN);
			return;
		}
	}
}

static void
a_busy_service_keeps_nobody_waiting_but_itself(void **state)
{
	int never[2];

	(void)state;
	assert_int_equal(pipe2(never, O_CLOEXEC), 0);
	start_service(&(struct service){ .wait_for_fd = never[0] });
	fill_up();
	register_service("busy", "");
	stage_script("other", "", "");
	stage_writers = vss_writers_start(&(struct vss_writers_options){ .identify_timeout_ms = 2000 }, &stage_err);
	assert_non_null(stage_writers);
	assert_int_equal(vss_writers_count(stage_writers), 2);
	struct vss_writer *busy = vss_writers_at(stage_writers, 0);
	assert_int_equal(busy->error, VSS_E_WRITER_NOT_RESPONDING);
	assert_string_equal(busy->message, "no answer to hello in time");
	assert_non_null(vss_writers_at(stage_writers, 1)->metadata);
	close(never[0]);
	close(never[1]);
}

static void
a_busy_service_is_tried_again(void **state)
{
	int go[2];

	(void)state;
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	start_service(&(struct service){ .wait_for_fd = go[0], .turned_away = 1 });
	fill_up();
	assert_int_equal(nfillers, 2); /* the last one did not get in */
	/* The other writer is started behind the first try, and lets the service go on. */
	VSS_AUTOFREE char *fifo = vss_strf("/proc/%d/fd/%d", (int)getpid(), go[1]);
	VSS_AUTOFREE char *rule = vss_strf("#!/bin/sh\nexec 3>%s; echo go >&3\nexit 1\n", fifo);
	stage_write("release", rule);
	VSS_AUTOFREE char *release = stage_path("release");
	assert_int_equal(chmod(release, 0755), 0);
	register_service("busy", "");
	stage_register("release", release, "");
	stage_start();
	struct vss_writer *busy = vss_writers_at(stage_writers, 0);
	assert_int_equal(busy->error, VSS_OK);
	assert_string_equal(busy->metadata->name, "Service");
	close(go[0]);
	close(go[1]);
}

static void
a_socket_that_others_can_exchange_is_not_spoken_to(void **state)
{
	(void)state;
	start_service(&(struct service){ 0 });
	register_service("s", "");
	VSS_AUTOFREE char *dir = stage_path("run"), *socket = stage_path("run/socket"),
			  *other = stage_path("run/other");
	assert_int_equal(chmod(dir, 0775), 0);
	expect_unreached("writable by others");
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chmod(socket, 0666), 0); /* anybody may connect: that says nothing of who listens */
	assert_string_equal(stage_start()->metadata->name, "Service");
	end();
	assert_int_equal(rename(socket, other), 0);
	assert_int_equal(symlink("other", socket), 0);
	expect_unreached("not a socket");
}

static void
who_listens_has_to_be_the_one_that_is_meant(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	start_service(&(struct service){ 0 });
	register_service("s", "User=nobody");
	expect_unreached("user 0 listens there, not the user 65534");
	register_service("s", "User=root");
	assert_string_equal(stage_start()->metadata->name, "Service");
	end();
	stop_service();

	VSS_AUTOFREE char *dir = stage_path("run"), *socket = stage_path("run/socket");
	assert_int_equal(chown(dir, NOBODY, 0), 0);
	start_service(&(struct service){ .user = NOBODY });
	register_service("s", "");
	expect_unreached("belongs to user 65534");
	assert_int_equal(chown(dir, 0, 0), 0);
	expect_unreached("belongs to user 65534");
	assert_int_equal(chown(socket, 0, 0), 0);
	expect_unreached("user 65534 listens there, neither root nor the caller");
	assert_int_equal(chown(dir, NOBODY, 0) | chown(socket, NOBODY, 0), 0);
	register_service("s", "User=nobody");
	assert_string_equal(stage_start()->metadata->name, "Service");
	end();
}

static void
its_scratch_directory_belongs_to_the_user_of_the_service(void **state)
{
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	VSS_AUTOFREE char *dir = stage_path("run"), *scratch = stage_path("scratch");
	assert_int_equal(mkdir(dir, 0755) | mkdir(scratch, 0711) | chown(dir, NOBODY, 0), 0);
	start_service(&(struct service){ .user = NOBODY });
	register_service("s", "User=nobody");
	stage_writers = vss_writers_start(&(struct vss_writers_options){ .scratch_dir = scratch }, &stage_err);
	assert_non_null(stage_writers);
	assert_int_equal(vss_writers_at(stage_writers, 0)->error, VSS_OK);
	assert_int_equal(stat(vss_writers_at(stage_writers, 0)->scratch, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(st.st_uid, NOBODY);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_set, clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_service_lives_through_one_session_after_the_other),
		TEST(the_end_of_a_session_thaws_a_service),
		TEST(a_service_that_dies_has_failed),
		TEST(a_service_that_does_not_run_is_listed_as_failed),
		TEST(a_busy_service_keeps_nobody_waiting_but_itself),
		TEST(a_busy_service_is_tried_again),
		TEST(a_socket_that_others_can_exchange_is_not_spoken_to),
		TEST(who_listens_has_to_be_the_one_that_is_meant),
		TEST(its_scratch_directory_belongs_to_the_user_of_the_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
