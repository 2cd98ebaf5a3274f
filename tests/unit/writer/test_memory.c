/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

static struct vss_writer_memories known;

static int
clear(void **state)
{
	vss_writer_memories_free(&known);
	return stage_clear(state);
}

static const struct vss_writer_memory *
recall(void)
{
	vss_writer_memories_free(&known);
	assert_int_equal(vss_writer_memories_read(&known, &stage_err), 0);
	return known.n > 0 ? known.v : NULL;
}

/* One session in which the writers go through prepare-backup, and its memory. */
static void
session(bool taking_part)
{
	stage_start();
	if (taking_part)
		stage_raise(VSS_EVENT_PREPARE_BACKUP);
	for (size_t i = 0; i < vss_writers_count(stage_writers); i++)
		vss_writers_at(stage_writers, i)->taking_part = taking_part;
	assert_int_equal(vss_writers_remember(stage_writers, &stage_err), 0);
	vss_writers_end(stage_writers);
	stage_writers = NULL;
}

static void
nothing_is_known_before_the_first_session(void **state)
{
	(void)state;
	assert_null(recall());
}

static void
a_failure_is_shown_until_a_later_success(void **state)
{
	(void)state;
	int64_t from = vss_now_wall();
	stage_script("one", "at prepare-backup veto RETRYABLE \"a \\\"busy\\\" disk\\012\" first=1", "");
	session(true);
	const struct vss_writer_memory *m = recall();
	assert_int_equal(known.n, 1);
	assert_string_equal(m->registration, "one");
	assert_string_equal(m->name, "Stage Writer");
	assert_int_equal(m->state, VSS_WS_FAILED_AT_PREPARE_BACKUP);
	assert_int_equal(m->error, VSS_E_WRITERERROR_RETRYABLE);
	assert_string_equal(m->message, "a \"busy\" disk\n");
	assert_true(m->when_ns >= from - VSS_S && m->when_ns <= vss_now_wall() + VSS_S);
	session(false);
	assert_int_equal(recall()->error, VSS_E_WRITERERROR_RETRYABLE);
	session(true);
	m = recall();
	assert_int_equal(m->state, VSS_WS_STABLE);
	assert_int_equal(m->error, VSS_OK);
	assert_null(m->message);
}

static void
a_failure_at_identify_is_known_and_passes_when_it_identifies_again(void **state)
{
	(void)state;
	stage_script("one", "at identify fail NONRETRYABLE first=1", "");
	session(false);
	const struct vss_writer_memory *m = recall();
	assert_int_equal(m->state, VSS_WS_FAILED_AT_IDENTIFY);
	assert_string_equal(m->name, "one");
	session(false);
	assert_int_equal(recall()->state, VSS_WS_STABLE);
}

static void
a_broken_file_is_passed_over(void **state)
{
	(void)state;
	stage_script("one", "", "");
	session(true);
	stage_write("state/writers/two", "nonsense \"\n");
	stage_write("state/writers/three", "writer X state=NO error=none when=2026-01-01T00:00:00.000Z\n");
	recall();
	assert_int_equal(known.n, 1);
	assert_string_equal(known.v[0].registration, "one");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_known_before_the_first_session, stage_set, clear),
		cmocka_unit_test_setup_teardown(a_failure_is_shown_until_a_later_success, stage_set, clear),
		cmocka_unit_test_setup_teardown(
			a_failure_at_identify_is_known_and_passes_when_it_identifies_again, stage_set, clear),
		cmocka_unit_test_setup_teardown(a_broken_file_is_passed_over, stage_set, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
