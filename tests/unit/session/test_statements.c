/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

#define SCHEMA "backup-schema incremental differential last-modify timestamped\n"

static const struct vss_bcd_component *
data(void)
{
	return &vss_session_bcd(stage.s)->writers[0].components[0];
}

static void
create(const char *rules, bool partial_files)
{
	VSS_AUTOFREE char *script = vss_strf(SCHEMA "%s", rules);

	stage_writer("One", script, "");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_INCREMENTAL, .partial_files = partial_files });
}

static void
an_increment_is_noted_and_the_last_word_counts(void **state)
{
	(void)state;
	create("at prepare-backup say partial-file \"\" data /srv/db//x/ main ranges=0:4 metadata=a\n"
	       "at prepare-backup say partial-file \"\" data /srv/db log ranges=File=/srv/db/ranges\n"
	       "at prepare-backup say differenced-file \"\" data /srv/db *.log since=1.5\n"
	       "at post-snapshot say partial-file \"\" data /srv/db/x main ranges=8:0x10\n"
	       "at post-snapshot say differenced-file \"\" data /srv/db *.log since=1700000000.000000001\n"
	       "at post-snapshot say differenced-file \"\" data /srv/db *.log recursive=yes\n"
	       "at post-snapshot say backup-stamp \"\" data s2\n",
		true);
	assert_done(stage_create(true));
	assert_int_equal(data()->npartials, 2);
	assert_string_equal(data()->partials[0].path, "/srv/db/x");
	assert_string_equal(data()->partials[0].name, "main");
	assert_string_equal(data()->partials[0].ranges, "8:0x10");
	assert_null(data()->partials[0].metadata);
	assert_string_equal(data()->partials[1].ranges, "File=/srv/db/ranges");
	assert_int_equal(data()->ndifferenced, 2);
	assert_string_equal(data()->differenced[0].path, "/srv/db");
	assert_string_equal(data()->differenced[0].spec, "*.log");
	assert_int_equal(data()->differenced[0].since_ns, 1700000000000000001);
	assert_false(data()->differenced[0].recursive);
	assert_int_equal(data()->differenced[1].since_ns, 0);
	assert_true(data()->differenced[1].recursive);
	assert_string_equal(data()->stamp, "s2");
	assert_true(stage_log_has("partial-files=yes"));
}

static void
stamps_and_options_reach_the_writer(void **state)
{
	static const struct vss_uuid nobody;

	(void)state;
	create("", false);
	assert_done(stage_begin(true));
	const struct vss_uuid id = vss_session_bcd(stage.s)->writers[0].writer_id;
	assert_done(vss_session_set_previous_backup_stamp(stage.s, &id, "", "data", "wrong", &stage.err));
	assert_done(vss_session_set_previous_backup_stamp(stage.s, &id, "", "data", "s 1", &stage.err));
	assert_done(vss_session_set_backup_options(stage.s, &id, "", "data", "wrong", &stage.err));
	assert_done(vss_session_set_backup_options(stage.s, &id, "", "data", NULL, &stage.err));
	assert_int_equal(vss_session_set_backup_options(stage.s, &nobody, "", "data", "x", &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_done(vss_session_prepare_for_backup(stage.s, &stage.err));
	assert_true(stage_log_has("with component filegroup \"\" data previous-stamp=\"s 1\"\n"));
	assert_string_equal(data()->previous_stamp, "s 1");
}

/* The writer fails where it says so, and nothing that it said there is noted. */
static void
expect_failure(const char *event, const char *statement, const char *text)
{
	VSS_AUTOFREE char *rules =
		vss_strf("at %s say %s\nat %s say backup-stamp \"\" data later\n", event, statement, event);
	VSS_AUTOFREE char *expected = vss_strf("writer \"One\": %s: %s", event, text);

	create(rules, false);
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_string_equal(stage.err.text, expected);
	assert_null(data()->stamp);
	assert_int_equal(data()->npartials + data()->ndifferenced, 0);
	stage_end();
	assert_nothing_left();
}

static void
partial_files_need_a_requester_that_takes_them(void **state)
{
	(void)state;
	expect_failure("prepare-backup", "partial-file \"\" data /srv/db main ranges=0:4",
		"partial-file: component /data: this backup takes whole files only (VSS_E_WRITERERROR_NONRETRYABLE)");
	expect_failure("post-snapshot", "partial-file \"\" data /srv/db main ranges=0:4",
		"partial-file: component /data: this backup takes whole files only (VSS_E_WRITERERROR_NONRETRYABLE)");
}

static void
a_component_that_is_not_in_the_set_fails_its_writer(void **state)
{
	(void)state;
	expect_failure("prepare-backup", "backup-metadata \"\" other x",
		"backup-metadata: component /other does not take part (VSS_E_WRITERERROR_NONRETRYABLE)");
	expect_failure("post-snapshot", "differenced-file deep/er other /srv *",
		"differenced-file: component /deep/er/other does not take part (VSS_E_WRITERERROR_NONRETRYABLE)");
}

static void
files_of_a_component_are_counted(void **state)
{
	VSS_AUTOBUF struct vss_buf lines = VSS_BUF_INIT;

	(void)state;
	for (int i = 0; i <= VSS_BCD_FILES_MAX; i++)
		vss_buf_fmt(&lines, "differenced-file \\\"\\\" data / %d\\012", i);
	VSS_AUTOFREE char *rules = vss_strf("at post-snapshot raw \"%s\"\n", lines.data);
	create(rules, false);
	assert_int_equal(stage_create(true), -1);
	assert_string_equal(stage.err.text,
		"writer \"One\": post-snapshot: differenced-file: component /data: more than 16384 of them "
		"(VSS_E_WRITERERROR_NONRETRYABLE)");
}

static void
nothing_is_noted_at_backup_complete(void **state)
{
	(void)state;
	create("at backup-complete say backup-stamp \"\" data late\n", false);
	assert_done(stage_create(true));
	assert_int_equal(vss_session_backup_complete(stage.s, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_PARTIAL);
	assert_null(data()->stamp);
}

static void
a_fake_copy_keeps_no_identity(void **state)
{
	(void)state;
	create("", false);
	assert_done(stage_create(true));
	VSS_AUTOFREE char *path = stage_path("a/file");
	assert_false(vss_session_keeps_identity(stage.s, path));
	assert_false(vss_session_keeps_identity(stage.s, "/nowhere"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(an_increment_is_noted_and_the_last_word_counts),
		STAGE_TEST(stamps_and_options_reach_the_writer),
		STAGE_TEST(partial_files_need_a_requester_that_takes_them),
		STAGE_TEST(a_component_that_is_not_in_the_set_fails_its_writer),
		STAGE_TEST(files_of_a_component_are_counted),
		STAGE_TEST(nothing_is_noted_at_backup_complete),
		STAGE_TEST(a_fake_copy_keeps_no_identity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
