/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

#include "base/time.h"

static bool
ledger_has(const char *who, const char *what, int64_t *at)
{
	const struct vss_set *set = vss_session_set(stage.s);

	for (size_t i = 0; i < set->nledger; i++) {
		if (strcmp(set->ledger[i].who, who) || strcmp(set->ledger[i].what, what))
			continue;
		*at = set->ledger[i].at_ns;
		return true;
	}
	return false;
}

static void
a_full_cycle_raises_every_event_once_and_in_order(void **state)
{
	static const char *const events[] = { "identify", "prepare-backup", "prepare-snapshot", "freeze", "thaw",
		"post-snapshot", "backup-complete", "backup-shutdown" };
	size_t at = 0;

	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_FULL });
	assert_done(stage_create(true));
	assert_done(vss_session_backup_complete(stage.s, &stage.err));
	stage_end();
	VSS_AUTOFREE char *log = stage_read("log");
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		VSS_AUTOFREE char *line = vss_strf("\n%s at=", events[i]);
		const char *found = strstr(log, line);
		if (!found || (size_t)(found - log) < at)
			fail_msg("%s is missing or out of order:\n%s", events[i], log);
		at = (size_t)(found - log);
		assert_int_equal(stage_count(events[i]), 1);
	}
	assert_int_equal(stage_count("abort"), 0);
}

static void
auto_release_copies_go_with_the_session(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_BACKUP });
	assert_done(stage_create(false));
	assert_true(stage_has("a/.vss-shadows"));
	assert_int_equal(stage_entries("run/owners"), 1);
	assert_false(vss_uuid_is_nil(&vss_session_set(stage.s)->owner));
	stage_end();
	assert_nothing_left();
}

static void
persistent_copies_stay_and_have_no_owner(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){
		.context = VSS_CTX_APP_ROLLBACK, .note = "n", .tag = "t", .hold = true });
	assert_done(stage_create(false));
	const struct vss_set *set = vss_session_set(stage.s);
	assert_true(vss_uuid_is_nil(&set->owner));
	assert_string_equal(set->note, "n");
	assert_string_equal(set->tag, "t");
	assert_true(set->hold);
	stage_end();
	assert_int_equal(stage_entries("run/owners"), 0);
	assert_int_equal(stage_entries("run/shadows"), 2);
	assert_int_equal(stage_entries("state/sets"), 1);
}

static void
the_copies_can_be_read_where_the_session_says(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	stage_write("a/file", "later\n");
	VSS_AUTOFREE char *path = vss_strf("%s/file", stage.a);
	VSS_AUTOFREE char *copy = vss_session_copy_path(stage.s, path);
	FILE *f = fopen(copy, "re");
	char text[32] = "";
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof text, f));
	fclose(f);
	assert_string_equal(text, "in a\n");
	assert_null(vss_session_copy_path(stage.s, "/nowhere/at/all"));
	assert_done(vss_session_check_copies(stage.s, &stage.err));
}

