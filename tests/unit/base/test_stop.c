/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stop.h"

#include "lib/cm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that passes `first` and `second`, then ends with 0.  Returns its wait status; a stopped one is continued. */
static int
run(const char *stop_at, const char *log)
{
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		if (stop_at)
			setenv("VSS_STOP_AT", stop_at, 1);
		if (log)
			setenv("VSS_STOP_LOG", log, 1);
		vss_stop_point("first");
		vss_stop_point("second");
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	if (!WIFSTOPPED(status))
		return status;
	kill(pid, SIGCONT);
	int last;
	assert_int_equal(waitpid(pid, &last, 0), pid);
	assert_true(WIFEXITED(last) && WEXITSTATUS(last) == 0);
	return status;
}

static void
without_the_variable_nothing_happens(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, NULL), 0);
	assert_int_equal(run("other,firs,firsts:kill", NULL), 0);
}

static void
the_default_is_to_be_killed(void **state)
{
	(void)state;
	int status = run("second", NULL);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void
each_action_does_what_it_says(void **state)
{
	(void)state;
	assert_int_equal(WTERMSIG(run("first:kill", NULL)), SIGKILL);
	assert_int_equal(WTERMSIG(run("x:note,first:term", NULL)), SIGTERM);
	assert_int_equal(WTERMSIG(run("first:int,second:kill", NULL)), SIGINT);
	int status = run("first:exit", NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_true(WIFSTOPPED(run("second:stop", NULL)));
	assert_int_equal(run("second:note", NULL), 0);
}

static void
the_log_names_point_and_process_before_the_action(void **state)
{
	(void)state;
	char path[] = "/tmp/vss-test-stop-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	run("first:note,second:kill", path);
	char text[200] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	close(fd);
	unlink(path);
	long a = 0, b = 0;
	assert_true(n > 0);
	assert_int_equal(sscanf(text, "first %ld\nsecond %ld\n", &a, &b), 2);
	assert_true(a > 1);
	assert_int_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_variable_nothing_happens),
		cmocka_unit_test(the_default_is_to_be_killed),
		cmocka_unit_test(each_action_does_what_it_says),
		cmocka_unit_test(the_log_names_point_and_process_before_the_action),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
