/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/external_internal.h"

#include "lib/cm.h"

#include <string.h>

static struct external_talk talk;
static struct vss_err err;

static int
set(void **state)
{
	(void)state;
	talk = (struct external_talk)EXTERNAL_TALK_NONE;
	talk.label = "provider test";
	talk.seq = 7;
	err = (struct vss_err)VSS_ERR_INIT;
	return 0;
}

static int
clear(void **state)
{
	(void)state;
	external_drop_answer(&talk);
	return 0;
}

static int
hear(enum external_event asked, const char *line)
{
	talk.failed = false;
	return external_take_line(&talk, asked, line, strlen(line), &err);
}

static void
an_ok_with_the_right_number_is_the_answer(void **state)
{
	(void)state;
	assert_int_equal(hear(EXTERNAL_HELLO, "ok 7 atomic-set=yes hold=may revert=no"), 1);
	assert_false(talk.failed);
	assert_true(external_flag(&talk, "atomic-set"));
	assert_false(external_flag(&talk, "revert"));
	assert_false(external_flag(&talk, "use"));
	assert_string_equal(vss_line_get(&talk.answer, "hold"), "may");
}

/* S80, S81 */
static void
a_failure_has_one_of_the_codes_of_a_provider(void **state)
{
	static const struct {
		const char *line;
		enum vss_code code;
		const char *text;
	} cases[] = {
		{ "fail 7 VSS_E_PROVIDER_VETO \"call the hotline\"", VSS_E_PROVIDER_VETO, "call the hotline" },
		{ "fail 7 VSS_E_PROVIDER_VETO", VSS_E_PROVIDER_VETO, "it says no more" },
		{ "fail 7 VSS_E_PROVIDER_VETO \"\"", VSS_E_PROVIDER_VETO, "it says no more" },
		{ "fail 7 VSS_E_PROVIDER_VETO \"a\\012b\"", VSS_E_PROVIDER_VETO, "a\\012b" },
		{ "fail 7 VSS_E_INSUFFICIENT_STORAGE x", VSS_E_INSUFFICIENT_STORAGE, "x" },
		{ "fail 7 VSS_E_VOLUME_IN_USE x", VSS_E_VOLUME_IN_USE, "x" },
		{ "fail 7 E_ACCESSDENIED x", VSS_DENIED, "x" },
		{ "fail 7 E_INVALIDARG x", VSS_INVALID, "x" },
		{ "fail 7 PROVIDER_VETO x", VSS_E_UNEXPECTED_PROVIDER_ERROR, "x (it failed with PROVIDER_VETO)" },
		{ "fail 7 VSS_E_WRITERERROR_RETRYABLE x", VSS_E_UNEXPECTED_PROVIDER_ERROR,
			"x (it failed with VSS_E_WRITERERROR_RETRYABLE)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(hear(EXTERNAL_BEGIN, cases[i].line), 1);
		assert_true(talk.failed);
		assert_int_equal(err.code, cases[i].code);
		assert_string_equal(err.text, cases[i].text);
	}
}

static void
anything_else_breaks_the_protocol(void **state)
{
	static const struct {
		enum external_event asked;
		const char *line;
	} cases[] = {
		{ EXTERNAL_BEGIN, "ok" },
		{ EXTERNAL_BEGIN, "ok 8" },
		{ EXTERNAL_BEGIN, "ok seven" },
		{ EXTERNAL_BEGIN, "fail 7" },
		{ EXTERNAL_BEGIN, "fail" },
		{ EXTERNAL_BEGIN, "veto 7 VSS_E_PROVIDER_VETO" },
		{ EXTERNAL_BEGIN, "copy b0ac6b5e-3b4e-4d58-8fb1-000000000001" },
		{ EXTERNAL_COMMIT, "copy" },
		{ EXTERNAL_COMMIT, "copy b0ac6b5e" },
		{ EXTERNAL_COMMIT, "clone b0ac6b5e-3b4e-4d58-8fb1-000000000001" },
		{ EXTERNAL_LIST, "" },
		{ EXTERNAL_LIST, " ok 7" },
		{ EXTERNAL_LIST, "ok 7 a=b a=c" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(hear(cases[i].asked, cases[i].line), -1);
		assert_int_equal(err.code, VSS_PROTOCOL);
	}
	assert_int_equal(talk.nsaid, 0);
}

static void
copies_are_kept_until_the_next_question(void **state)
{
	(void)state;
	assert_int_equal(hear(EXTERNAL_COMMIT, "copy b0ac6b5e-3b4e-4d58-8fb1-000000000001 locator=\"a b\""), 0);
	assert_int_equal(hear(EXTERNAL_COMMIT, "copy {b0ac6b5e-3b4e-4d58-8fb1-000000000002} locator=c"), 0);
	assert_int_equal(hear(EXTERNAL_COMMIT, "ok 7 instant=one"), 1);
	assert_int_equal(talk.nsaid, 2);
	assert_string_equal(vss_line_get(&talk.said[0], "locator"), "a b");
	external_drop_answer(&talk);
	assert_int_equal(talk.nsaid, 0);
	assert_null(vss_line_get(&talk.answer, "instant"));
}

/* Between freeze and thaw: S71 gives seconds. */
static void
whoever_may_hold_something_has_seconds(void **state)
{
	(void)state;
	for (enum external_event e = EXTERNAL_HELLO; e < EXTERNAL_EVENTS; e++) {
		assert_non_null(external_event_word(e));
		assert_in_range(external_event_ms(e), 1000, 3600 * 1000);
	}
	assert_in_range(external_event_ms(EXTERNAL_PRE_COMMIT), 1, 5000);
	assert_in_range(external_event_ms(EXTERNAL_COMMIT), 1, EXTERNAL_HOLD_MS);
	assert_in_range(external_event_ms(EXTERNAL_POST_COMMIT), 1, 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_ok_with_the_right_number_is_the_answer, set, clear),
		cmocka_unit_test_setup_teardown(a_failure_has_one_of_the_codes_of_a_provider, set, clear),
		cmocka_unit_test_setup_teardown(anything_else_breaks_the_protocol, set, clear),
		cmocka_unit_test_setup_teardown(copies_are_kept_until_the_next_question, set, clear),
		cmocka_unit_test(whoever_may_hold_something_has_seconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
