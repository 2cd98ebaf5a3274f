/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/num.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The digits at the start of `s`; `*end` points behind them. */
static int
digits(const char *s, uint64_t *out, const char **end)
{
	uint64_t v = 0;
	const char *p = s;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -1;
	}
	if (p == s)
		return -1;
	*out = v;
	*end = p;
	return 0;
}

int
vss_parse_u64(const char *s, uint64_t *out)
{
	uint64_t v;
	const char *end;
	if (digits(s, &v, &end) || *end)
		return -1;
	*out = v;
	return 0;
}

int
vss_parse_i64(const char *s, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t v;
	if (vss_parse_u64(s + negative, &v))
		return -1;
	if (v > (uint64_t)INT64_MAX + negative)
		return -1;
	*out = negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

/* "", "B", "K", "KB", "KiB" ... to the power of 1024. */
static int
size_shift(const char *unit)
{
	static const char letters[] = "KMGTPE";
	if (!*unit || vss_str_caseeq(unit, "B"))
		return 0;
	const char first[] = { (char)(*unit & ~0x20), '\0' };
	const char *at = strpbrk(letters, first);
	bool known_tail = !unit[1] || vss_str_caseeq(unit + 1, "B") || vss_str_caseeq(unit + 1, "iB");
	return at && known_tail ? 10 * (int)(at - letters + 1) : -1;
}

int
vss_parse_size(const char *s, uint64_t *out)
{
	uint64_t v;
	const char *end;
	if (digits(s, &v, &end))
		return -1;
	int shift = size_shift(end);
	if (shift < 0 || __builtin_mul_overflow(v, UINT64_C(1) << shift, &v))
		return -1;
	*out = v;
	return 0;
}

int
vss_parse_span(const char *s, uint64_t *out)
{
	static const char units[] = "smhdw";
	static const uint64_t seconds[] = { 1, 60, 3600, 86400, 7 * 86400 };
	uint64_t v;
	const char *end;
	if (digits(s, &v, &end))
		return -1;
	const char *unit = *end ? strchr(units, *end) : units;
	if (!unit || (*end && end[1]) || __builtin_mul_overflow(v, seconds[unit - units], &v))
		return -1;
	*out = v;
	return 0;
}

void
vss_format_size(char out[32], uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
	if (bytes < 1024) {
		snprintf(out, 32, "%" PRIu64 " bytes", bytes);
		return;
	}
	double v = (double)bytes / 1024;
	size_t unit = 0;
	/* 1023.5 would be rounded to 1024 of its unit, which is 1.00 of the next. */
	while (v >= 1023.5 && unit + 1 < sizeof units / sizeof *units) {
		v /= 1024;
		unit++;
	}
	int decimals = v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;
	snprintf(out, 32, "%.*f %s", decimals, v, units[unit]);
}
