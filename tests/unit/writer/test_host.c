/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

static void
a_writer_says_what_it_is_and_lives_through_a_backup(void **state)
{
	static const enum vss_writer_state after[] = {
		[VSS_EVENT_PREPARE_BACKUP] = VSS_WS_STABLE,
		[VSS_EVENT_PREPARE_SNAPSHOT] = VSS_WS_WAITING_FOR_FREEZE,
		[VSS_EVENT_FREEZE] = VSS_WS_WAITING_FOR_THAW,
		[VSS_EVENT_THAW] = VSS_WS_WAITING_FOR_POST_SNAPSHOT,
		[VSS_EVENT_POST_SNAPSHOT] = VSS_WS_WAITING_FOR_BACKUP_COMPLETE,
		[VSS_EVENT_BACKUP_COMPLETE] = VSS_WS_STABLE,
		[VSS_EVENT_BACKUP_SHUTDOWN] = VSS_WS_STABLE,
	};

	(void)state;
	stage_script("one", "", "Level=back-end");
	struct vss_writer *w = stage_start();
	assert_string_equal(w->registration, "one");
	assert_string_equal(w->metadata->name, "Stage Writer");
	assert_int_equal(w->metadata->ncomponents, 1);
	assert_int_equal(w->metadata->components[0].nfiles, 1);
	assert_true(w->metadata->components[0].files[0].recursive);
	assert_int_equal(w->level, VSS_APP_BACK_END);
	assert_int_equal(w->state, VSS_WS_STABLE);
	for (enum vss_event e = VSS_EVENT_PREPARE_BACKUP; e <= VSS_EVENT_BACKUP_SHUTDOWN; e++) {
		if (e == VSS_EVENT_ABORT)
			continue;
		stage_raise(e);
		assert_int_equal(w->error, VSS_OK);
		assert_int_equal(w->state, after[e]);
	}
	assert_int_equal(w->hold, VSS_HOLD_FILES);
	assert_true(w->frozen_ns > 0 && w->thawed_ns > w->frozen_ns);
	assert_true(stage_log_has("thawed-by=event"));
}

static void
a_writer_that_publishes_nothing_is_not_listed_and_has_not_failed(void **state)
{
	struct vss_writer_memories m;

	(void)state;
	stage_write("empty.script", "# nothing is configured here\n");
	VSS_AUTOFREE char *script = stage_path("empty.script");
	VSS_AUTOFREE char *exec = vss_strf(VSS_BUILD_DIR "/bin/vss-test-writer %s", script);
	stage_register("empty", exec, "");
	stage_script("full", "", "");
	struct vss_writer *w = stage_start();
	assert_int_equal(vss_writers_count(stage_writers), 1);
	assert_string_equal(w->registration, "full");
	assert_null(w->absent);
	assert_int_equal(vss_writers_all(stage_writers), 2);
	const struct vss_writer *empty = vss_writers_at(stage_writers, 1);
	assert_string_equal(empty->absent, "publishes nothing on this machine");
	assert_int_equal(empty->state, VSS_WS_UNKNOWN);
	assert_int_equal(empty->error, VSS_OK);
	assert_false(empty->alive);
	assert_int_equal(vss_writers_remember(stage_writers, &stage_err), 0);
	assert_int_equal(vss_writer_memories_read(&m, &stage_err), 0);
	assert_int_equal(m.n, 1);
	vss_writer_memories_free(&m);
}

static void
add_argument(void *ctx, const struct vss_writer *w, struct vss_buf *out)
{
	(void)ctx;
	vss_line_begin(out, "volume");
	vss_line_add(out, w->registration);
	vss_line_add(out, "a \"b\"\n");
	vss_line_end(out);
}

