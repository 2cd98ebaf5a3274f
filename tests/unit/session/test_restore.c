/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

/* The document of a backup of one writer with one component, as it was stored. */
static struct vss_bcd *
stored(const char *writer)
{
	struct vss_bcd *b = vss_bcd_new();
	VSS_AUTOFREE char *seed = vss_strf("test writer %s", writer);
	struct vss_metadata *m = vss_metadata_new();

	vss_uuid_of_bytes(&m->writer_id, seed, strlen(seed));
	vss_uuid_random(&m->instance_id); /* of the time of the backup */
	m->name = vss_strdup(writer);
	struct vss_component *c = vss_metadata_add_component(m, VSS_CT_FILEGROUP, NULL, "data", &stage.err);
	assert_non_null(c);
	struct vss_bcd_component *bc = vss_bcd_add_component(vss_bcd_add_writer(b, m), c, &stage.err);
	bc->backup_metadata = vss_strdup("kept");
	vss_metadata_free(m);
	return b;
}

static struct vss_bcd_component *
component(void)
{
	return &vss_session_bcd(stage.s)->writers[0].components[0];
}

static const struct vss_uuid *
writer_id(void)
{
	return &vss_session_bcd(stage.s)->writers[0].writer_id;
}

static void
begin(const char *writer)
{
	stage.s = vss_session_new_for_restore(&(struct vss_session_options){ 0 }, stored(writer), &stage.err);
	assert_non_null(stage.s);
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
}

static void
a_restore_raises_its_two_events_and_no_other(void **state)
{
	(void)state;
	stage_writer("One", "at pre-restore say restore-metadata \"\" data mine\n", "");
	begin("One");
	assert_done(vss_session_set_selected_for_restore(stage.s, writer_id(), "", "data", &stage.err));
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_string_equal(component()->restore_metadata, "mine");
	assert_done(vss_session_set_file_restore_status(stage.s, writer_id(), "", "data", VSS_RS_ALL, &stage.err));
	assert_done(vss_session_post_restore(stage.s, &stage.err));
	assert_int_equal(component()->restore_status, VSS_RS_ALL);
	stage_end();
	assert_int_equal(stage_count("pre-restore"), 1);
	assert_int_equal(stage_count("post-restore"), 1);
	assert_int_equal(stage_count("abort") + stage_count("backup-shutdown") + stage_count("prepare-backup"), 0);
}

static void
only_writers_with_a_selected_component_take_part(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	begin("One");
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_int_equal(
		vss_session_set_file_restore_status(stage.s, writer_id(), "", "data", VSS_RS_ALL, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_done(vss_session_post_restore(stage.s, &stage.err));
	assert_int_equal(stage_count("pre-restore") + stage_count("post-restore"), 0);
}

static void
a_component_of_a_writer_that_does_not_run_cannot_be_selected(void **state)
{
	(void)state;
	begin("Absent");
	assert_int_equal(vss_session_set_selected_for_restore(stage.s, writer_id(), "", "data", &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_int_equal(vss_session_set_selected_for_restore(stage.s, writer_id(), "", "nothing", &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
}

static void
a_failed_pre_restore_is_told_and_post_restore_still_comes(void **state)
{
	(void)state;
	stage_writer("Bad", "at pre-restore fail RETRYABLE \"still open\"\n", "");
	begin("Bad");
	assert_done(vss_session_set_selected_for_restore(stage.s, writer_id(), "", "data", &stage.err));
	assert_int_equal(vss_session_pre_restore(stage.s, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_GRADE);
	assert_string_equal(stage.err.text, "writer \"Bad\": pre-restore: still open (VSS_E_WRITERERROR_RETRYABLE)");
	assert_int_equal(component()->failure, VSS_E_WRITERERROR_RETRYABLE);
	assert_string_equal(component()->failure_message, "still open");
	assert_done(vss_session_set_file_restore_status(stage.s, writer_id(), "", "data", VSS_RS_NONE, &stage.err));
	(void)vss_session_post_restore(stage.s, &stage.err);
	assert_int_equal(stage_count("post-restore"), 1);
	assert_int_equal(stage_count("abort"), 0); /* W60 */
}

static void
a_failed_post_restore_is_done_in_part(void **state)
{
	(void)state;
	stage_writer("Bad", "at post-restore fail NONRETRYABLE \"does not start\"\n", "");
	begin("Bad");
	assert_done(vss_session_set_selected_for_restore(stage.s, writer_id(), "", "data", &stage.err));
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_done(vss_session_set_file_restore_status(stage.s, writer_id(), "", "data", VSS_RS_ALL, &stage.err));
	assert_int_equal(vss_session_post_restore(stage.s, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_PARTIAL);
	assert_string_equal(
		stage.err.text, "writer \"Bad\": post-restore: does not start (VSS_E_WRITERERROR_NONRETRYABLE)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_restore_raises_its_two_events_and_no_other),
		STAGE_TEST(only_writers_with_a_selected_component_take_part),
		STAGE_TEST(a_component_of_a_writer_that_does_not_run_cannot_be_selected),
		STAGE_TEST(a_failed_pre_restore_is_told_and_post_restore_still_comes),
		STAGE_TEST(a_failed_post_restore_is_done_in_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
