/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/retention.h"

#include "base/time.h"

#include "lib/cm.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MANY 400

static int64_t made[MANY];
static unsigned why[MANY];
static size_t n;

static int
begin(void **state)
{
	(void)state;
	n = 0;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

/* "2026-03-01 10:00": the next older one. */
static void
made_at(const char *when)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(when, "%Y-%m-%d %H:%M", &tm));
	tm.tm_isdst = -1;
	made[n++] = mktime(&tm) * VSS_S;
}

/* Which are kept, as a word of x (kept) and . (not), the newest first. */
static void
keeps(struct vss_retention r, const char *wanted)
{
	char got[MANY + 1] = "";

	vss_retention_apply(&r, made, n, why);
	for (size_t i = 0; i < n; i++)
		got[i] = why[i] ? 'x' : '.';
	got[n] = '\0';
	assert_string_equal(got, wanted);
}

static void
some_days(void)
{
	made_at("2026-03-02 10:30"); /* a Monday */
	made_at("2026-03-02 10:15");
	made_at("2026-03-02 09:45");
	made_at("2026-03-01 23:59"); /* Sunday, the week before, another month than the next */
	made_at("2026-02-28 08:00");
	made_at("2026-02-23 08:00");
	made_at("2025-12-31 08:00"); /* ISO week 2026-01 */
	made_at("2024-07-01 08:00");
}

static void
each_rule_by_itself(void **state)
{
	(void)state;
	some_days();
	keeps((struct vss_retention){ .n[VSS_KEEP_LAST] = 2 }, "xx......");
	keeps((struct vss_retention){ .n[VSS_KEEP_HOURLY] = 2 }, "x.x.....");
	keeps((struct vss_retention){ .n[VSS_KEEP_DAILY] = 3 }, "x..xx...");
	keeps((struct vss_retention){ .n[VSS_KEEP_WEEKLY] = 3 }, "x..x..x.");
	keeps((struct vss_retention){ .n[VSS_KEEP_MONTHLY] = 2 }, "x...x...");
	keeps((struct vss_retention){ .n[VSS_KEEP_YEARLY] = 9 }, "x.....xx");
	keeps((struct vss_retention){ .within_s = 45 * 60 }, "xxx.....");
	keeps((struct vss_retention){ .within_s = 45 * 60 - 1 }, "xx......");
}

static void
what_one_rule_keeps_is_kept(void **state)
{
	(void)state;
	some_days();
	keeps((struct vss_retention){ .n[VSS_KEEP_LAST] = 2, .n[VSS_KEEP_DAILY] = 2, .n[VSS_KEEP_YEARLY] = 2 },
		"xx.x..x.");

	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;
	vss_retention_words(why[0], &words);
	assert_int_equal(words.n, 3);
	assert_string_equal(words.v[0], "last");
	assert_string_equal(words.v[1], "daily");
	assert_string_equal(words.v[2], "yearly");
}

static void
no_rule_keeps_nothing_and_says_so(void **state)
{
	(void)state;
	some_days();
	assert_true(vss_retention_is_empty(&(struct vss_retention){ 0 }));
	assert_false(vss_retention_is_empty(&(struct vss_retention){ .within_s = 1 }));
	assert_false(vss_retention_is_empty(&(struct vss_retention){ .n[VSS_KEEP_YEARLY] = 1 }));
	keeps((struct vss_retention){ 0 }, "........");
}

/* However old it is: a machine that was off for a year does not lose its last copy at the next start. */
static void
the_newest_is_kept_by_every_rule(void **state)
{
	(void)state;
	made_at("1999-01-01 00:00");
	for (size_t i = 0; i < VSS_KEEP_COUNT; i++) {
		struct vss_retention r = { 0 };
		r.n[i] = 1;
		keeps(r, "x");
	}
	keeps((struct vss_retention){ .within_s = 1 }, "x");
	keeps((struct vss_retention){ .within_s = UINT64_MAX }, "x");
}

static void
a_copy_every_quarter_of_an_hour(void **state)
{
	(void)state;
	int64_t newest = 1772449200; /* 2026-03-02 11:00 UTC */

	for (n = 0; n < MANY; n++)
		made[n] = (newest - (int64_t)n * 900) * VSS_S;
	struct vss_retention r = { .n[VSS_KEEP_LAST] = 4, .n[VSS_KEEP_HOURLY] = 24, .n[VSS_KEEP_DAILY] = 7 };
	vss_retention_apply(&r, made, n, why);
	size_t kept = 0, hourly = 0, daily = 0;
	for (size_t i = 0; i < n; i++) {
		kept += why[i] != 0;
		hourly += (why[i] >> VSS_KEEP_HOURLY) & 1;
		daily += (why[i] >> VSS_KEEP_DAILY) & 1;
	}
	assert_int_equal(hourly, 24);
	assert_int_equal(daily, 5); /* as many as there are */
	assert_true(kept >= 24 && kept <= 4 + 24 + 5);
}

static void
periods_are_those_of_local_time(void **state)
{
	(void)state;
	made_at("2026-03-02 00:30");
	made_at("2026-03-01 23:30");
	keeps((struct vss_retention){ .n[VSS_KEEP_DAILY] = 2 }, "xx");
	setenv("TZ", "XXX+5", 1); /* both are the evening of the first */
	tzset();
	keeps((struct vss_retention){ .n[VSS_KEEP_DAILY] = 2 }, "x.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_rule_by_itself, begin),
		cmocka_unit_test_setup(what_one_rule_keeps_is_kept, begin),
		cmocka_unit_test_setup(no_rule_keeps_nothing_and_says_so, begin),
		cmocka_unit_test_setup(the_newest_is_kept_by_every_rule, begin),
		cmocka_unit_test_setup(a_copy_every_quarter_of_an_hour, begin),
		cmocka_unit_test_setup(periods_are_those_of_local_time, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
