/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/grade.h"

#include "lib/cm.h"

#define ONE VSS_INSTANT_ONE
#define MANY VSS_INSTANT_MANY
#define FUZZY VSS_INSTANT_FUZZY
#define N(a) (sizeof(a) / sizeof *(a))

struct row {
	struct vss_grade_facts facts; /* instant is set per column */
	enum vss_grade one, many, fuzzy;
};

static void
check_rows(const struct row *rows, size_t n)
{
	static const enum vss_instant instants[] = { ONE, MANY, FUZZY };
	for (size_t i = 0; i < n; i++) {
		const enum vss_grade want[] = { rows[i].one, rows[i].many, rows[i].fuzzy };
		for (size_t c = 0; c < 3; c++) {
			struct vss_grade_facts f = rows[i].facts;
			f.instant = instants[c];
			if (vss_grade_of(&f) != want[c])
				fail_msg("row %zu, %s: %s, not %s", i, vss_instant_word(f.instant),
					vss_grade_word(vss_grade_of(&f)), vss_grade_word(want[c]));
		}
	}
}

#define APP VSS_GRADE_APPLICATION
#define REC VSS_GRADE_RECOVERABLE
#define BARE VSS_GRADE_CRASH, VSS_GRADE_ORDERED, VSS_GRADE_FUZZY

static void
held_files_are_of_the_application_wherever_they_lie(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ { .writer = true, .hold = VSS_HOLD_FILES, .in_window = true }, APP, APP, APP },
		{ { .writer = true, .hold = VSS_HOLD_FILES, .in_window = true, .commits_stopped = true }, APP, APP,
			APP },
	};
	check_rows(rows, N(rows));
}

static void
held_files_outside_the_window_are_worth_nothing(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ { .writer = true, .hold = VSS_HOLD_FILES }, BARE },
		{ { .writer = true, .hold = VSS_HOLD_FILES, .confirmed = true, .commits_stopped = true }, BARE },
	};
	check_rows(rows, N(rows));
}

static void
a_log_recovers_from_one_instant_only(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ { .writer = true, .hold = VSS_HOLD_LOG }, REC, VSS_GRADE_ORDERED, VSS_GRADE_FUZZY },
		{ { .writer = true, .hold = VSS_HOLD_LOG, .in_window = true }, REC, VSS_GRADE_ORDERED,
			VSS_GRADE_FUZZY },
	};
	check_rows(rows, N(rows));
}

static void
stopped_commits_make_a_log_one_of_the_application_within_the_window(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ { .writer = true, .hold = VSS_HOLD_LOG, .commits_stopped = true, .in_window = true }, APP,
			VSS_GRADE_ORDERED, VSS_GRADE_FUZZY },
		{ { .writer = true, .hold = VSS_HOLD_LOG, .commits_stopped = true }, REC, VSS_GRADE_ORDERED,
			VSS_GRADE_FUZZY },
	};
	check_rows(rows, N(rows));
}

static void
a_bracket_and_an_export_count_when_confirmed(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ { .writer = true, .hold = VSS_HOLD_BRACKET, .confirmed = true }, REC, REC, REC },
		{ { .writer = true, .hold = VSS_HOLD_BRACKET, .in_window = true }, BARE },
		{ { .writer = true, .hold = VSS_HOLD_EXPORT, .confirmed = true }, APP, APP, APP },
		{ { .writer = true, .hold = VSS_HOLD_EXPORT, .in_window = true }, BARE },
	};
	check_rows(rows, N(rows));
}

static void
no_hold_a_failure_and_a_plain_path_leave_what_the_copy_is(void **state)
{
	(void)state;
	for (int hold = VSS_HOLD_NONE; hold <= VSS_HOLD_EXPORT; hold++) {
		const struct vss_grade_facts all = {
			.hold = (enum vss_hold)hold, .commits_stopped = true, .in_window = true, .confirmed = true
		};
		struct row rows[] = { { all, BARE }, { all, BARE } };
		rows[1].facts.writer = rows[1].facts.writer_failed = true;
		check_rows(rows, N(rows));
	}
	static const struct row none[] = { { { .writer = true, .in_window = true, .confirmed = true }, BARE } };
	check_rows(none, N(none));
}

static void
grades_are_ordered_best_last(void **state)
{
	(void)state;
	static const char *const worst_first[] = { "none", "live", "fuzzy", "ordered", "crash", "recoverable",
		"application" };
	for (int i = 0; i < (int)N(worst_first); i++) {
		assert_int_equal(vss_grade_by_word(worst_first[i]), i);
		assert_string_equal(vss_grade_word((enum vss_grade)i), worst_first[i]);
	}
	assert_int_equal(vss_grade_by_word("good"), -1);
	assert_int_equal(vss_grade_by_word(NULL), -1);
}