static void
a_copy_that_was_deleted_is_missed(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	VSS_AUTOFREE char *copy = realpath(vss_session_set(stage.s)->shadows[1].device, NULL);
	VSS_AUTOFREE char *dir = vss_path_dir(copy);
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_done(vss_remove_tree(fd, "copy", &stage.err));
	assert_int_equal(vss_session_check_copies(stage.s, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
}

static void
levels_freeze_front_to_system_and_thaw_the_other_way(void **state)
{
	static const char *const order[] = {
		"freeze at=", "freeze at=", "freeze at=", "thaw at=", "thaw at=", "thaw at="
	};
	int64_t front, back, system;

	(void)state;
	stage_writer("System", "", "Level=system");
	stage_writer("Front", "", "Level=front-end");
	stage_writer("Back", "", "Level=back-end");
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	assert_true(ledger_has("writer Front", "frozen", &front) && ledger_has("writer Back", "frozen", &back) &&
		    ledger_has("writer System", "frozen", &system));
	assert_true(front < back && back < system);
	assert_true(ledger_has("writer Front", "thawed", &front) && ledger_has("writer Back", "thawed", &back) &&
		    ledger_has("writer System", "thawed", &system));
	assert_true(front > back && back > system);
	VSS_AUTOFREE char *log = stage_read("log");
	const char *at = log;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		assert_non_null(at = strstr(at + 1, order[i]));
}

static void
the_ledger_shows_that_the_copies_lie_in_the_window(void **state)
{
	int64_t asked, frozen, a, b, thawed;

	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	VSS_AUTOFREE char *volume_a = vss_strf("volume %s", stage.a), *volume_b = vss_strf("volume %s", stage.b);
	assert_true(ledger_has("writer One", "asked", &asked) && ledger_has("writer One", "frozen", &frozen) &&
		    ledger_has("writer One", "thawed", &thawed));
	assert_true(ledger_has(volume_a, "committed", &a) && ledger_has(volume_b, "committed", &b));
	assert_true(asked <= frozen && frozen <= a && a <= b && b <= thawed);
	const struct vss_set *set = vss_session_set(stage.s);
	assert_true(set->freeze_ms >= (double)(thawed - frozen) / VSS_MS);
	assert_true(set->freeze_ms <= (double)(thawed - asked) / VSS_MS + 1);
}

static void
a_writer_is_graded_by_what_it_holds(void **state)
{
	(void)state;
	stage_writer("Files", "", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(stage_create(false));
	assert_int_equal(stage_result("Files")->grade, VSS_GRADE_APPLICATION);
	assert_int_equal(stage_result("Files")->hold, VSS_HOLD_FILES);
	assert_int_equal(stage_result("Files")->state, VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
	assert_int_equal(vss_session_set(stage.s)->grade, VSS_GRADE_CRASH); /* the plain volumes */
	assert_int_equal(vss_session_bcd(stage.s)->writers[0].components[0].grade, VSS_GRADE_APPLICATION);
	assert_done(vss_session_backup_complete(stage.s, &stage.err));
	assert_int_equal(stage_result("Files")->state, VSS_WS_STABLE);
}

static void
success_flags_reach_their_writer(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_FULL });
	assert_done(stage_create(false));
	const struct vss_uuid id = vss_session_bcd(stage.s)->writers[0].writer_id;
	assert_done(vss_session_set_backup_succeeded(stage.s, &id, NULL, "data", true, &stage.err));
	assert_int_equal(vss_session_set_backup_succeeded(stage.s, &id, NULL, "other", true, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_done(vss_session_backup_complete(stage.s, &stage.err));
	assert_true(vss_session_bcd(stage.s)->writers[0].components[0].succeeded);
}

static void
statements_land_in_the_components_document(void **state)
{
	(void)state;
	stage_writer("One",
		"at prepare-backup say backup-stamp \"\" data stamp-1\n"
		"at post-snapshot say backup-metadata \"\" data \"two words\"\n"
		"at post-snapshot say evidence lsn 0/15\n",
		"");
	stage_new(&(struct vss_session_options){ .type = VSS_BT_FULL });
	assert_done(stage_create(false));
	const struct vss_bcd_component *c = &vss_session_bcd(stage.s)->writers[0].components[0];
	assert_string_equal(c->stamp, "stamp-1");
	assert_string_equal(c->backup_metadata, "two words");
	assert_int_equal(stage_result("One")->nevidence, 1);
	assert_string_equal(stage_result("One")->evidence[0].key, "lsn");
	assert_string_equal(stage_result("One")->evidence[0].value, "0/15");
}

static void
only_writers_with_a_component_in_the_set_take_part(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_done(stage_add_volume(stage.a));
	assert_done(vss_session_prepare_for_backup(stage.s, &stage.err));
	assert_done(vss_session_do_snapshot_set(stage.s, &stage.err));
	assert_int_equal(vss_session_set(stage.s)->nwriters, 0);
	stage_end();
	assert_int_equal(stage_count("identify"), 1);
	assert_int_equal(stage_count("prepare-backup") + stage_count("freeze") + stage_count("backup-shutdown"), 0);
}

static void
without_writers_none_is_started(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ .no_writers = true, .context = VSS_CTX_APP_ROLLBACK });
	assert_done(stage_create(false));
	assert_int_equal(stage_count("hello"), 0);
	const struct vss_set *set = vss_session_set(stage.s);
	assert_true(set->shadows[0].attributes & VSS_ATTR_NO_WRITERS);
	assert_true(set->freeze_ms > 0);
}

static void
a_set_without_volumes_is_legal(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	stage_new(&(struct vss_session_options){ .min_component_grade = VSS_GRADE_LIVE });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_done(vss_session_prepare_for_backup(stage.s, &stage.err));
	assert_done(vss_session_do_snapshot_set(stage.s, &stage.err));
	assert_int_equal(vss_session_set(stage.s)->nshadows, 0);
}

static void
a_volume_is_taken_once(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_done(stage_add_volume(stage.a));
	assert_int_equal(stage_add_volume(stage.a), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_ALREADY_EXISTS);
}

static void
a_set_holds_64_volumes_and_no_more(void **state)
{
	VSS_AUTOBUF struct vss_buf names = VSS_BUF_INIT;

	(void)state;
	for (int i = 0; i < 65; i++) {
		VSS_AUTOFREE char *name = vss_strf("v%d", i);
		stage_dir(name);
		vss_buf_fmt(&names, "%s%s/%s", i ? ":" : "", stage.box, name);
	}
	setenv("VSS_FAKE_VOLUMES", names.data, 1);
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	for (int i = 0; i < 65; i++) {
		VSS_AUTOFREE char *path = vss_strf("%s/v%d", stage.box, i);
		if (i < 64)
			assert_done(stage_add_volume(path));
		else
			assert_int_equal(stage_add_volume(path), -1);
	}
	assert_int_equal(stage.err.code, VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED);
}

static void
a_method_that_the_provider_has_not_is_refused(void **state)
{
	(void)state;
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_BACKUP | VSS_ATTR_DIFFERENTIAL });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	assert_done(vss_session_start_snapshot_set(stage.s, 0, &stage.err));
	assert_int_equal(stage_add_volume(stage.a), -1);
	assert_int_equal(stage.err.code, VSS_E_VOLUME_NOT_SUPPORTED);
}

