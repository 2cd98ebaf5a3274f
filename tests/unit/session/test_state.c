/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"
#include "session/stage.h"

/*
 * For each call the states in which it is allowed, and those that a context without writers adds: written down
 * a second time, by hand.
 */
static const struct row {
	enum session_call call;
	const char *allowed, *without_writers;
} rows[] = {
	{ CALL_GATHER_WRITER_METADATA, "Nr", "" },
	{ CALL_ADD_COMPONENT, "G", "" },
	{ CALL_START_SNAPSHOT_SET, "G", "N" },
	{ CALL_ADD_TO_SNAPSHOT_SET, "S", "" },
	{ CALL_SET_PREVIOUS_BACKUP_STAMP, "GS", "" },
	{ CALL_SET_BACKUP_OPTIONS, "GS", "" },
	{ CALL_PREPARE_FOR_BACKUP, "S", "" },
	{ CALL_DO_SNAPSHOT_SET, "P", "S" },
	{ CALL_CHECK_COPIES, "CD", "" },
	{ CALL_SET_BACKUP_SUCCEEDED, "C", "" },
	{ CALL_BACKUP_COMPLETE, "C", "" },
	{ CALL_ABORT_BACKUP, "SPCFA", "" },
	{ CALL_SET_SELECTED_FOR_RESTORE, "g", "" },
	{ CALL_SET_RESTORE_TYPE, "rg", "" },
	{ CALL_ADD_RESTORE_SUBCOMPONENT, "g", "" },
	{ CALL_SET_RESTORE_WISHES, "g", "" },
	{ CALL_ADD_NEW_TARGET, "g", "" },
	{ CALL_PRE_RESTORE, "g", "" },
	{ CALL_SET_RANGES_FILE_PATH, "p", "" },
	{ CALL_ADD_ALTERNATIVE_LOCATION_MAPPING, "p", "" },
	{ CALL_SET_FILE_RESTORE_STATUS, "p", "" },
	{ CALL_POST_RESTORE, "p", "" },
};
static const char letters[SESSION_STATE_COUNT + 1] = "NGSPCDFArgpt";

static void
every_call_is_allowed_in_its_states_and_in_no_other(void **state)
{
	(void)state;
	assert_int_equal(sizeof rows / sizeof *rows, CALL_COUNT);
	for (size_t i = 0; i < CALL_COUNT; i++) {
		for (int st = 0; st < SESSION_STATE_COUNT; st++) {
			bool with = strchr(rows[i].allowed, letters[st]);
			bool without = with || strchr(rows[i].without_writers, letters[st]);
			if (session_allows((enum session_state)st, false, rows[i].call) != with ||
				session_allows((enum session_state)st, true, rows[i].call) != without)
				fail_msg("call %zu in state %c", i, letters[st]);
		}
	}
}

