/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

#include "writer/bare.h"
#include "writer/statement.h"

static struct vss_metadata able = { .schema = VSS_BS_INCREMENTAL | VSS_BS_LAST_MODIFY };

static int
check(const char *text, enum vss_event during, const struct vss_metadata *m, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;

	if (vss_line_parse(text, strlen(text), &l, err) != 0)
		fail_msg("%s: %s", text, err->text);
	int rc = vss_bare_check_statement(&l, during, m, err);
	vss_line_clear(&l);
	return rc;
}

static void
statements_about_files_are_looked_at_on_arrival(void **state)
{
	static const struct {
		enum vss_event during;
		const char *statement, *fault; /* NULL: it passes */
	} rows[] = {
		{ VSS_EVENT_PREPARE_BACKUP, "partial-file \"\" c /srv f ranges=0:1", NULL },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=0x10:0x20,64:1 metadata=x", NULL },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=File=/srv/r", NULL },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f", "no ranges" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=0", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=4:0", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=0:18446744073709551615", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=File=r", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f ranges=File=/srv/../r", "/srv/../r: holds .." },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c srv f ranges=0:1", "srv: not an absolute path" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv/../etc f ranges=0:1", "/srv/../etc: holds .." },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv f* ranges=0:1",
			"f*: wildcards do not belong there" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv a/f ranges=0:1", "a/f: not the name of a file" },
		{ VSS_EVENT_POST_SNAPSHOT, "partial-file \"\" c /srv .. ranges=0:1", "..: not the name of a file" },
		{ VSS_EVENT_PRE_RESTORE, "partial-file \"\" c /srv f ranges=0:1", "not allowed at pre-restore" },
		{ VSS_EVENT_BACKUP_COMPLETE, "partial-file \"\" c /srv f ranges=0:1",
			"not allowed at backup-complete" },
		{ VSS_EVENT_PREPARE_BACKUP, "differenced-file \"\" c /srv *.db recursive=yes since=0", NULL },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=1700000000.123456789", NULL },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv *", NULL },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=1.1234567890", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=99999999999", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=2026-01-01T00:00:00Z", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=\"\"", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=1.", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * since=-1", "" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv * recursive=ja", "neither yes nor no" },
		{ VSS_EVENT_POST_SNAPSHOT, "differenced-file \"\" c /srv/* f", "wildcards do not belong there" },
		{ VSS_EVENT_PRE_RESTORE, "restore-target \"\" c alternate", NULL },
		{ VSS_EVENT_PRE_RESTORE, "restore-target \"\" c VSS_RT_ORIGINAL_LOCATION", NULL },
		{ VSS_EVENT_PRE_RESTORE, "restore-target \"\" c elsewhere", "elsewhere: not a known restore target" },
		{ VSS_EVENT_PRE_RESTORE, "restore-target \"\" c undefined", "undefined: not a known restore target" },
		{ VSS_EVENT_POST_RESTORE, "restore-target \"\" c original", "not allowed at post-restore" },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f 0:8 /new g 8:4,0:4", NULL },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f 0:8 /new g 8:4", "are not equally long" },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f 0:8 /new/.. g 0:8", "/new/..: holds .." },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f 0:8 new g 0:8", "new: not an absolute path" },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f 0:8 /new . 0:8", ".: not the name of a file" },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f \"File=/r\" /new g 0:8", "" },
		{ VSS_EVENT_PRE_RESTORE, "directed-target \"\" c /srv f 0:8 /new", "has 6 words behind it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		int rc = check(rows[i].statement, rows[i].during, &able, &err);
		if (rc != (rows[i].fault ? -1 : 0))
			fail_msg("%s: %d %s", rows[i].statement, rc, err.text);
		if (rc != 0 && (err.code != VSS_PROTOCOL || !strstr(err.text, rows[i].fault)))
			fail_msg("%s: %s", rows[i].statement, err.text);
	}
}

static void
differenced_files_need_the_schema_that_knows_times(void **state)
{
	struct vss_metadata plain = { .schema = VSS_BS_INCREMENTAL };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_int_equal(check("differenced-file \"\" c /srv *", VSS_EVENT_POST_SNAPSHOT, &plain, &err), -1);
	assert_string_equal(err.text, "differenced-file: its backup schema is without last-modify");
	assert_int_equal(check("differenced-file \"\" c /srv *", VSS_EVENT_POST_SNAPSHOT, NULL, &err), -1);
}

static void
times_are_seconds_with_a_fraction(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "since=0", 0 },
		{ "since=1", 1000000000 },
		{ "since=1.5", 1500000000 },
		{ "since=1.000000001", 1000000001 },
		{ "since=9000000000.25", 9000000000250000000 },
		{ "recursive=yes", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_line l = VSS_LINE_INIT;
		VSS_AUTOFREE char *text = vss_strf("differenced-file p c /srv//x/ * %s", rows[i].text);
		assert_int_equal(vss_line_parse(text, strlen(text), &l, &err), 0);
		assert_int_equal(vss_statement_since(&l), rows[i].ns);
		VSS_AUTOFREE char *dir = vss_statement_dir(&l, 3);
		assert_string_equal(dir, "/srv/x");
		vss_line_clear(&l);
	}
}

static void
a_refused_writer_has_failed_and_lives_on(void **state)
{
	(void)state;
	stage_script("one", "", "");
	struct vss_writer *w = stage_start();
	stage_raise(VSS_EVENT_PREPARE_BACKUP);
	vss_writer_refuse(w, VSS_EVENT_PREPARE_BACKUP, "not like this");
	vss_writer_refuse(w, VSS_EVENT_POST_SNAPSHOT, "the first one counts");
	assert_int_equal(w->state, VSS_WS_FAILED_AT_PREPARE_BACKUP);
	assert_int_equal(w->error, VSS_E_WRITERERROR_NONRETRYABLE);
	assert_string_equal(w->message, "not like this");
	assert_true(w->alive);
	stage_raise(VSS_EVENT_BACKUP_SHUTDOWN);
	assert_true(stage_log_has("backup-shutdown"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_about_files_are_looked_at_on_arrival),
		cmocka_unit_test(differenced_files_need_the_schema_that_knows_times),
		cmocka_unit_test(times_are_seconds_with_a_fraction),
		cmocka_unit_test_setup_teardown(a_refused_writer_has_failed_and_lives_on, stage_set, stage_clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
