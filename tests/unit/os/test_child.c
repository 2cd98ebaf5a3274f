/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/child.h"

#include "base/time.h"
#include "lib/box.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

/* Run a line of shell with its stdout in a pipe; what it printed, in a static buffer. */
static const char *
output_of(struct vss_child_spec spec, int *status)
{
	static char text[4096];
	struct vss_err err = VSS_ERR_INIT;
	struct vss_child c = VSS_CHILD_NONE;
	int out[2];
	size_t n = 0;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	spec.out = out[1];
	assert_ok(vss_child_spawn(&spec, &c, &err), err);
	close(out[1]);
	for (ssize_t got; (got = read(out[0], text + n, sizeof text - 1 - n)) > 0;)
		n += (size_t)got;
	text[n] = '\0';
	close(out[0]);
	assert_int_equal(vss_child_wait(&c, INT64_MAX, status, &err), 1);
	assert_int_equal(c.pid, -1);
	return text;
}

static const char *
shell(const char *line)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	int status;
	return output_of((struct vss_child_spec){ .argv = argv, .in = -1, .errfd = -1 }, &status);
}

static void
the_exit_status_is_that_of_waitpid(void **state)
{
	(void)state;
	int status;
	const char *const seven[] = { "/bin/sh", "-c", "exit 7", NULL };
	const char *const killed[] = { "/bin/sh", "-c", "kill -USR1 $$", NULL };
	output_of((struct vss_child_spec){ .argv = seven, .in = -1, .errfd = -1 }, &status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	output_of((struct vss_child_spec){ .argv = killed, .in = -1, .errfd = -1 }, &status);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGUSR1);
}

static void
the_environment_is_clean(void **state)
{
	(void)state;
	setenv("SECRET", "x", 1);
	setenv("VSS_ANYTHING", "y", 1);
	const char *env = shell("env");
	assert_null(strstr(env, "SECRET"));
	assert_non_null(strstr(env, "VSS_ANYTHING=y\n"));
	assert_non_null(strstr(env, "LANG=C.UTF-8\n"));
	assert_non_null(strstr(env, "PATH=/usr/local/sbin:"));
	unsetenv("SECRET");
	unsetenv("VSS_ANYTHING");
}

static void
a_given_environment_is_the_whole_one(void **state)
{
	(void)state;
	int status;
	const char *const argv[] = { "/usr/bin/env", NULL }, *const env[] = { "A=b", NULL };
	struct vss_child_spec spec = { .argv = argv, .env = env, .in = -1, .errfd = -1 };
	assert_string_equal(output_of(spec, &status), "A=b\n");
}

static void
the_directory_is_the_root_unless_given(void **state)
{
	int status;
	const char *const argv[] = { "/bin/pwd", NULL };
	VSS_AUTOFREE char *expected = vss_strf("%s\n", (char *)*state);
	struct vss_child_spec spec = { .argv = argv, .cwd = *state, .in = -1, .errfd = -1 };
	assert_string_equal(output_of(spec, &status), expected);
	assert_string_equal(shell("pwd"), "/\n");
}

static void
signals_are_as_in_a_fresh_process(void **state)
{
	(void)state;
	sigset_t all, old;
	sigfillset(&all);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &all, &old);
	/* Not through a shell, which has a mask of its own making. */
	const char *const argv[] = { "/bin/cat", "/proc/self/status", NULL };
	int ended;
	const char *status = output_of((struct vss_child_spec){ .argv = argv, .in = -1, .errfd = -1 }, &ended);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* 32 and 33 belong to the C library, which does not let anybody change them. */
	const uint64_t others = ~(3ull << 31);
	assert_int_equal(strtoull(strstr(status, "SigBlk:") + 7, NULL, 16) & others, 0);
	assert_int_equal(strtoull(strstr(status, "SigIgn:") + 7, NULL, 16) & others, 0);
}

static void
only_listed_descriptors_are_passed_on(void **state)
{
	(void)state;
	int status, low, high;
	low = fcntl(0, F_DUPFD, 20); /* not close-on-exec: as if we had inherited it */
	high = fcntl(0, F_DUPFD_CLOEXEC, 30);
	int stray = fcntl(0, F_DUPFD, 40);
	const int keep[] = { high, -1 };
	const char *const argv[] = { "/bin/sh", "-c",
		"for i in 3 4 5 6 7 8 9 20 30 40; do test ! -e /proc/$$/fd/$i || echo $i; done", NULL };
	struct vss_child_spec spec = { .argv = argv, .keep = keep, .in = -1, .errfd = -1 };
	assert_string_equal(output_of(spec, &status), "30\n");
	close(low);
	close(high);
	close(stray);
}

static void
standard_descriptors_may_be_given_crosswise(void **state)
{
	int status;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_child c = VSS_CHILD_NONE;
	VSS_AUTOCLOSE int dir = box_open(state);
	int save1 = fcntl(1, F_DUPFD_CLOEXEC, 10), save2 = fcntl(2, F_DUPFD_CLOEXEC, 10);
	int one = openat(dir, "one", O_WRONLY | O_CREAT, 0600), two = openat(dir, "two", O_WRONLY | O_CREAT, 0600);
	const char *const argv[] = { "/bin/sh", "-c", "echo out; echo err >&2", NULL };
	struct vss_child_spec spec = { .argv = argv, .in = -1, .out = 2, .errfd = 1 };

	fflush(stdout);
	dup2(one, 1);
	dup2(two, 2);
	int r = vss_child_spawn(&spec, &c, &err);
	dup2(save1, 1);
	dup2(save2, 2);
	assert_ok(r, err);
	assert_int_equal(vss_child_wait(&c, INT64_MAX, &status, &err), 1);
	assert_string_equal(box_read(dir, "one"), "err\n");
	assert_string_equal(box_read(dir, "two"), "out\n");
	close(save1);
	close(save2);
	close(one);
	close(two);
}

