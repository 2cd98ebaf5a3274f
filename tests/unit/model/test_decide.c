/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/decide.h"

#include "lib/cm.h"

#include <string.h>

/* What is in the original places: nothing; the same files; all of them, one busy; some of them; nothing, but nothing can be
 * made there. */
static const struct {
	const char *name;
	bool none_there, replaceable;
} found[] = {
	{ "nothing", true, true },
	{ "same", false, true },
	{ "busy", false, false },
	{ "some", false, true },
	{ "some, busy", false, false },
	{ "walled", true, false },
};
#define FOUND (sizeof found / sizeof *found)

/* What there is for alternate locations. */
static const struct {
	const char *name;
	bool mapped, writable, none_there;
} mapping[] = {
	{ "no mapping", false, false, false },
	{ "empty", true, true, true },
	{ "occupied", true, true, false },
	{ "unwritable", true, false, true },
};
#define MAPPING (sizeof mapping / sizeof *mapping)

/*
 * One word for each mapping, one letter in it for each thing found: O original, C original and nothing replaced, A alternate,
 * a alternate and nothing replaced, B at boot, D directed, - refused, ! refused by the writer's fault.
 */
static const struct {
	enum vss_restore_method method;
	enum vss_restore_target target;
	const char *expected;
} rows[] = {
	/* target ORIGINAL: the method, R16 */
	{ VSS_RME_UNDEFINED, VSS_RT_ORIGINAL, "!!!!!! !!!!!! !!!!!! !!!!!!" },
	{ VSS_RME_RESTORE_IF_NOT_THERE, VSS_RT_ORIGINAL, "C----- Caaaaa C----- C-----" },
	{ VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_RT_ORIGINAL, "OO-O-- OOAOAA OOAOAA OO-O--" },
	{ VSS_RME_STOP_RESTORE_START, VSS_RT_ORIGINAL, "OO-O-- OOAOAA OOAOAA OO-O--" },
	{ VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, VSS_RT_ORIGINAL, "!!!!!! aaaaaa ------ ------" },
	{ VSS_RME_RESTORE_AT_REBOOT, VSS_RT_ORIGINAL, "BBBBBB BBBBBB BBBBBB BBBBBB" },
	{ VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, VSS_RT_ORIGINAL, "OOBOBB OOBOBB OOBOBB OOBOBB" },
	{ VSS_RME_CUSTOM, VSS_RT_ORIGINAL, "------ ------ ------ ------" },
	{ VSS_RME_RESTORE_STOP_START, VSS_RT_ORIGINAL, "OO-O-- OO-O-- OO-O-- OO-O--" },
	/* a component without a word of its writer */
	{ VSS_RME_RESTORE_IF_NOT_THERE, VSS_RT_UNDEFINED, "C----- Caaaaa C----- C-----" },
	/* the writer's target beats the method, R26 */
	{ VSS_RME_RESTORE_IF_NOT_THERE, VSS_RT_ALTERNATE, "!!!!!! aaaaaa ------ ------" },
	{ VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_RT_ALTERNATE, "!!!!!! AAAAAA AAAAAA ------" },
	{ VSS_RME_STOP_RESTORE_START, VSS_RT_ALTERNATE, "!!!!!! AAAAAA AAAAAA ------" },
	{ VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, VSS_RT_ALTERNATE, "!!!!!! aaaaaa ------ ------" },
	{ VSS_RME_RESTORE_STOP_START, VSS_RT_ALTERNATE, "!!!!!! AAAAAA AAAAAA ------" },
	{ VSS_RME_RESTORE_IF_NOT_THERE, VSS_RT_ORIGINAL_LOCATION, "OO-O-- OO-O-- OO-O-- OO-O--" },
	{ VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_RT_ORIGINAL_LOCATION, "OO-O-- OO-O-- OO-O-- OO-O--" },
	{ VSS_RME_STOP_RESTORE_START, VSS_RT_ORIGINAL_LOCATION, "OO-O-- OO-O-- OO-O-- OO-O--" },
	{ VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, VSS_RT_ORIGINAL_LOCATION, "OO-O-- OO-O-- OO-O-- OO-O--" },
	{ VSS_RME_RESTORE_STOP_START, VSS_RT_ORIGINAL_LOCATION, "OO-O-- OO-O-- OO-O-- OO-O--" },
	{ VSS_RME_RESTORE_IF_NOT_THERE, VSS_RT_DIRECTED, "DDDDDD DDDDDD DDDDDD DDDDDD" },
	{ VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_RT_DIRECTED, "DDDDDD DDDDDD DDDDDD DDDDDD" },
	{ VSS_RME_STOP_RESTORE_START, VSS_RT_DIRECTED, "DDDDDD DDDDDD DDDDDD DDDDDD" },
	{ VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, VSS_RT_DIRECTED, "DDDDDD DDDDDD DDDDDD DDDDDD" },
	{ VSS_RME_RESTORE_STOP_START, VSS_RT_DIRECTED, "DDDDDD DDDDDD DDDDDD DDDDDD" },
	/* but not what happens at the next boot, nor what is the writer's own business (R28) */
	{ VSS_RME_UNDEFINED, VSS_RT_ORIGINAL_LOCATION, "!!!!!! !!!!!! !!!!!! !!!!!!" },
	{ VSS_RME_RESTORE_AT_REBOOT, VSS_RT_ALTERNATE, "BBBBBB BBBBBB BBBBBB BBBBBB" },
	{ VSS_RME_RESTORE_AT_REBOOT, VSS_RT_ORIGINAL_LOCATION, "BBBBBB BBBBBB BBBBBB BBBBBB" },
	{ VSS_RME_RESTORE_AT_REBOOT, VSS_RT_DIRECTED, "BBBBBB BBBBBB BBBBBB BBBBBB" },
	{ VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, VSS_RT_ALTERNATE, "OOBOBB OOBOBB OOBOBB OOBOBB" },
	{ VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, VSS_RT_ORIGINAL_LOCATION, "OOBOBB OOBOBB OOBOBB OOBOBB" },
	{ VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, VSS_RT_DIRECTED, "OOBOBB OOBOBB OOBOBB OOBOBB" },
	{ VSS_RME_CUSTOM, VSS_RT_ALTERNATE, "------ ------ ------ ------" },
	{ VSS_RME_CUSTOM, VSS_RT_ORIGINAL_LOCATION, "------ ------ ------ ------" },
	{ VSS_RME_CUSTOM, VSS_RT_DIRECTED, "------ ------ ------ ------" },
};

