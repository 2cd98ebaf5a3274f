/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

#include <fcntl.h>

/* The process of the stage's writer, from its log. */
static pid_t
stage_pid(void)
{
	VSS_AUTOFREE char *log = stage_read("log");
	const char *pid = strstr(log, "pid=");

	assert_non_null(pid);
	return (pid_t)strtol(pid + 4, NULL, 10);
}

static bool
is_gone(pid_t pid)
{
	return kill(pid, 0) != 0 && errno == ESRCH;
}

static void
end(void)
{
	vss_writers_end(stage_writers);
	stage_writers = NULL;
}

static void
a_death_at_any_event_fails_that_event_and_says_how(void **state)
{
	static const struct {
		const char *word, *how, *told;
		enum vss_event event;
	} rows[] = {
		{ "prepare-backup", "", "signal 9", VSS_EVENT_PREPARE_BACKUP },
		{ "freeze", " status=3", "status 3", VSS_EVENT_FREEZE },
		{ "thaw", " signal=10", "signal 10", VSS_EVENT_THAW },
		{ "backup-complete", " status=0", "status 0", VSS_EVENT_BACKUP_COMPLETE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		VSS_AUTOFREE char *rule = vss_strf("at %s die%s", rows[i].word, rows[i].how);
		stage_script("one", rule, "");
		struct vss_writer *w = stage_start();
		stage_raise_until(rows[i].event);
		assert_false(w->alive);
		assert_int_equal(w->error, VSS_E_WRITER_NOT_RESPONDING);
		assert_int_equal(w->state, vss_state_after(rows[i].event, false));
		assert_non_null(strstr(w->message, rows[i].told));
		end();
	}
}

static void
a_writer_that_died_between_events_fails_at_the_next(void **state)
{
	struct vss_writer *who;

	(void)state;
	stage_script("one", "", "");
	struct vss_writer *w = stage_start();
	stage_raise(VSS_EVENT_PREPARE_BACKUP);
	kill(stage_pid(), SIGKILL);
	assert_int_equal(vss_writers_wait(stage_writers, -1, vss_now_mono() + 200 * VSS_MS, &who), VSS_WAIT_DEADLINE);
	assert_false(w->alive);
	stage_raise(VSS_EVENT_PREPARE_SNAPSHOT);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT);
	assert_int_equal(w->error, VSS_E_WRITER_NOT_RESPONDING);
}

static void
silence_past_the_deadline_is_not_responding_and_ends_the_process(void **state)
{
	const struct vss_writers_event e = { .event = VSS_EVENT_PREPARE_BACKUP, .timeout_ms = 100 };

	(void)state;
	stage_script("one", "at prepare-backup stall", "");
	struct vss_writer *w = stage_start();
	int64_t from = vss_now_mono();
	assert_int_equal(vss_writers_raise(stage_writers, &e, &stage_err), 0);
	assert_true(vss_now_mono() - from < 30 * VSS_S);
	assert_int_equal(w->error, VSS_E_WRITER_NOT_RESPONDING);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_PREPARE_BACKUP);
	pid_t pid = stage_pid();
	end();
	assert_true(is_gone(pid));
}

static void
a_stall_in_freeze_is_a_timeout_of_its_own_window(void **state)
{
	(void)state;
	stage_script("one", "at freeze stall stubborn=yes", "FreezeTimeout=300ms");
	stage_script("two", "", "");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	assert_int_equal(w->error, VSS_E_WRITERERROR_TIMEOUT);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_FREEZE);
	assert_int_equal(vss_writers_at(stage_writers, 1)->error, VSS_OK);
	pid_t pid = stage_pid();
	end();
	assert_true(is_gone(pid));
}

static void
the_window_ends_a_freeze_while_others_work(void **state)
{
	struct vss_writer *who;

	(void)state;
	/* A writer that does not thaw by itself: it is told of a longer window than the host gives it. */
	stage_script("one", "at freeze raw \"ok 5 hold=files\\012\"\nat freeze stall", "FreezeTimeout=300ms");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	assert_int_equal(w->error, VSS_OK);
	assert_int_equal(vss_writers_wait(stage_writers, -1, vss_now_mono() + 5 * VSS_S, &who), VSS_WAIT_WRITER);
	assert_ptr_equal(who, w);
	assert_int_equal(w->error, VSS_E_WRITERERROR_TIMEOUT);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_FREEZE);
}

