/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/interrupt.h"

#include "lib/box.h"
#include "os/durable.h"

#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static bool
is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) == 1;
}

static void
nothing_is_caught_before_it_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(vss_interrupt_fd(), -1);
	assert_false(vss_interrupted());
}

static void
a_signal_sets_the_flag_and_the_descriptor_until_cleared(void **state)
{
	(void)state;
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct vss_err err = VSS_ERR_INIT;
	assert_ok(vss_interrupt_catch(&err), err);
	assert_int_equal(vss_check_interrupt(&err), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_false(is_readable(vss_interrupt_fd()));
		raise(signals[i]);
		raise(signals[i]);
		assert_true(vss_interrupted());
		assert_int_equal(vss_interrupt_signal(), signals[i]);
		assert_false(vss_interrupt_by_terminal());
		assert_true(is_readable(vss_interrupt_fd()));
		assert_int_equal(vss_check_interrupt(&err), -1);
		assert_int_equal(err.code, VSS_INTERRUPTED);
		vss_interrupt_clear();
		assert_false(vss_interrupted());
		assert_int_equal(vss_interrupt_signal(), 0);
	}
}

static void
a_wish_to_end_is_stronger_than_one_to_stop(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	assert_ok(vss_interrupt_catch(&err), err);
	raise(SIGINT);
	raise(SIGTERM);
	raise(SIGINT);
	assert_int_equal(vss_interrupt_signal(), SIGTERM);
	vss_interrupt_clear();
}

static void
a_broken_pipe_is_an_error_and_no_death(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	int fd[2];
	assert_ok(vss_interrupt_catch(&err), err);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	assert_int_equal(write(fd[1], "x", 1), -1);
	close(fd[1]);
}

static void
a_write_that_waits_ends_with_an_interruption(void **state)
{
	(void)state;
	static const char block[1 << 17]; /* more than a pipe holds */
	struct vss_err err = VSS_ERR_INIT;
	int fd[2];
	assert_ok(vss_interrupt_catch(&err), err);
	assert_int_equal(pipe(fd), 0);
	const struct itimerval soon = { .it_value = { 0, 20000 }, .it_interval = { 0, 20000 } };
	struct sigaction as_term;
	sigaction(SIGTERM, NULL, &as_term);
	sigaction(SIGALRM, &as_term, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	int r = vss_write_all(fd[1], block, sizeof block, &err);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	assert_int_equal(r, -1);
	assert_int_equal(err.code, VSS_INTERRUPTED);
	vss_interrupt_clear();
	close(fd[0]);
	close(fd[1]);
}

static void
what_nohup_ignored_stays_ignored(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		struct vss_err err = VSS_ERR_INIT;
		signal(SIGHUP, SIG_IGN);
		if (vss_interrupt_catch(&err) < 0)
			_exit(2);
		raise(SIGHUP);
		_exit(vss_interrupted() ? 1 : 0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	/* What the shell that runs the tests may have switched off. */
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_caught_before_it_is_asked_for),
		cmocka_unit_test(what_nohup_ignored_stays_ignored),
		cmocka_unit_test(a_signal_sets_the_flag_and_the_descriptor_until_cleared),
		cmocka_unit_test(a_wish_to_end_is_stronger_than_one_to_stop),
		cmocka_unit_test(a_broken_pipe_is_an_error_and_no_death),
		cmocka_unit_test(a_write_that_waits_ends_with_an_interruption),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
