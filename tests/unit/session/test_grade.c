/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

/* A writer whose component lies in both volumes. */
static void
spread_writer(const char *name, const char *rules)
{
	VSS_AUTOFREE char *more = vss_strf("file \"\" data %s * recursive=yes\n%s", stage.b, rules);
	stage_writer(name, more, "");
}

static enum vss_grade
volume_grade(size_t i)
{
	return vss_session_set(stage.s)->shadows[i].grade;
}

static void
one_instant_makes_volumes_crash_consistent(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	assert_int_equal(volume_grade(0), VSS_GRADE_CRASH);
	assert_int_equal(volume_grade(1), VSS_GRADE_CRASH);
	assert_int_equal(vss_session_set(stage.s)->instant, VSS_INSTANT_ONE);
	assert_int_equal(vss_session_set(stage.s)->grade, VSS_GRADE_CRASH);
	assert_int_equal(vss_session_bcd(stage.s)->volumes[0].grade, VSS_GRADE_CRASH);
}

static void
many_instants_are_below_the_default_bar_of_paths(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "instant=many", 1);
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(false), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_non_null(strstr(stage.err.text, "--min-grade ordered"));
	stage_end();
	assert_nothing_left();
	stage_new(&(struct vss_session_options){ .min_path_grade = VSS_GRADE_ORDERED });
	assert_done(stage_create(false));
	assert_int_equal(volume_grade(0), VSS_GRADE_ORDERED);
	assert_int_equal(vss_session_set(stage.s)->instant, VSS_INSTANT_MANY);
}

static void
fuzzy_copies_are_refused_with_the_way_out(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "instant=fuzzy", 1);
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(false), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_non_null(strstr(stage.err.text, "--min-grade fuzzy"));
	stage_end();
	assert_nothing_left();
}

static void
a_writer_that_holds_its_files_is_application_consistent_on_fuzzy_copies(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "instant=fuzzy", 1);
	spread_writer("Wide", "");
	stage_new(&(struct vss_session_options){ .min_path_grade = VSS_GRADE_FUZZY });
	assert_done(stage_create(true));
	assert_int_equal(stage_result("Wide")->grade, VSS_GRADE_APPLICATION);
	assert_int_equal(volume_grade(0), VSS_GRADE_FUZZY);
	assert_int_equal(vss_session_set(stage.s)->grade, VSS_GRADE_FUZZY);
}

static void
a_component_that_is_not_whole_in_the_backup_has_no_grade(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "instant=many", 1);
	stage_writer("Good", "", "");
	stage_writer("Torn", "", "");
	stage_new(&(struct vss_session_options){ .min_path_grade = VSS_GRADE_ORDERED });
	assert_done(stage_create(true));
	const struct vss_bcd_writer *torn = NULL;
	struct vss_bcd *bcd = vss_session_bcd(stage.s);
	for (size_t i = 0; i < bcd->nwriters; i++)
		if (strcmp(bcd->writers[i].name, "Torn") == 0)
			torn = &bcd->writers[i];
	assert_non_null(torn);
	assert_int_equal(torn->components[0].grade, VSS_GRADE_APPLICATION);
	assert_int_equal(stage_result("Torn")->grade, VSS_GRADE_APPLICATION);
	assert_done(vss_session_set_backup_succeeded(stage.s, &torn->writer_id, NULL, "data", false, &stage.err));
	assert_int_equal(torn->components[0].grade, VSS_GRADE_NONE);
	assert_int_equal(stage_result("Torn")->grade, VSS_GRADE_NONE);
	assert_int_equal(stage_result("Good")->grade, VSS_GRADE_APPLICATION);
	assert_int_equal(vss_session_set(stage.s)->grade, VSS_GRADE_ORDERED);
}

/* The script's own `hold files` is replaced. */
static void
hold_instead(const char *name, const char *hold)
{
	VSS_AUTOFREE char *file = vss_strf("%s.script", name);
	VSS_AUTOFREE char *script = stage_read(file);
	char *at = strstr(script, "\nhold files\n");

	assert_non_null(at);
	*at = '\0';
	VSS_AUTOFREE char *text = vss_strf("%s\nhold %s\n%s", script, hold, at + strlen("\nhold files\n"));
	stage_write(file, text);
}

static void
a_component_counts_its_own_volumes_only(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "instant=many", 1);
	stage_writer("Narrow", "", "");
	spread_writer("Wide", "");
	hold_instead("Narrow", "log");
	hold_instead("Wide", "log");
	stage_new(&(struct vss_session_options){
		.min_path_grade = VSS_GRADE_ORDERED, .min_component_grade = VSS_GRADE_ORDERED });
	assert_done(stage_create(true));
	assert_int_equal(stage_result("Narrow")->grade, VSS_GRADE_RECOVERABLE);
	assert_int_equal(stage_result("Wide")->grade, VSS_GRADE_ORDERED);
}

static void
a_component_below_the_bar_is_named_with_the_way_out(void **state)
{
	(void)state;
	stage_writer("Idle", "", "");
	hold_instead("Idle", "none");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(false), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_string_equal(stage.err.text,
		"writer \"Idle\": component /data: its copy is only crash, recoverable is wanted: "
		"accept it with --min-grade crash");
	stage_end();
	assert_nothing_left();
	assert_int_equal(stage_count("abort"), 0); /* W59: after PostSnapshot */
	assert_int_equal(stage_count("backup-shutdown"), 1);
}

static void
files_outside_the_set_are_live(void **state)
{
	(void)state;
	spread_writer("Wide", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	struct vss_writer *w = stage_find_writer("Wide");
	assert_done(vss_session_add_component(stage.s, w, &w->metadata->components[0], true, &stage.err));
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_done(stage_add_volume(stage.a));
	assert_done(vss_session_prepare_for_backup(stage.s, &stage.err));
	assert_int_equal(vss_session_do_snapshot_set(stage.s, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_non_null(strstr(stage.err.text, "lies on no volume of the set"));
	assert_int_equal(stage_result("Wide")->grade, VSS_GRADE_LIVE);
}

static void
what_was_promised_to_be_one_instant_is_delivered_or_fails(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "commit=unequal", 1);
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){
		.min_path_grade = VSS_GRADE_LIVE, .min_component_grade = VSS_GRADE_LIVE });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage.err.code, VSS_E_PROVIDER_VETO);
	stage_end();
	assert_nothing_left();
}

static void
a_component_that_failed_by_itself_loses_its_grade(void **state)
{
	(void)state;
	stage_writer("One",
		"at post-snapshot say component-failure \"\" data VSS_E_WRITERERROR_RETRYABLE \"one table\"\n", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_int_equal(stage_create(true), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_string_equal(stage.err.text, "writer \"One\": component /data: one table (VSS_E_WRITERERROR_RETRYABLE)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(one_instant_makes_volumes_crash_consistent),
		STAGE_TEST(many_instants_are_below_the_default_bar_of_paths),
		STAGE_TEST(fuzzy_copies_are_refused_with_the_way_out),
		STAGE_TEST(a_writer_that_holds_its_files_is_application_consistent_on_fuzzy_copies),
		STAGE_TEST(a_component_that_is_not_whole_in_the_backup_has_no_grade),
		STAGE_TEST(a_component_counts_its_own_volumes_only),
		STAGE_TEST(a_component_below_the_bar_is_named_with_the_way_out),
		STAGE_TEST(files_outside_the_set_are_live),
		STAGE_TEST(what_was_promised_to_be_one_instant_is_delivered_or_fails),
		STAGE_TEST(a_component_that_failed_by_itself_loses_its_grade),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