static void
a_writer_that_thaws_at_its_own_deadline_says_so(void **state)
{
	struct vss_writer *who;

	(void)state;
	stage_script("one", "at freeze shorten-window ms=50", "");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	assert_int_equal(vss_writers_wait(stage_writers, -1, vss_now_mono() + 5 * VSS_S, &who), VSS_WAIT_WRITER);
	assert_ptr_equal(who, w);
	assert_true(w->alive);
	assert_int_equal(w->error, VSS_E_WRITERERROR_TIMEOUT);
	assert_true(stage_log_has("thawed-by=deadline"));
	stage_raise(VSS_EVENT_ABORT);
	assert_true(w->alive);
}

static void
a_lie_is_a_breach(void **state)
{
	static const char *const lies[] = {
		"raw \"this is no answer\\012\"",
		"raw \"ok 99\\012\"",
		"raw \"ok 1\\012\"",
		"raw \"ok\\012\"",
		"raw \"ok \\\"\\012\"",
		"raw \"veto 3 NO_SUCH_CODE\\012\"",
		"raw \"evidence only-one-word\\012\"",
		"raw \"component filegroup \\\"\\\" late\\012\"",
		"raw \"ok 3\\012ok 3\\012\"",
		"raw \"no end of line\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		VSS_AUTOFREE char *rule = vss_strf("at prepare-backup %s\n%s", lies[i],
			strstr(lies[i], "no end") ? "at prepare-backup die status=0" : "");
		stage_script("one", rule, "");
		struct vss_writer *w = stage_start();
		stage_raise(VSS_EVENT_PREPARE_BACKUP);
		stage_raise(VSS_EVENT_PREPARE_SNAPSHOT);
		if (w->error != VSS_E_WRITER_NOT_RESPONDING || w->alive)
			fail_msg("taken: %s", lies[i]);
		end();
	}
}

static void
a_flood_ends_at_the_limit(void **state)
{
	(void)state;
	stage_script("one", "at prepare-backup raw \"evidence a b\\012\" times=1100000", "");
	struct vss_writer *w = stage_start();
	stage_raise(VSS_EVENT_PREPARE_BACKUP);
	assert_false(w->alive);
	assert_non_null(strstr(w->message, "for one event"));
}

static bool
stop_at_first_failure(void *ctx, const struct vss_writer *w)
{
	(void)ctx;
	return w->error == VSS_OK;
}

static void
a_late_answer_to_freeze_does_not_answer_abort(void **state)
{
	const struct vss_writers_event freeze = { .event = VSS_EVENT_FREEZE, .on_answer = stop_at_first_failure };

	(void)state;
	stage_script("fails", "at freeze fail NONRETRYABLE", "");
	stage_script("slow", "at freeze stall ms=1500", "");
	stage_start();
	struct vss_writer *slow = vss_writers_at(stage_writers, 1);
	stage_raise_until(VSS_EVENT_PREPARE_SNAPSHOT);
	int64_t from = vss_now_mono();
	assert_int_equal(vss_writers_raise(stage_writers, &freeze, &stage_err), 0);
	assert_true(vss_now_mono() - from < 1400 * VSS_MS);
	stage_raise(VSS_EVENT_ABORT);
	assert_true(vss_now_mono() - from >= 1500 * VSS_MS);
	assert_true(slow->alive);
	assert_int_equal(slow->error, VSS_OK);
	assert_true(slow->frozen_ns != 0 && slow->thawed_ns != 0);
	assert_true(stage_log_has("thawed-by=abort"));
}

static void
the_end_of_input_thaws_what_is_frozen(void **state)
{
	(void)state;
	stage_script("one", "", "");
	stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	end();
	assert_true(stage_log_has("thawed-by=end-of-input"));
	assert_true(stage_log_has("\nabort "));
	assert_true(stage_log_has("\nbackup-shutdown "));
}

