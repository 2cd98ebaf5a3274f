/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

#include "writer/host.h"

static const char *const codes[] = { "INCONSISTENTSNAPSHOT", "OUTOFRESOURCES", "TIMEOUT", "RETRYABLE", "NONRETRYABLE" };

/* What each event's failure does to the set (W1, W43, W50, W54). */
static const struct event_row {
	const char *event;
	enum vss_writer_state state;
	unsigned aborts; /* Abort events raised by the session itself */
} set_events[] = {
	{ "prepare-backup", VSS_WS_FAILED_AT_PREPARE_BACKUP, 0 },
	{ "prepare-snapshot", VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, 0 },
	{ "freeze", VSS_WS_FAILED_AT_FREEZE, 2 },
	{ "thaw", VSS_WS_FAILED_AT_THAW, 2 },
	{ "post-snapshot", VSS_WS_FAILED_AT_POST_SNAPSHOT, 0 },
};
enum { SET_EVENTS = sizeof set_events / sizeof *set_events };

static void
assert_remembered(const char *registration, enum vss_writer_state st, enum vss_code code)
{
	struct vss_writer_memories m = { 0 };

	assert_done(vss_writer_memories_read(&m, &stage.err));
	for (size_t i = 0; i < m.n; i++) {
		if (strcmp(m.v[i].registration, registration))
			continue;
		assert_int_equal(m.v[i].state, st);
		assert_int_equal(m.v[i].error, code);
		vss_writer_memories_free(&m);
		return;
	}
	fail_msg("writer %s is not remembered", registration);
}

static void
again(void **state)
{
	stage_clear(state);
	assert_int_equal(stage_set(state), 0);
}

static void
fail_at(void **state, const struct event_row *row, const char *action, const char *code)
{
	VSS_AUTOFREE char *rule = vss_strf("at %s %s %s \"it hurts\"\n", row->event, action, code);
	VSS_AUTOFREE char *sentence = vss_strf("writer \"Bad\": %s: it hurts (VSS_E_WRITERERROR_%s)", row->event, code);

	again(state);
	stage_writer("Bad", rule, "");
	stage_writer("Good", "", "");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_FULL });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_string_equal(stage.err.text, sentence);
	assert_int_equal(stage_result("Bad")->state, row->state);
	assert_int_equal(stage_result("Bad")->error, vss_code_by_name(code));
	assert_string_equal(stage_result("Bad")->message, "it hurts");
	assert_int_equal(stage_result("Good")->error, VSS_OK);
	assert_int_equal(vss_session_set(stage.s)->nshadows, 0);
}

static void
a_failed_event_fails_the_set_and_leaves_nothing_behind(void **state)
{
	for (size_t i = 0; i < SET_EVENTS; i++) {
		for (size_t k = 0; k < sizeof codes / sizeof *codes; k++) {
			fail_at(state, &set_events[i], "fail", codes[k]);
			assert_int_equal(stage_count("abort"), set_events[i].aborts);
			stage_end();
			assert_int_equal(stage_count("backup-shutdown"), 2);
			assert_remembered("Bad", set_events[i].state, vss_code_by_name(codes[k]));
			assert_nothing_left();
		}
	}
}

static void
a_veto_of_a_named_writer_fails_the_set(void **state)
{
	for (size_t i = 0; i < SET_EVENTS; i++) {
		fail_at(state, &set_events[i], "veto", "RETRYABLE");
		stage_end();
		assert_nothing_left();
	}
}

static void
a_writer_that_dies_fails_the_set(void **state)
{
	for (size_t i = 0; i < SET_EVENTS; i++) {
		VSS_AUTOFREE char *rule = vss_strf("at %s die\n", set_events[i].event);
		again(state);
		stage_writer("Bad", rule, "");
		stage_writer("Good", "", "");
		stage_new(&(struct vss_session_options){ 0 });
		assert_int_equal(stage_create(true), -1);
		assert_int_equal(stage.err.code, VSS_GRADE);
		assert_true(vss_str_starts(stage.err.text, "writer \"Bad\": "));
		assert_int_equal(stage_result("Bad")->error, VSS_E_WRITER_NOT_RESPONDING);
		assert_int_equal(stage_result("Bad")->state, set_events[i].state);
		stage_end();
		assert_nothing_left();
	}
}