static void
words_of_holds_and_instants_come_back(void **state)
{
	(void)state;
	for (int i = 0; i <= VSS_HOLD_EXPORT; i++)
		assert_int_equal(vss_hold_by_word(vss_hold_word((enum vss_hold)i)), i);
	for (int i = 0; i <= VSS_INSTANT_FUZZY; i++)
		assert_int_equal(vss_instant_by_word(vss_instant_word((enum vss_instant)i)), i);
	assert_int_equal(vss_hold_by_word("lock"), -1);
	assert_string_equal(vss_instant_word((enum vss_instant)7), "fuzzy");
	assert_string_equal(vss_hold_word((enum vss_hold)7), "none");
}

#define VOLUMES(...)                                                                                                   \
	(const struct vss_instant_facts[])                                                                             \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define INSTANT(...)                                                                                                   \
	vss_instant_of(                                                                                                \
		VOLUMES(__VA_ARGS__), (unsigned)(sizeof(VOLUMES(__VA_ARGS__)) / sizeof(struct vss_instant_facts)))
#define BTRFS(n)                                                                                                       \
	{                                                                                                              \
		.domain = "btrfs:1", .mark = (n)                                                                       \
	}

static void
one_copy_and_one_generation_are_one_instant(void **state)
{
	(void)state;
	assert_int_equal(vss_instant_of(NULL, 0), ONE);
	assert_int_equal(INSTANT({ .domain = NULL }), ONE);
	assert_int_equal(INSTANT(BTRFS(7), BTRFS(7), BTRFS(7)), ONE);
	assert_int_equal(INSTANT(BTRFS(7), BTRFS(8)), MANY);
	assert_int_equal(INSTANT(BTRFS(7), BTRFS(7), BTRFS(8)), MANY);
	assert_int_equal(INSTANT(BTRFS(7), BTRFS(8), BTRFS(7)), MANY);
}

static void
copies_without_a_common_domain_are_many(void **state)
{
	(void)state;
	assert_int_equal(INSTANT({ .mark = 7 }, { .mark = 7 }), MANY);
	assert_int_equal(INSTANT(BTRFS(7), { .domain = "btrfs:2", .mark = 7 }), MANY);
	assert_int_equal(INSTANT(BTRFS(7), { .mark = 7 }), MANY);
}

static void
held_volumes_are_one_instant_with_at_most_one_commit_among_them(void **state)
{
	(void)state;
	assert_int_equal(INSTANT({ .held = true }, { .held = true }), ONE);
	assert_int_equal(INSTANT({ .held = true }, BTRFS(7), { .held = true }, BTRFS(7)), ONE);
	assert_int_equal(INSTANT({ .held = true }, BTRFS(7), BTRFS(8)), MANY);
	assert_int_equal(INSTANT({ .held = true }, BTRFS(7), { .domain = "btrfs:2", .mark = 7 }), MANY);
}

static void
a_volume_that_cannot_change_goes_with_every_instant(void **state)
{
	(void)state;
	assert_int_equal(INSTANT({ .still = true }), ONE);
	assert_int_equal(INSTANT({ .still = true }, BTRFS(7), { .still = true }, BTRFS(7)), ONE);
	assert_int_equal(INSTANT({ .still = true }, BTRFS(7), BTRFS(8)), MANY);
	assert_int_equal(INSTANT({ .stopped = true }, { .stopped = true, .domain = "btrfs:2", .mark = 7 }), ONE);
}

static void
files_copied_at_different_times_are_fuzzy_unless_seen_unchanged(void **state)
{
	(void)state;
	assert_int_equal(INSTANT({ .fuzzy = true }), FUZZY);
	assert_int_equal(INSTANT({ .fuzzy = true, .held = true }), FUZZY);
	assert_int_equal(INSTANT({ .fuzzy = true, .stopped = true }), FUZZY);
	assert_int_equal(INSTANT({ .fuzzy = true, .still = true, .stopped = true }, BTRFS(7)), ONE);
	assert_int_equal(INSTANT(BTRFS(7), { .fuzzy = true }), FUZZY);
	assert_int_equal(INSTANT(BTRFS(7), BTRFS(8), { .fuzzy = true }), FUZZY);
	assert_int_equal(INSTANT({ .fuzzy = true, .still = true }), MANY);
	assert_int_equal(INSTANT({ .fuzzy = true, .still = true }, { .fuzzy = true }), FUZZY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_files_are_of_the_application_wherever_they_lie),
		cmocka_unit_test(held_files_outside_the_window_are_worth_nothing),
		cmocka_unit_test(a_log_recovers_from_one_instant_only),
		cmocka_unit_test(stopped_commits_make_a_log_one_of_the_application_within_the_window),
		cmocka_unit_test(a_bracket_and_an_export_count_when_confirmed),
		cmocka_unit_test(no_hold_a_failure_and_a_plain_path_leave_what_the_copy_is),
		cmocka_unit_test(grades_are_ordered_best_last),
		cmocka_unit_test(words_of_holds_and_instants_come_back),
		cmocka_unit_test(one_copy_and_one_generation_are_one_instant),
		cmocka_unit_test(copies_without_a_common_domain_are_many),
		cmocka_unit_test(held_volumes_are_one_instant_with_at_most_one_commit_among_them),
		cmocka_unit_test(a_volume_that_cannot_change_goes_with_every_instant),
		cmocka_unit_test(files_copied_at_different_times_are_fuzzy_unless_seen_unchanged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
