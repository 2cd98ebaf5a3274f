/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/time.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
now(clockid_t clock)
{
	struct timespec ts;
	int rc = clock_gettime(clock, &ts);
	assert(rc == 0); /* the three clocks exist on every Linux we run on */
	(void)rc;
	return ts.tv_sec * VSS_S + ts.tv_nsec;
}

int64_t
vss_now_mono(void)
{
	return now(CLOCK_MONOTONIC);
}

int64_t
vss_now_boot(void)
{
	return now(CLOCK_BOOTTIME);
}

int64_t
vss_now_wall(void)
{
	return now(CLOCK_REALTIME);
}

/* Seconds and the rest, both rounded towards the past, so that the rest is never negative. */
static time_t
split(int64_t wall_ns, int64_t *rest)
{
	int64_t s = wall_ns / VSS_S;
	*rest = wall_ns % VSS_S;
	if (*rest < 0) {
		*rest += VSS_S;
		s--;
	}
	return (time_t)s;
}

void
vss_time_rfc3339(int64_t wall_ns, char out[40])
{
	int64_t rest;
	struct tm tm;
	time_t s = split(wall_ns, &rest);
	gmtime_r(&s, &tm); /* 64 bits of ns are the years 1677 to 2262: always representable */
	size_t n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 40 - n, ".%03dZ", (int)(rest / VSS_MS));
}

void
vss_time_local(int64_t wall_ns, char out[40])
{
	int64_t rest;
	struct tm tm;
	time_t s = split(wall_ns, &rest);
	localtime_r(&s, &tm);
	strftime(out, 40, "%Y-%m-%d %H:%M:%S", &tm);
}

/* Exactly `n` digits at *s, which moves on; -1 when they are not there. */
static int
number(const char **s, int n)
{
	int v = 0;
	for (; n; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

static bool
literal(const char **s, const char *allowed)
{
	if (!**s || !strchr(allowed, **s))
		return false;
	(*s)++;
	return true;
}

/* ".123456789", shorter or longer; what is below a nanosecond is dropped. */
static int
fraction(const char **s, int64_t *ns)
{
	int64_t unit = VSS_S / 10;
	*ns = 0;
	if (**s != '.')
		return 0;
	(*s)++;
	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		*ns += (**s - '0') * unit;
	return 0;
}

/* "Z" or "+hh:mm", and the end of the text. */
static int
zone(const char *s, int64_t *offset_s)
{
	*offset_s = 0;
	int sign = *s == '-' ? -1 : 1;
	if (literal(&s, "Zz"))
		return *s ? -1 : 0;
	if (!literal(&s, "+-"))
		return -1;
	int h = number(&s, 2);
	if (h < 0 || h > 23 || !literal(&s, ":"))
		return -1;
	int m = number(&s, 2);
	if (m < 0 || m > 59 || *s)
		return -1;
	*offset_s = (int64_t)sign * (h * 3600 + m * 60);
	return 0;
}

/* "2026-01-31T12:00:00"; the separator may be a blank, as RFC 3339 allows. */
static int
date_and_time(const char **s, struct tm *tm)
{
	int *const fields[] = { &tm->tm_year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour, &tm->tm_min, &tm->tm_sec };
	static const char *const before[] = { NULL, "-", "-", "Tt ", ":", ":" };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (before[i] && !literal(s, before[i]))
			return -1;
		*fields[i] = number(s, i ? 2 : 4);
		if (*fields[i] < 0)
			return -1;
	}
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	return tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 59 ? -1 : 0;
}

int
vss_time_parse_rfc3339(const char *s, int64_t *wall_ns)
{
	struct tm tm = { 0 };
	int64_t ns, offset, total;
	if (date_and_time(&s, &tm) || fraction(&s, &ns) || zone(s, &offset))
		return -1;
	struct tm normal = tm;
	int64_t seconds = timegm(&normal);
	if (normal.tm_mon != tm.tm_mon || normal.tm_mday != tm.tm_mday)
		return -1; /* no such day: timegm moved on to the next month */
	if (__builtin_mul_overflow(seconds - offset, VSS_S, &total) || __builtin_add_overflow(total, ns, &total))
		return -1;
	*wall_ns = total;
	return 0;
}

int
vss_time_poll_ms(int64_t deadline)
{
	if (deadline == INT64_MAX)
		return -1;
	int64_t current = vss_now_mono();
	if (deadline <= current)
		return 0;
	int64_t ms = (deadline - current + VSS_MS - 1) / VSS_MS;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