static void
everyone_has_thawed_after_a_failed_freeze(void **state)
{
	(void)state;
	stage_writer("Front", "", "Level=front-end");
	stage_writer("Back", "at freeze fail RETRYABLE\n", "Level=back-end");
	stage_writer("System", "", "Level=system");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage_count("freeze"), 2); /* the system level was never asked */
	assert_true(stage_log_has("thawed-by=event"));
	assert_int_equal(stage_count("abort"), 3);
	assert_int_equal(stage_result("Front")->state, VSS_WS_STABLE);
	stage_end();
	assert_nothing_left();
}

static void
a_writer_that_nobody_named_may_be_left_out(void **state)
{
	static const char *const actions[] = { "veto", "fail" };

	for (size_t i = 0; i < SET_EVENTS; i++) {
		for (size_t k = 0; k < 2; k++) {
			bool fatal = k == 1 && (strcmp(set_events[i].event, "freeze") == 0 ||
						       strcmp(set_events[i].event, "thaw") == 0);
			if (fatal)
				continue;
			VSS_AUTOFREE char *rule = vss_strf("at %s %s RETRYABLE\n", set_events[i].event, actions[k]);
			again(state);
			stage_writer("Bad", rule, "");
			stage_writer("Good", "", "");
			stage_new(&(struct vss_session_options){ .skip_failed_writers = true });
			assert_done(stage_create(false));
			assert_int_equal(stage_result("Bad")->state, set_events[i].state);
			assert_int_equal(stage_result("Bad")->grade, VSS_GRADE_NONE);
			assert_int_equal(stage_result("Good")->grade, VSS_GRADE_APPLICATION);
			assert_false(stage_find_writer("Bad")->taking_part);
			const struct vss_metadata *m = stage_find_writer("Bad")->metadata;
			const struct vss_bcd_writer *bw =
				vss_bcd_find_writer(vss_session_bcd(stage.s), &m->writer_id, NULL);
			assert_int_equal(bw->components[0].failure, VSS_E_WRITERERROR_RETRYABLE);
			assert_done(vss_session_backup_complete(stage.s, &stage.err));
			assert_int_equal(stage_count("backup-complete"), 1);
			stage_end();
			assert_int_equal(stage_count("backup-shutdown"), 2);
		}
	}
}

static void
a_failed_handler_at_freeze_fails_the_set_even_when_failed_writers_may_be_left_out(void **state)
{
	(void)state;
	stage_writer("Bad", "at freeze fail RETRYABLE\n", "");
	stage_writer("Good", "", "");
	stage_new(&(struct vss_session_options){ .skip_failed_writers = true });
	assert_int_equal(stage_create(false), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_int_equal(stage_count("abort"), 2);
}

static void
a_failed_post_snapshot_costs_the_grade_and_not_the_copy(void **state)
{
	(void)state;
	stage_writer("Bad", "at post-snapshot fail RETRYABLE\n", "");
	stage_new(&(struct vss_session_options){ .min_component_grade = VSS_GRADE_CRASH });
	assert_done(stage_create(true));
	assert_int_equal(stage_result("Bad")->grade, VSS_GRADE_CRASH);
	assert_int_equal(stage_result("Bad")->state, VSS_WS_FAILED_AT_POST_SNAPSHOT);
	assert_int_equal(stage_count("abort"), 0);
}

static void
a_failed_completion_is_told_and_the_copies_stand(void **state)
{
	(void)state;
	stage_writer("Bad", "at backup-complete fail NONRETRYABLE \"no room for the log\"\n", "");
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_APP_ROLLBACK });
	assert_done(stage_create(true));
	assert_int_equal(vss_session_backup_complete(stage.s, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_PARTIAL);
	assert_string_equal(stage.err.text,
		"writer \"Bad\": backup-complete: no room for the log (VSS_E_WRITERERROR_NONRETRYABLE)");
	stage_end();
	assert_int_equal(stage_entries("run/shadows"), 2);
	assert_remembered("Bad", VSS_WS_FAILED_AT_BACKUP_COMPLETE, VSS_E_WRITERERROR_NONRETRYABLE);
}

