/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

/* What the recorder got with `event` is `lines`, behind the line that names the set. */
static void
assert_recorded(const char *event, const char *lines)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&vss_session_set(stage.s)->id, id);
	VSS_AUTOFREE char *expected = vss_strf("set %s\n%s", id, lines);
	VSS_AUTOFREE char *got = stage_recorded(event);
	assert_string_equal(got, expected);
}

static void
events_carry_what_vss_lets_a_writer_ask(void **state)
{
	(void)state;
	stage_recorder("Recorder");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_FULL });
	assert_done(stage_create(true));
	const struct vss_uuid id = vss_session_bcd(stage.s)->writers[0].writer_id;
	assert_done(vss_session_set_backup_succeeded(stage.s, &id, "", "data", true, &stage.err));
	assert_done(vss_session_backup_complete(stage.s, &stage.err));

	const struct vss_set *set = vss_session_set(stage.s);
	VSS_AUTOFREE char *topology =
		vss_strf("volume %s instant=one group=0\nvolume %s instant=one group=0\n", stage.a, stage.b);
	VSS_AUTOFREE char *copies = vss_strf(
		"volume %s %s\nvolume %s %s\n", stage.a, set->shadows[0].device, stage.b, set->shadows[1].device);
	assert_recorded("prepare-backup", "backup type=full component-mode=yes partial-files=no bootable-state=no\n"
					  "component filegroup \"\" data\n");
	assert_recorded("prepare-snapshot", topology);
	assert_recorded("freeze", "");
	assert_recorded("thaw", "");
	assert_recorded("post-snapshot", copies);
	assert_recorded("backup-complete", "component filegroup \"\" data succeeded=yes\n");
}

static void
a_component_that_nobody_spoke_for_has_not_succeeded(void **state)
{
	(void)state;
	stage_recorder("Recorder");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_COPY });
	assert_done(stage_create(true));
	assert_done(vss_session_backup_complete(stage.s, &stage.err));
	assert_recorded("backup-complete", "component filegroup \"\" data succeeded=no\n");
}

static void
many_instants_are_told_as_groups_of_one(void **state)
{
	(void)state;
	setenv("VSS_FAKE_FAULTS", "instant=many", 1);
	stage_recorder("Recorder");
	stage_new(&(struct vss_session_options){ .min_path_grade = VSS_GRADE_ORDERED });
	assert_done(stage_create(true));
	VSS_AUTOFREE char *topology =
		vss_strf("volume %s instant=one group=0\nvolume %s instant=one group=1\n", stage.a, stage.b);
	assert_recorded("prepare-snapshot", topology);
}

static void
backup_shutdown_carries_the_set(void **state)
{
	char id[VSS_UUID_TEXT];

	(void)state;
	stage_recorder("Recorder");
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(true));
	vss_uuid_text(&vss_session_set(stage.s)->id, id);
	stage_end();
	VSS_AUTOFREE char *got = stage_recorded("backup-shutdown"), *expected = vss_strf("set %s\n", id);
	assert_string_equal(got, expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(events_carry_what_vss_lets_a_writer_ask),
		STAGE_TEST(a_component_that_nobody_spoke_for_has_not_succeeded),
		STAGE_TEST(many_instants_are_told_as_groups_of_one),
		STAGE_TEST(backup_shutdown_carries_the_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