static struct vss_restore_facts
facts_of(size_t f, size_t m)
{
	return (struct vss_restore_facts){
		.none_there = found[f].none_there,
		.replaceable = found[f].replaceable,
		.mapped = mapping[m].mapped,
		.mapped_writable = mapping[m].writable,
		.mapped_none_there = mapping[m].none_there,
		.directed = true,
		.service_stoppable = true,
	};
}

static char
letter_of(const struct vss_restore_decision *d)
{
	switch (d->place) {
	case VSS_PLACE_ORIGINAL:
		return d->create_only ? 'C' : 'O';
	case VSS_PLACE_ALTERNATE:
		return d->create_only ? 'a' : 'A';
	case VSS_PLACE_DIRECTED:
		return 'D';
	case VSS_PLACE_AT_BOOT:
		return 'B';
	default:
		return d->writer_error ? '!' : '-';
	}
}

static void
each_method_goes_where_the_table_says(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		char letters[MAPPING * (FOUND + 1) + 1], *at = letters;

		print_message("%s, target %s\n", vss_restore_method_word(rows[r].method),
			vss_restore_target_word(rows[r].target));
		for (size_t m = 0; m < MAPPING; m++) {
			for (size_t f = 0; f < FOUND; f++) {
				struct vss_restore_facts facts = facts_of(f, m);
				struct vss_restore_decision d =
					vss_decide_restore(rows[r].method, rows[r].target, &facts);
				*at++ = letter_of(&d);
				assert_true((d.place == VSS_PLACE_REFUSED) == (d.why != NULL));
			}
			*at++ = m + 1 < MAPPING ? ' ' : '\0';
		}
		assert_string_equal(letters, rows[r].expected);
	}
}

static void
every_method_has_its_row(void **state)
{
	(void)state;
	for (int m = 0; m < VSS_RME_COUNT; m++) {
		bool there = false;
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
			there = there || ((int)rows[r].method == m && rows[r].target == VSS_RT_ORIGINAL);
		assert_true(there);
	}
}