static void
a_freeze_that_fails_half_way_is_undone(void **state)
{
	(void)state;
	stage_script("one", "at freeze fail RETRYABLE \"half-way\"", "");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	assert_int_equal(w->error, VSS_E_WRITERERROR_RETRYABLE);
	assert_int_equal(w->frozen_ns, 0);
	assert_true(stage_log_has("thawed-by=failed-freeze"));
}

static void
waiting_ends_when_the_descriptor_is_ready(void **state)
{
	struct vss_writer *who;
	int pair[2];

	(void)state;
	stage_script("one", "", "");
	stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	assert_int_equal(
		vss_writers_wait(stage_writers, pair[0], vss_now_mono() + 20 * VSS_MS, &who), VSS_WAIT_DEADLINE);
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_int_equal(vss_writers_wait(stage_writers, pair[0], INT64_MAX, &who), VSS_WAIT_FD);
	assert_null(who);
	close(pair[0]);
	close(pair[1]);
}

static void
the_writer_gets_no_descriptor_signal_or_variable_of_ours(void **state)
{
	(void)state;
	int extra = open("/proc/version", O_RDONLY); /* not close-on-exec on purpose */
	signal(SIGPIPE, SIG_IGN);
	setenv("SECRET_OF_OURS", "1", 1);
	stage_write("spy", "#!/bin/sh\n"
			   "{ ls -l /proc/$$/fd; cat /proc/$$/environ | tr '\\0' '\\n'; grep -E 'SigIgn|SigBlk' "
			   "/proc/self/status; } >\"$SPY\"\n" /* of grep: a shell that waits blocks signals itself */
			   "exit 0\n");
	VSS_AUTOFREE char *spy = stage_path("spy"), *seen = stage_path("seen");
	assert_int_equal(chmod(spy, 0755), 0);
	VSS_AUTOFREE char *more = vss_strf("Environment=SPY=%s LANG=C", seen);
	stage_register("spy", spy, more);
	stage_start();
	close(extra);
	VSS_AUTOFREE char *text = stage_read("seen");
	assert_non_null(strstr(text, "LANG=C\n"));
	assert_null(strstr(text, "LANG=C.UTF-8"));
	assert_null(strstr(text, "SECRET_OF_OURS"));
	assert_null(strstr(text, "/proc/version"));
	const char *ignored = strstr(text, "SigIgn:\t");
	assert_non_null(ignored);
	/* All but two that the C library keeps for itself. */
	assert_int_equal(strtoull(ignored + strlen("SigIgn:\t"), NULL, 16) & 0x7fffffff, 0);
	assert_non_null(strstr(text, "SigBlk:\t0000000000000000"));
}

static void
last_words_on_stderr_are_part_of_the_reason(void **state)
{
	(void)state;
	stage_write("cry", "#!/bin/sh\necho 'first words' >&2\necho 'cannot reach the engine' >&2\nexit 7\n");
	VSS_AUTOFREE char *cry = stage_path("cry");
	assert_int_equal(chmod(cry, 0755), 0);
	stage_register("cry", cry, "");
	struct vss_writer *w = stage_start();
	assert_int_equal(w->state, VSS_WS_FAILED_AT_IDENTIFY);
	assert_string_equal(w->message, "ended with status 7: cannot reach the engine");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_death_at_any_event_fails_that_event_and_says_how, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_writer_that_died_between_events_fails_at_the_next, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			silence_past_the_deadline_is_not_responding_and_ends_the_process, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_stall_in_freeze_is_a_timeout_of_its_own_window, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(the_window_ends_a_freeze_while_others_work, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_writer_that_thaws_at_its_own_deadline_says_so, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(a_lie_is_a_breach, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(a_flood_ends_at_the_limit, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(a_late_answer_to_freeze_does_not_answer_abort, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(the_end_of_input_thaws_what_is_frozen, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(a_freeze_that_fails_half_way_is_undone, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(waiting_ends_when_the_descriptor_is_ready, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			the_writer_gets_no_descriptor_signal_or_variable_of_ours, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(last_words_on_stderr_are_part_of_the_reason, stage_set, stage_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
