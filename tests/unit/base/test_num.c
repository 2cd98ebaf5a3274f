/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/num.h"

#include "lib/cm.h"

#include <stddef.h>

static void
whole_numbers_are_digits_and_nothing_else(void **state)
{
	(void)state;
	uint64_t v = 42;
	assert_int_equal(vss_parse_u64("0", &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(vss_parse_u64("18446744073709551615", &v), 0);
	assert_true(v == UINT64_MAX);
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x10", "1e3", "18446744073709551616",
		"99999999999999999999", "a" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(vss_parse_u64(bad[i], &v), -1);
	assert_true(v == UINT64_MAX);
}

static void
signed_numbers_reach_both_ends(void **state)
{
	(void)state;
	int64_t v = 42;
	assert_int_equal(vss_parse_i64("-9223372036854775808", &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(vss_parse_i64("9223372036854775807", &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(vss_parse_i64("-0", &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(vss_parse_i64("9223372036854775808", &v), -1);
	assert_int_equal(vss_parse_i64("-9223372036854775809", &v), -1);
	assert_int_equal(vss_parse_i64("--1", &v), -1);
	assert_int_equal(vss_parse_i64("-", &v), -1);
	assert_int_equal(vss_parse_i64("+1", &v), -1);
	assert_int_equal(v, 0);
}

static void
sizes_have_binary_units_in_any_case(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = { { "0", 0 }, { "7b", 7 }, { "512B", 512 }, { "1K", 1024 }, { "1kb", 1024 }, { "1KiB", 1024 },
		{ "3M", 3 << 20 }, { "20GB", UINT64_C(20) << 30 }, { "2t", UINT64_C(2) << 40 },
		{ "1PiB", UINT64_C(1) << 50 }, { "15E", UINT64_C(15) << 60 } };
	static const char *const bad[] = { "", "K", "1KK", "1 K", "1.5G", "16E", "1iB", "1X", "-1K", "1Kib ",
		"99999999999G", "1\x0B" };
	uint64_t v = 42;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(vss_parse_size(good[i].text, &v), 0);
		assert_true(v == good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(vss_parse_size(bad[i], &v), -1);
}

static void
spans_are_seconds_unless_a_unit_says_more(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = { { "90", 90 }, { "90s", 90 }, { "2m", 120 }, { "26h", 93600 }, { "3d", 259200 }, { "1w", 604800 } };
	static const char *const bad[] = { "", "h", "1 h", "1hh", "1y", "-1h", "99999999999999999999w",
		"18446744073709551615m" };
	uint64_t v;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(vss_parse_span(good[i].text, &v), 0);
		assert_true(v == good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(vss_parse_span(bad[i], &v), -1);
}

static void
sizes_are_printed_with_three_digits(void **state)
{
	(void)state;
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = { { 0, "0 bytes" }, { 1, "1 bytes" }, { 1023, "1023 bytes" }, { 1024, "1.00 KB" },
		{ 10230, "9.99 KB" }, { 10236, "10.0 KB" }, { 102348, "99.9 KB" }, { 102390, "100 KB" },
		{ 1000 * 1024, "1000 KB" }, { 1023 * 1024, "1023 KB" }, { 1048575, "1.00 MB" },
		{ UINT64_C(23729905664), "22.1 GB" }, { UINT64_C(2072326144), "1.93 GB" },
		{ UINT64_C(1) << 40, "1.00 TB" }, { UINT64_C(1) << 50, "1.00 PB" }, { UINT64_MAX, "16.0 EB" } };
	char out[32];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		vss_format_size(out, cases[i].bytes);
		assert_string_equal(out, cases[i].text);
	}
}

static void
bytes_are_little_endian_at_any_alignment(void **state)
{
	(void)state;
	unsigned char b[9];
	vss_put32(b + 1, 0x01020384);
	assert_memory_equal(b + 1, "\x84\x03\x02\x01", 4);
	assert_true(vss_get32(b + 1) == 0x01020384);
	vss_put64(b + 1, UINT64_C(0xF102030405060708));
	assert_memory_equal(b + 1, "\x08\x07\x06\x05\x04\x03\x02\xF1", 8);
	assert_true(vss_get64(b + 1) == UINT64_C(0xF102030405060708));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_are_digits_and_nothing_else),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(sizes_have_binary_units_in_any_case),
		cmocka_unit_test(spans_are_seconds_unless_a_unit_says_more),
		cmocka_unit_test(sizes_are_printed_with_three_digits),
		cmocka_unit_test(bytes_are_little_endian_at_any_alignment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