static void
a_writer_that_does_not_direct_all_files_is_at_fault(void **state)
{
	(void)state;
	struct vss_restore_facts facts = facts_of(0, 1);
	facts.directed = false;
	struct vss_restore_decision d = vss_decide_restore(VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_RT_DIRECTED, &facts);
	assert_int_equal(d.place, VSS_PLACE_REFUSED);
	assert_true(d.writer_error);
}

static void
the_service_is_stopped_before_or_restarted_after(void **state)
{
	(void)state;
	struct vss_restore_facts facts = facts_of(1, 0);
	for (int m = 0; m < VSS_RME_COUNT; m++) {
		struct vss_restore_decision d = vss_decide_restore((enum vss_restore_method)m, VSS_RT_ORIGINAL, &facts);
		assert_int_equal(d.stop_service, m == VSS_RME_STOP_RESTORE_START);
		assert_int_equal(d.restart_service, m == VSS_RME_RESTORE_STOP_START);
		assert_int_equal(vss_method_stops_first((enum vss_restore_method)m), m == VSS_RME_STOP_RESTORE_START);
	}
	facts.service_stoppable = false;
	for (int m = 0; m < VSS_RME_COUNT; m++) {
		struct vss_restore_decision d =
			vss_decide_restore((enum vss_restore_method)m, VSS_RT_ORIGINAL_LOCATION, &facts);
		if (m == VSS_RME_STOP_RESTORE_START || m == VSS_RME_RESTORE_STOP_START) {
			assert_int_equal(d.place, VSS_PLACE_REFUSED);
			assert_string_equal(d.why, "its service cannot be stopped");
		}
	}
}

static void
refusals_say_what_is_in_the_way(void **state)
{
	static const struct {
		enum vss_restore_method method;
		size_t found, mapping;
		const char *why;
	} sentences[] = {
		{ VSS_RME_UNDEFINED, 0, 0, "its writer names no restore method" },
		{ VSS_RME_CUSTOM, 0, 0, "only the own tool of its writer can restore it" },
		{ VSS_RME_RESTORE_IF_NOT_THERE, 1, 0, "is there already; not all files have alternate locations" },
		{ VSS_RME_RESTORE_IF_NOT_THERE, 1, 2, "is there already, also at its alternate locations" },
		{ VSS_RME_RESTORE_IF_NOT_THERE, 1, 3, "is there already; cannot be made at its alternate locations" },
		{ VSS_RME_RESTORE_IF_NOT_THERE, 5, 0,
			"cannot be made in place; not all files have alternate locations" },
		{ VSS_RME_RESTORE_IF_CAN_REPLACE, 2, 0, "cannot be replaced; not all files have alternate locations" },
		{ VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, 0, 0,
			"its writer does not give every file an alternate location" },
		{ VSS_RME_RESTORE_STOP_START, 2, 1, "cannot be replaced" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		struct vss_restore_facts facts = facts_of(sentences[i].found, sentences[i].mapping);
		struct vss_restore_decision d = vss_decide_restore(sentences[i].method, VSS_RT_ORIGINAL, &facts);
		assert_string_equal(d.why, sentences[i].why);
	}
}

static void
post_restore_is_raised_for_those_who_ask(void **state)
{
	(void)state;
	for (int m = 0; m < VSS_RME_COUNT; m++)
		for (int failed = 0; failed < 2; failed++) {
			enum vss_restore_method method = (enum vss_restore_method)m;
			bool may_fail = m == VSS_RME_RESTORE_IF_NOT_THERE || m == VSS_RME_RESTORE_IF_CAN_REPLACE;
			assert_false(vss_wants_post_restore(VSS_WRE_NEVER, method, failed));
			assert_false(vss_wants_post_restore(VSS_WRE_UNDEFINED, method, failed));
			assert_true(vss_wants_post_restore(VSS_WRE_ALWAYS, method, failed));
			assert_int_equal(
				vss_wants_post_restore(VSS_WRE_IF_REPLACE_FAILS, method, failed), failed && may_fail);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_method_goes_where_the_table_says),
		cmocka_unit_test(every_method_has_its_row),
		cmocka_unit_test(a_writer_that_does_not_direct_all_files_is_at_fault),
		cmocka_unit_test(the_service_is_stopped_before_or_restarted_after),
		cmocka_unit_test(refusals_say_what_is_in_the_way),
		cmocka_unit_test(post_restore_is_raised_for_those_who_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
