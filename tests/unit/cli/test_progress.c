/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/out.h"

#include "base/time.h"
#include "cli/capture.h"
#include "cli/opt.h"
#include "lib/cm.h"

#include <poll.h>

/* Progress begins after a second: reports until one was due. */
static void
report_until(struct vss_progress *p, int64_t after_ns)
{
	for (int64_t end = vss_now_mono() + after_ns; vss_now_mono() < end;) {
		vss_progress_at(p, 3, 1024, 6, 4096);
		poll(NULL, 0, 10);
	}
}

static void
styles_have_words(void **state)
{
	(void)state;
	assert_int_equal(vss_progress_style_by_word("auto"), VSS_PROGRESS_AUTO);
	assert_int_equal(vss_progress_style_by_word("json"), VSS_PROGRESS_JSON);
	assert_int_equal(vss_progress_style_by_word("never"), VSS_PROGRESS_NEVER);
	assert_int_equal(vss_progress_style_by_word("always"), -1);
}

static void
nothing_is_shown_where_nobody_looks(void **state)
{
	(void)state;
	struct capture c = capture_begin(STDERR_FILENO);
	assert_null(vss_progress_new("work", VSS_PROGRESS_AUTO));
	assert_null(vss_progress_new("work", VSS_PROGRESS_NEVER));
	vss_progress_end(NULL);
	assert_string_equal(capture_end(&c), "");
}

static void
short_work_reports_nothing(void **state)
{
	(void)state;
	struct capture c = capture_begin(STDERR_FILENO);
	struct vss_progress *p = vss_progress_new("work", VSS_PROGRESS_JSON);
	vss_progress_at(p, 1, 1, 1, 1);
	vss_progress_end(p);
	assert_string_equal(capture_end(&c), "");
}

static void
json_progress_is_an_object_a_line_with_what_is_left(void **state)
{
	(void)state;
	struct capture c = capture_begin(STDERR_FILENO);
	struct vss_progress *p = vss_progress_new("work", VSS_PROGRESS_JSON);
	report_until(p, 1100 * VSS_MS);
	vss_progress_end(p);
	const char *said = capture_end(&c);
	assert_ptr_equal(
		strstr(said, "{\"files\":3,\"bytes\":1024,\"total_files\":6,\"total_bytes\":4096,\"elapsed_ms\":"),
		said);
	assert_non_null(strstr(said, ",\"left_s\":3}\n"));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(styles_have_words),
		cmocka_unit_test(nothing_is_shown_where_nobody_looks),
		cmocka_unit_test(short_work_reports_nothing),
		cmocka_unit_test(json_progress_is_an_object_a_line_with_what_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