/* Every public call, in the state that the session is in; those in `but` are left out. */
static void
assert_refused(const char *but)
{
	static const struct vss_uuid nobody;
	struct vss_component c = { .name = (char[]){ "x" } };
	struct vss_err e = VSS_ERR_INIT;
	enum session_state before = stage.s->state;
	const struct vss_session_restore_wishes wishes = { 0 };
	const struct vss_fileset files = { .path = (char[]){ "/a" }, .spec = (char[]){ "*" } };
	struct vss_volume v = { .mount = stage.a, .id = (char[]){ "x" } };
	const struct {
		char letter;
		int rc;
	} calls[] = {
		{ 'g', strchr(but, 'g') ? -1 : vss_session_gather_writer_metadata(stage.s, &e) },
		{ 'c', strchr(but, 'c') ? -1 : vss_session_add_component(stage.s, NULL, &c, false, &e) },
		{ 's', strchr(but, 's') ? -1 : vss_session_start_snapshot_set(stage.s, 0, &e) },
		{ 'v', strchr(but, 'v') ? -1 : vss_session_add_to_snapshot_set(stage.s, &v, NULL, NULL, true, &e) },
		{ 'p', strchr(but, 'p') ? -1 : vss_session_prepare_for_backup(stage.s, &e) },
		{ 'd', strchr(but, 'd') ? -1 : vss_session_do_snapshot_set(stage.s, &e) },
		{ 'k', strchr(but, 'k') ? -1 : vss_session_check_copies(stage.s, &e) },
		{ 'f', strchr(but, 'f') ? -1 : vss_session_set_backup_succeeded(stage.s, &nobody, "", "x", true, &e) },
		{ 'b', strchr(but, 'b') ? -1 : vss_session_backup_complete(stage.s, &e) },
		{ 'a', strchr(but, 'a') ? -1 : vss_session_abort_backup(stage.s, &e) },
		{ 'S', strchr(but, 'S') ? -1 : vss_session_set_selected_for_restore(stage.s, &nobody, "", "x", &e) },
		{ 'R', strchr(but, 'R') ? -1 : vss_session_pre_restore(stage.s, &e) },
		{ 'F', strchr(but, 'F')
				? -1
				: vss_session_set_file_restore_status(stage.s, &nobody, "", "x", VSS_RS_ALL, &e) },
		{ 'P', strchr(but, 'P') ? -1 : vss_session_post_restore(stage.s, &e) },
		{ '1', strchr(but, '1') ? -1
					: vss_session_set_previous_backup_stamp(stage.s, &nobody, "", "x", "", &e) },
		{ '2', strchr(but, '2') ? -1 : vss_session_set_backup_options(stage.s, &nobody, "", "x", "", &e) },
		{ '3', vss_session_set_restore_type(stage.s, VSS_RTYPE_IMPORT, &e) },
		{ '4', vss_session_add_restore_subcomponent(stage.s, &nobody, "", "x", "x", "y", &e) },
		{ '5', vss_session_set_restore_wishes(stage.s, &nobody, "", "x", &wishes, &e) },
		{ '6', vss_session_add_new_target(stage.s, &nobody, "", "x", &files, "/to", &e) },
		{ '7', vss_session_set_ranges_file_path(stage.s, &nobody, "", "x", 0, "/to", &e) },
		{ '8', vss_session_add_alternative_location_mapping(stage.s, &nobody, "", "x", &files, "/to", &e) },
	};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].rc == 0)
			fail_msg("call %c was not refused", calls[i].letter);
	assert_int_equal(stage.s->state, before);
	if (strlen(but) < sizeof calls / sizeof *calls)
		assert_int_equal(e.code, VSS_E_BAD_STATE);
}

static void
a_call_at_the_wrong_time_fails_with_bad_state_and_changes_nothing(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ .type = VSS_BT_FULL });
	assert_refused("g");
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_refused("cs12");
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_refused("vpa12");
	assert_done(stage_add_volume(stage.a));
	assert_done(vss_session_prepare_for_backup(stage.s, &stage.err));
	assert_refused("da");
	assert_done(vss_session_do_snapshot_set(stage.s, &stage.err));
	assert_refused("kfba");
	assert_done(vss_session_backup_complete(stage.s, &stage.err));
	assert_refused("k");
}

static void
without_writers_nobody_need_be_gathered_or_prepared(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_FILE_SHARE_BACKUP });
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_done(stage_add_volume(stage.a));
	assert_done(vss_session_do_snapshot_set(stage.s, &stage.err));
	assert_null(vss_session_writers(stage.s));
}

static void
a_session_serves_one_operation(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	assert_int_equal(vss_session_start_snapshot_set(stage.s, 0, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_BAD_STATE);
}

static void
contexts_that_make_no_sense_are_refused(void **state)
{
	static const uint32_t wrong[] = { 0xffffffff, VSS_ATTR_PERSISTENT, VSS_ATTR_NO_AUTO_RELEASE,
		VSS_CTX_BACKUP | VSS_ATTR_PLEX | VSS_ATTR_DIFFERENTIAL, VSS_CTX_CLIENT_ACCESSIBLE | VSS_ATTR_PLEX,
		VSS_ATTR_CLIENT_ACCESSIBLE, VSS_CTX_BACKUP | VSS_ATTR_HARDWARE_ASSISTED };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_null(vss_session_new(&(struct vss_session_options){ .context = wrong[i] }, &stage.err));
		assert_int_equal(stage.err.code, VSS_E_UNSUPPORTED_CONTEXT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_is_allowed_in_its_states_and_in_no_other),
		STAGE_TEST(a_call_at_the_wrong_time_fails_with_bad_state_and_changes_nothing),
		STAGE_TEST(without_writers_nobody_need_be_gathered_or_prepared),
		STAGE_TEST(a_session_serves_one_operation),
		STAGE_TEST(contexts_that_make_no_sense_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
