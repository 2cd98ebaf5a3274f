/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/time.h"

#include "lib/cm.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
clocks_do_not_run_backwards(void **state)
{
	(void)state;
	int64_t mono = vss_now_mono(), boot = vss_now_boot(), wall = vss_now_wall();
	assert_true(vss_now_mono() >= mono);
	assert_true(vss_now_boot() >= boot);
	assert_true(boot >= mono);
	assert_true(wall > INT64_C(1700000000) * VSS_S);
}

static void
instants_are_printed_in_utc_with_milliseconds(void **state)
{
	(void)state;
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = { { 0, "1970-01-01T00:00:00.000Z" }, { INT64_C(1769860800123999999), "2026-01-31T12:00:00.123Z" },
		{ -1, "1969-12-31T23:59:59.999Z" }, { -VSS_S, "1969-12-31T23:59:59.000Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854Z" }, { INT64_MIN, "1677-09-21T00:12:43.145Z" } };
	char out[40];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		vss_time_rfc3339(cases[i].ns, out);
		assert_string_equal(out, cases[i].text);
	}
}

static void
instants_are_read_with_fraction_and_zone(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = { { "2026-01-31T12:00:00.123Z", INT64_C(1769860800123000000) },
		{ "2026-01-31T12:00:00Z", INT64_C(1769860800) * VSS_S },
		{ "2026-01-31t14:30:00+02:30", INT64_C(1769860800) * VSS_S },
		{ "2026-01-31 07:00:00-05:00", INT64_C(1769860800) * VSS_S }, { "1970-01-01T00:00:00.000000001z", 1 },
		{ "1970-01-01T00:00:00.0000000019Z", 1 }, { "1969-12-31T23:59:59.5Z", -VSS_S / 2 },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800) * VSS_S } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t ns = 42;
		assert_int_equal(vss_time_parse_rfc3339(cases[i].text, &ns), 0);
		assert_true(ns == cases[i].ns);
	}
}

static void
what_is_no_instant_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00.Z",
		"2026-02-30T12:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z",
		"2026-1-31T12:00:00Z", "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+0200", "2026-01-31T12:00:00+24:00",
		"2026-01-31T12:00:00+02:60", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int64_t ns;
		assert_int_equal(vss_time_parse_rfc3339(bad[i], &ns), -1);
	}
}

static void
local_time_follows_the_zone(void **state)
{
	(void)state;
	char out[40];
	setenv("TZ", "XYZ-2", 1);
	tzset();
	vss_time_local(INT64_C(1769860800123999999), out);
	assert_string_equal(out, "2026-01-31 14:00:00");
}

static void
a_deadline_becomes_a_timeout_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(vss_time_poll_ms(INT64_MAX), -1);
	assert_int_equal(vss_time_poll_ms(INT64_MAX - 1), INT_MAX);
	assert_int_equal(vss_time_poll_ms(0), 0);
	assert_int_equal(vss_time_poll_ms(vss_now_mono()), 0);
	int ms = vss_time_poll_ms(vss_now_mono() + 3600 * VSS_S);
	assert_true(ms > 3590000 && ms <= 3600000);
	/* The clock may have moved, but never a whole microsecond-sized deadline down to "now" without being past. */
	int64_t deadline = vss_now_mono() + 60 * VSS_S + 1;
	assert_true(vss_time_poll_ms(deadline) * VSS_MS + vss_now_mono() >= deadline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_do_not_run_backwards),
		cmocka_unit_test(instants_are_printed_in_utc_with_milliseconds),
		cmocka_unit_test(instants_are_read_with_fraction_and_zone),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(local_time_follows_the_zone),
		cmocka_unit_test(a_deadline_becomes_a_timeout_rounded_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