static void
arguments_reach_the_writer_and_its_statements_come_back(void **state)
{
	const struct vss_writers_event e = { .event = VSS_EVENT_POST_SNAPSHOT, .args = add_argument };

	(void)state;
	stage_script("one",
		"at post-snapshot say evidence \"two words\" \"\\001\"\nat post-snapshot say backup-stamp \"\" files "
		"s1",
		"");
	struct vss_writer *w = stage_start();
	assert_int_equal(vss_writers_raise(stage_writers, &e, &stage_err), 0);
	assert_true(stage_log_has("with volume one \"a \\\"b\\\"\\012\""));
	assert_int_equal(w->nstatements, 2);
	assert_string_equal(vss_line_word(&w->statements[0], 1), "two words");
	assert_string_equal(vss_line_word(&w->statements[0], 2), "\001");
	assert_string_equal(vss_line_word(&w->statements[1], 3), "s1");
	stage_raise(VSS_EVENT_BACKUP_COMPLETE);
	assert_int_equal(w->nstatements, 0);
}

static void
a_failure_is_kept_with_state_code_number_and_words(void **state)
{
	static const struct {
		const char *word;
		enum vss_event event;
		enum vss_writer_state state;
	} rows[] = {
		{ "prepare-backup", VSS_EVENT_PREPARE_BACKUP, VSS_WS_FAILED_AT_PREPARE_BACKUP },
		{ "prepare-snapshot", VSS_EVENT_PREPARE_SNAPSHOT, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT },
		{ "freeze", VSS_EVENT_FREEZE, VSS_WS_FAILED_AT_FREEZE },
		{ "thaw", VSS_EVENT_THAW, VSS_WS_FAILED_AT_THAW },
		{ "post-snapshot", VSS_EVENT_POST_SNAPSHOT, VSS_WS_FAILED_AT_POST_SNAPSHOT },
		{ "backup-complete", VSS_EVENT_BACKUP_COMPLETE, VSS_WS_FAILED_AT_BACKUP_COMPLETE },
		{ "backup-shutdown", VSS_EVENT_BACKUP_SHUTDOWN, VSS_WS_FAILED_AT_BACKUPSHUTDOWN },
		{ "pre-restore", VSS_EVENT_PRE_RESTORE, VSS_WS_FAILED_AT_PRE_RESTORE },
		{ "post-restore", VSS_EVENT_POST_RESTORE, VSS_WS_FAILED_AT_POST_RESTORE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool veto = i % 2 == 1;
		VSS_AUTOFREE char *rule = vss_strf("at %s %s VSS_E_WRITERERROR_OUTOFRESOURCES \"no room\" app=-7",
			rows[i].word, veto ? "veto" : "fail");
		stage_script("one", rule, "");
		struct vss_writer *w = stage_start();
		stage_raise_until(rows[i].event);
		assert_int_equal(w->state, rows[i].state);
		assert_int_equal(w->error, VSS_E_WRITERERROR_OUTOFRESOURCES);
		assert_int_equal(w->app_error, -7);
		assert_string_equal(w->message, "no room");
		assert_int_equal(w->vetoed, veto);
		assert_true(w->alive);
		/* The first failure is the cause: what follows does not hide it. */
		stage_raise(VSS_EVENT_ABORT);
		assert_int_equal(w->state, rows[i].state);
		vss_writers_end(stage_writers);
		stage_writers = NULL;
	}
}

static void
a_failure_for_the_first_times_only_is_followed_by_success(void **state)
{
	(void)state;
	stage_script("one", "at prepare-backup fail RETRYABLE first=2", "");
	for (int i = 0; i < 3; i++) {
		struct vss_writer *w = stage_start();
		stage_raise(VSS_EVENT_PREPARE_BACKUP);
		assert_int_equal(w->error, i < 2 ? VSS_E_WRITERERROR_RETRYABLE : VSS_OK);
		vss_writers_end(stage_writers);
		stage_writers = NULL;
	}
}

static void
a_writer_that_fails_at_identify_has_no_metadata(void **state)
{
	(void)state;
	stage_script("bad", "at identify fail NONRETRYABLE \"no database\"", "");
	stage_script("good", "", "");
	struct vss_writer *w = stage_start();
	assert_int_equal(vss_writers_count(stage_writers), 2);
	assert_null(w->metadata);
	assert_int_equal(w->state, VSS_WS_FAILED_AT_IDENTIFY);
	assert_string_equal(w->message, "no database");
	assert_non_null(vss_writers_at(stage_writers, 1)->metadata);
}

static void
a_document_that_breaks_a_rule_fails_at_identify(void **state)
{
	(void)state;
	stage_write("w.script", "writer 7f3b9a52-0c51-4a36-8f0e-2f1d5c5b9a01 W\ncomponent filegroup \"\" c\n");
	VSS_AUTOFREE char *script = stage_path("w.script");
	VSS_AUTOFREE char *exec = vss_strf(VSS_BUILD_DIR "/bin/vss-test-writer %s", script);
	stage_register("w", exec, "");
	struct vss_writer *w = stage_start();
	assert_null(w->metadata);
	assert_int_equal(w->error, VSS_E_WRITERERROR_NONRETRYABLE);
	assert_non_null(strstr(w->message, "restore method"));
}

static void
what_a_writer_prints_does_not_get_between_the_lines(void **state)
{
	(void)state;
	stage_script("one", "at prepare-backup print \"ok 3\\012garbage\"", "");
	struct vss_writer *w = stage_start();
	stage_raise(VSS_EVENT_PREPARE_BACKUP);
	stage_raise(VSS_EVENT_PREPARE_SNAPSHOT);
	assert_int_equal(w->error, VSS_OK);
}

static void
two_aborts_undo_once(void **state)
{
	(void)state;
	stage_script("one", "", "");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	stage_raise(VSS_EVENT_ABORT);
	stage_raise(VSS_EVENT_ABORT);
	assert_int_equal(w->error, VSS_OK);
	assert_int_equal(w->state, VSS_WS_STABLE);
	VSS_AUTOFREE char *log = stage_read("log");
	const char *abort_line = strstr(log, "\nabort ");
	assert_non_null(abort_line);
	assert_null(strstr(abort_line + 1, "\nabort "));
	assert_non_null(strstr(log, "thawed-by=abort"));
}

static void
identify_in_the_middle_of_a_freeze_changes_nothing(void **state)
{
	(void)state;
	stage_script("one", "", "");
	struct vss_writer *w = stage_start();
	stage_raise_until(VSS_EVENT_FREEZE);
	struct vss_writers *other = vss_writers_start(&(struct vss_writers_options){ 0 }, &stage_err);
	assert_non_null(other);
	vss_writers_end(other);
	assert_false(stage_log_has("thawed-by"));
	stage_raise(VSS_EVENT_IDENTIFY);
	assert_false(stage_log_has("thawed-by"));
	stage_raise(VSS_EVENT_THAW);
	assert_int_equal(w->error, VSS_OK);
	assert_true(stage_log_has("thawed-by=event"));
}

static void
a_scratch_directory_is_made_for_each_writer_alone(void **state)
{
	struct stat st;

	(void)state;
	stage_script("one", "", "");
	stage_writers = vss_writers_start(&(struct vss_writers_options){ .scratch_dir = stage_dir }, &stage_err);
	assert_non_null(stage_writers);
	struct vss_writer *w = vss_writers_at(stage_writers, 0);
	assert_int_equal(stat(w->scratch, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static bool
only_two(void *ctx, const char *registration)
{
	(void)ctx;
	return strcmp(registration, "two") == 0;
}

static void
a_writer_that_is_not_enabled_is_never_started(void **state)
{
	(void)state;
	stage_script("one", "", "");
	stage_script("two", "", "");
	stage_writers = vss_writers_start(&(struct vss_writers_options){ .enabled = only_two }, &stage_err);
	assert_int_equal(vss_writers_count(stage_writers), 1);
	assert_string_equal(vss_writers_at(stage_writers, 0)->registration, "two");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_writer_says_what_it_is_and_lives_through_a_backup, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_writer_that_publishes_nothing_is_not_listed_and_has_not_failed, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			arguments_reach_the_writer_and_its_statements_come_back, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_failure_is_kept_with_state_code_number_and_words, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_failure_for_the_first_times_only_is_followed_by_success, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_writer_that_fails_at_identify_has_no_metadata, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_document_that_breaks_a_rule_fails_at_identify, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			what_a_writer_prints_does_not_get_between_the_lines, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(two_aborts_undo_once, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			identify_in_the_middle_of_a_freeze_changes_nothing, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(
			a_scratch_directory_is_made_for_each_writer_alone, stage_set, stage_clear),
		cmocka_unit_test_setup_teardown(a_writer_that_is_not_enabled_is_never_started, stage_set, stage_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
