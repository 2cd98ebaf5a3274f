/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/retention.h"

#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define WITHIN (1u << VSS_KEEP_COUNT)
#define PERIOD_TEXT 32

static const char *const words[VSS_KEEP_COUNT] = {
	[VSS_KEEP_LAST] = "last",
	[VSS_KEEP_HOURLY] = "hourly",
	[VSS_KEEP_DAILY] = "daily",
	[VSS_KEEP_WEEKLY] = "weekly",
	[VSS_KEEP_MONTHLY] = "monthly",
	[VSS_KEEP_YEARLY] = "yearly",
};

bool
vss_retention_is_empty(const struct vss_retention *r)
{
	for (size_t i = 0; i < VSS_KEEP_COUNT; i++)
		if (r->n[i])
			return false;
	return r->within_s == 0;
}

static size_t
format_period(enum vss_keep rule, const struct tm *tm, char out[PERIOD_TEXT])
{
	switch (rule) {
	case VSS_KEEP_HOURLY: /* the hour that comes twice in autumn is two */
		return strftime(out, PERIOD_TEXT, "%Y-%m-%d %H %z", tm);
	case VSS_KEEP_DAILY:
		return strftime(out, PERIOD_TEXT, "%Y-%m-%d", tm);
	case VSS_KEEP_WEEKLY:
		return strftime(out, PERIOD_TEXT, "%G-%V", tm);
	case VSS_KEEP_MONTHLY:
		return strftime(out, PERIOD_TEXT, "%Y-%m", tm);
	case VSS_KEEP_YEARLY:
		return strftime(out, PERIOD_TEXT, "%Y", tm);
	default:
		return 0;
	}
}

/* A time that no calendar has is a period of its own. */
static void
name_period(enum vss_keep rule, int64_t made, char out[PERIOD_TEXT])
{
	time_t t = (time_t)(made / VSS_S - (made % VSS_S < 0));
	struct tm tm;

	if (!localtime_r(&t, &tm) || format_period(rule, &tm, out) == 0)
		snprintf(out, PERIOD_TEXT, "%lld", (long long)t);
}

static void
apply_period(enum vss_keep rule, uint64_t left, const int64_t *made, size_t n, unsigned *why)
{
	char before[PERIOD_TEXT] = "", period[PERIOD_TEXT];

	for (size_t i = 0; left && i < n; i++) {
		if (rule != VSS_KEEP_LAST) {
			name_period(rule, made[i], period);
			if (strcmp(period, before) == 0)
				continue;
			memcpy(before, period, sizeof before);
		}
		why[i] |= 1u << rule;
		left--;
	}
}

void
vss_retention_apply(const struct vss_retention *r, const int64_t *made, size_t n, unsigned *why)
{
	memset(why, 0, n * sizeof *why);
	for (enum vss_keep rule = 0; rule < VSS_KEEP_COUNT; rule++)
		apply_period(rule, r->n[rule], made, n, why);
	/* In whole seconds, as a span may be longer than ns can count. */
	for (size_t i = 0; r->within_s && i < n; i++)
		if ((uint64_t)((made[0] - made[i]) / VSS_S) <= r->within_s)
			why[i] |= WITHIN;
}

void
vss_retention_words(unsigned why, struct vss_strv *out)
{
	for (size_t i = 0; i < VSS_KEEP_COUNT; i++)
		if (why & 1u << i)
			vss_strv_add(out, words[i]);
	if (why & WITHIN)
		vss_strv_add(out, "within");
}