static void
without_descriptors_there_is_dev_null(void **state)
{
	(void)state;
	struct vss_child c = VSS_CHILD_NONE;
	struct vss_err err = VSS_ERR_INIT;
	int status;
	const char *const argv[] = { "/bin/sh", "-c", "echo x; ! read line", NULL };
	struct vss_child_spec spec = { .argv = argv, .in = -1, .out = -1, .errfd = -1 };
	assert_ok(vss_child_spawn(&spec, &c, &err), err);
	assert_int_equal(vss_child_wait(&c, INT64_MAX, &status, &err), 1);
	assert_int_equal(status, 0);
}

static void
a_command_that_is_not_there_is_told_at_once(void **state)
{
	(void)state;
	struct vss_child c = VSS_CHILD_NONE;
	struct vss_err err = VSS_ERR_INIT;
	const char *const absolute[] = { "/no/such/thing", NULL }, *const name[] = { "no-such-thing", NULL };
	struct vss_child_spec spec = { .argv = absolute, .in = -1, .out = -1, .errfd = -1 };
	assert_int_equal(vss_child_spawn(&spec, &c, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	spec.argv = name;
	spec.search_path = true;
	assert_int_equal(vss_child_spawn(&spec, &c, &err), -1);
	assert_string_equal(err.text, "no-such-thing: command not found");
	assert_int_equal(c.pid, -1);
	vss_child_end(&c, 0);
}

static void
the_path_that_counts_is_the_childs(void **state)
{
	int status;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = vss_strf("PATH=/none:%s", (char *)*state);
	const char *const argv[] = { "greet", NULL }, *const env[] = { path, NULL };
	box_write(dir, "greet", "#!/bin/sh\necho hello\n");
	assert_int_equal(fchmodat(dir, "greet", 0755, 0), 0);
	struct vss_child_spec spec = { .argv = argv, .env = env, .search_path = true, .in = -1, .errfd = -1 };
	assert_string_equal(output_of(spec, &status), "hello\n");
}

static void
waiting_ends_at_the_deadline(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_child c = VSS_CHILD_NONE;
	int status;
	const char *const argv[] = { "/bin/sleep", "1000", NULL };
	struct vss_child_spec spec = { .argv = argv, .in = -1, .out = -1, .errfd = -1 };
	assert_ok(vss_child_spawn(&spec, &c, &err), err);
	assert_int_equal(vss_child_wait(&c, 0, &status, &err), 0);
	assert_int_equal(vss_child_wait(&c, vss_now_mono() + 10 * VSS_MS, &status, &err), 0);
	vss_child_signal(&c, SIGKILL);
	assert_int_equal(vss_child_wait(&c, INT64_MAX, &status, &err), 1);
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void
the_end_takes_the_whole_group_even_one_that_ignores_term(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_child c = VSS_CHILD_NONE;
	int out[2];
	char line[8];
	const char *const argv[] = { "/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo ready; exec sleep 1000", NULL };
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	struct vss_child_spec spec = { .argv = argv, .in = -1, .out = out[1], .errfd = -1 };
	assert_ok(vss_child_spawn(&spec, &c, &err), err);
	close(out[1]);
	assert_int_equal(getpgid(c.pid), c.pid);
	assert_int_equal(read(out[0], line, sizeof line), 6);
	vss_child_end(&c, 20);
	assert_int_equal(c.pid, -1);
	/* The pipe ends only when both sleeps are gone. */
	struct pollfd p = { .fd = out[0], .events = POLLIN };
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(read(out[0], line, 1), 0);
	close(out[0]);
}

static void
a_child_may_stay_in_our_group(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_child c = VSS_CHILD_NONE;
	const char *const argv[] = { "/bin/sleep", "1000", NULL };
	struct vss_child_spec spec = { .argv = argv, .keep_group = true, .in = -1, .out = -1, .errfd = -1 };
	assert_ok(vss_child_spawn(&spec, &c, &err), err);
	assert_int_equal(getpgid(c.pid), getpgrp());
	vss_child_end(&c, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_status_is_that_of_waitpid),
		cmocka_unit_test(the_environment_is_clean),
		cmocka_unit_test(a_given_environment_is_the_whole_one),
		BOX_TEST(the_directory_is_the_root_unless_given),
		cmocka_unit_test(signals_are_as_in_a_fresh_process),
		cmocka_unit_test(only_listed_descriptors_are_passed_on),
		BOX_TEST(standard_descriptors_may_be_given_crosswise),
		cmocka_unit_test(without_descriptors_there_is_dev_null),
		cmocka_unit_test(a_command_that_is_not_there_is_told_at_once),
		BOX_TEST(the_path_that_counts_is_the_childs),
		cmocka_unit_test(waiting_ends_at_the_deadline),
		cmocka_unit_test(the_end_takes_the_whole_group_even_one_that_ignores_term),
		cmocka_unit_test(a_child_may_stay_in_our_group),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