static void
a_failed_provider_phase_aborts_writers_and_leaves_nothing_behind(void **state)
{
	static const struct {
		const char *fault;
		unsigned aborts;
	} rows[] = { { "begin_prepare", 0 }, { "pre_commit", 1 }, { "commit", 1 }, { "post_commit", 1 },
		{ "post_final_commit", 0 } /* after PostSnapshot nobody hears of it (W59) */, { "surface", 1 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		VSS_AUTOFREE char *fault = vss_strf("%s=fail:VSS_E_INSUFFICIENT_STORAGE", rows[i].fault);
		again(state);
		setenv("VSS_FAKE_FAULTS", fault, 1);
		stage_writer("One", "", "");
		stage_new(&(struct vss_session_options){ 0 });
		assert_int_equal(stage_create(true), -1);
		assert_int_equal(stage.err.code, VSS_E_INSUFFICIENT_STORAGE);
		assert_int_equal(stage_count("abort"), rows[i].aborts);
		assert_int_equal(stage_count("freeze"), stage_count("thaw"));
		assert_int_equal(stage_result("One")->error, VSS_OK);
		stage_end();
		assert_nothing_left();
	}
}

/* Asked of a writer that writes down every line: the SDK would keep such an Abort to itself. */
static void
nobody_hears_abort_after_post_snapshot(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "post_final_commit=fail", 1);
	stage_recorder("Recorder");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(true), -1);
	assert_done(vss_session_abort_backup(stage.s, &stage.err));
	VSS_AUTOFREE char *all = stage_read("recorded");
	assert_non_null(strstr(all, " post-snapshot"));
	assert_null(strstr(all, " abort"));
	stage_end();
	assert_nothing_left();
}

static void
a_provider_that_cannot_is_heard_before_anybody_is_asked(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "check=fail:VSS_E_INSUFFICIENT_STORAGE", 1);
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage.err.code, VSS_E_INSUFFICIENT_STORAGE);
	assert_int_equal(stage_count("prepare-backup"), 0);
}

static void
abort_backup_may_be_repeated_and_takes_finished_copies_away(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_APP_ROLLBACK });
	assert_done(stage_create(true));
	assert_done(vss_session_abort_backup(stage.s, &stage.err));
	assert_done(vss_session_abort_backup(stage.s, &stage.err));
	assert_int_equal(stage_count("abort"), 0); /* W59 */
	stage_end();
	assert_int_equal(stage_count("backup-shutdown"), 1);
	assert_nothing_left();
}

static void
abort_after_a_failed_prepare_snapshot_reaches_the_writers(void **state)
{
	(void)state;
	stage_writer("Bad", "at prepare-snapshot fail RETRYABLE\n", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage_count("abort"), 0);
	assert_done(vss_session_abort_backup(stage.s, &stage.err));
	assert_int_equal(stage_count("abort"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_failed_event_fails_the_set_and_leaves_nothing_behind),
		STAGE_TEST(a_veto_of_a_named_writer_fails_the_set),
		STAGE_TEST(a_writer_that_dies_fails_the_set),
		STAGE_TEST(everyone_has_thawed_after_a_failed_freeze),
		STAGE_TEST(a_writer_that_nobody_named_may_be_left_out),
		STAGE_TEST(a_failed_handler_at_freeze_fails_the_set_even_when_failed_writers_may_be_left_out),
		STAGE_TEST(a_failed_post_snapshot_costs_the_grade_and_not_the_copy),
		STAGE_TEST(a_failed_completion_is_told_and_the_copies_stand),
		STAGE_TEST(a_failed_provider_phase_aborts_writers_and_leaves_nothing_behind),
		STAGE_TEST(nobody_hears_abort_after_post_snapshot),
		STAGE_TEST(a_provider_that_cannot_is_heard_before_anybody_is_asked),
		STAGE_TEST(abort_backup_may_be_repeated_and_takes_finished_copies_away),
		STAGE_TEST(abort_after_a_failed_prepare_snapshot_reaches_the_writers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