static void
a_component_that_may_not_come_alone_is_refused(void **state)
{
	(void)state;
	stage_writer("One", "", "");
	VSS_AUTOFREE char *script = stage_read("One.script");
	VSS_AUTOFREE char *more = vss_strf("%scomponent filegroup data inner selectable=no\n", script);
	stage_write("One.script", more);
	stage_new(&(struct vss_session_options){ 0 });
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
	struct vss_writer *w = stage_find_writer("One");
	struct vss_component *inner = vss_metadata_find(w->metadata, "data", "inner");
	assert_non_null(inner);
	assert_int_equal(vss_session_add_component(stage.s, w, inner, false, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_INVALID);
	struct vss_component *data = vss_metadata_find(w->metadata, NULL, "data");
	assert_done(vss_session_add_component(stage.s, w, data, false, &stage.err));
	assert_int_equal(vss_session_add_component(stage.s, w, data, false, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_ALREADY_EXISTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(a_full_cycle_raises_every_event_once_and_in_order),
		STAGE_TEST(auto_release_copies_go_with_the_session),
		STAGE_TEST(persistent_copies_stay_and_have_no_owner),
		STAGE_TEST(the_copies_can_be_read_where_the_session_says),
		STAGE_TEST(a_copy_that_was_deleted_is_missed),
		STAGE_TEST(levels_freeze_front_to_system_and_thaw_the_other_way),
		STAGE_TEST(the_ledger_shows_that_the_copies_lie_in_the_window),
		STAGE_TEST(a_writer_is_graded_by_what_it_holds),
		STAGE_TEST(success_flags_reach_their_writer),
		STAGE_TEST(statements_land_in_the_components_document),
		STAGE_TEST(only_writers_with_a_component_in_the_set_take_part),
		STAGE_TEST(without_writers_none_is_started),
		STAGE_TEST(a_set_without_volumes_is_legal),
		STAGE_TEST(a_volume_is_taken_once),
		STAGE_TEST(a_set_holds_64_volumes_and_no_more),
		STAGE_TEST(a_method_that_the_provider_has_not_is_refused),
		STAGE_TEST(a_component_that_may_not_come_alone_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
