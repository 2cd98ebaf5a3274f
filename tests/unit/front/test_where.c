/* SPDX-License-Identifier: BSD-2-Clause */
#include "front/copies.h"
#include "cli/out.h"

#include "lib/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
a_slash_makes_a_directory(void **state)
{
	(void)state;
	static const char *const words[] = { "/mnt/x", "./x", "x/", "\\\\host/x", "/" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_front_where w;
		assert_int_equal(vss_front_where(words[i], &w, &err), 0);
		assert_string_equal(w.path, words[i]);
		assert_null(w.share);
	}
}

/* \\HOST\NAME with another ending of the host's name behind it. */
static void
assert_share(const char *host, const char *ending, bool ours)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_front_where w;
	char word[600];

	snprintf(word, sizeof word, "\\\\%s%s\\data", host, ending);
	assert_int_equal(vss_front_where(word, &w, &err), ours ? 0 : -1);
	if (ours)
		assert_string_equal(w.share, "data");
	else
		assert_int_equal(err.code, VSS_USAGE);
}

static void
shares_are_of_this_host(void **state)
{
	(void)state;
	char here[256] = "";

	assert_int_equal(gethostname(here, sizeof here - 1), 0);
	assert_share(here, "", true);
	assert_share("LocalHost", "", true);
	assert_share(here, "x", false);
	assert_share("", "", false);
	if (!strchr(here, '.'))
		assert_share(here, ".example.org", true);
}

static void
a_bare_name_is_a_share(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_front_where w;

	assert_int_equal(vss_front_where("data$", &w, &err), 0);
	assert_string_equal(w.share, "data$");
	assert_null(w.path);
	assert_int_equal(vss_front_where("\\\\localhost", &w, &err), 0);
	assert_string_equal(w.share, ""); /* which is no name of a share, as whoever makes it says */
}

static void
a_host_too_long_is_another(void **state)
{
	(void)state;
	char host[500];

	memset(host, 'h', sizeof host - 1);
	host[sizeof host - 1] = '\0';
	assert_share(host, "", false);
}

static void
backslashes_are_shown_as_they_are(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "C:\\Windows\\Temp", "C:\\Windows\\Temp" },
		{ "\\\\host\\share", "\\\\host\\share" },
		{ "a\\134b", "a\\134b" },
		{ "a\nb\\", "a\\012b\\" },
		{ "\033[2J", "\\033[2J" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char *shown = vss_out_sentence(pairs[i][0]);
		assert_string_equal(shown, pairs[i][1]);
		free(shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slash_makes_a_directory),
		cmocka_unit_test(shares_are_of_this_host),
		cmocka_unit_test(a_bare_name_is_a_share),
		cmocka_unit_test(a_host_too_long_is_another),
		cmocka_unit_test(backslashes_are_shown_as_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
