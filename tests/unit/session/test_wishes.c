/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

static const uint32_t able = VSS_BS_WRITER_SUPPORTS_NEW_TARGET | VSS_BS_AUTHORITATIVE_RESTORE |
			     VSS_BS_ROLLFORWARD_RESTORE | VSS_BS_RESTORE_RENAME;
static struct vss_fileset files = { .path = (char[]){ "/srv/data" }, .spec = (char[]){ "*" }, .recursive = true };

/* A restore of writer One, whose component "data" was backed up with the schema `schema`, and of "other". */
static void
begin(uint32_t schema, const char *rules)
{
	struct vss_bcd *b = vss_bcd_new();
	struct vss_metadata *m = vss_metadata_new();

	stage_writer("One", rules, "");
	vss_uuid_of_bytes(&m->writer_id, "test writer One", strlen("test writer One"));
	vss_uuid_random(&m->instance_id);
	m->name = vss_strdup("One");
	m->schema = schema;
	struct vss_bcd_writer *w = vss_bcd_add_writer(b, m);
	for (size_t i = 0; i < 2; i++) {
		struct vss_component *c =
			vss_metadata_add_component(m, VSS_CT_FILEGROUP, NULL, i ? "other" : "data", &stage.err);
		assert_non_null(vss_bcd_add_component(w, c, &stage.err));
	}
	w->components[0].stamp = vss_strdup("s1");
	w->components[0].backup_options = vss_strdup("o1");
	vss_bcd_add_partial(&w->components[0], "/srv/data", "file", "0:4")->metadata = vss_strdup("four");
	/* What an earlier restore, or somebody else, noted in the document counts for nothing. */
	w->components[0].selected_for_restore = w->components[1].selected_for_restore = true;
	w->components[0].restore_status = VSS_RS_ALL;
	w->components[0].target = VSS_RT_ALTERNATE;
	vss_bcd_add_new_target(&w->components[0], "/a", "*", false, "/b");
	vss_bcd_add_subcomponent(&w->components[0], "data", "before");
	vss_metadata_free(m);
	stage.s = vss_session_new_for_restore(&(struct vss_session_options){ 0 }, b, &stage.err);
	assert_non_null(stage.s);
	assert_done(vss_session_gather_writer_metadata(stage.s, &stage.err));
}

static const struct vss_uuid *
id(void)
{
	return &vss_session_bcd(stage.s)->writers[0].writer_id;
}

static const struct vss_bcd_component *
data(void)
{
	return &vss_session_bcd(stage.s)->writers[0].components[0];
}

static void
select_data(void)
{
	assert_done(vss_session_set_selected_for_restore(stage.s, id(), "", "data", &stage.err));
}

static void
assert_refused(int rc, enum vss_code code, const char *text)
{
	assert_int_equal(rc, -1);
	assert_int_equal(stage.err.code, code);
	assert_string_equal(stage.err.text, text);
}

static void
what_a_restore_before_noted_is_forgotten(void **state)
{
	(void)state;
	begin(0, "");
	assert_false(data()->selected_for_restore);
	assert_int_equal(data()->restore_status, VSS_RS_UNDEFINED);
	assert_int_equal(data()->target, VSS_RT_ORIGINAL);
	assert_int_equal(data()->nnew_targets + data()->nsubcomponents, 0);
	assert_string_equal(data()->stamp, "s1");
	assert_int_equal(data()->npartials, 1);
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_int_equal(stage_count("pre-restore"), 0);
}

static void
a_writer_hears_all_that_is_wished_and_done(void **state)
{
	static const struct vss_session_restore_wishes wishes = {
		.options = "\"Authoritative\"=\"All\"",
		.additional_restores = true,
		.authoritative = true,
		.rollforward = VSS_RF_PARTIAL,
		.rollforward_point = "noon",
		.restore_name = "data2",
	};

	(void)state;
	begin(able, "");
	select_data();
	assert_done(vss_session_set_restore_type(stage.s, VSS_RTYPE_IMPORT, &stage.err));
	assert_done(vss_session_set_restore_wishes(stage.s, id(), "", "data", &wishes, &stage.err));
	assert_done(vss_session_add_restore_subcomponent(stage.s, id(), "", "data", "data/x", "y", &stage.err));
	assert_done(vss_session_add_new_target(stage.s, id(), "", "data", &files, "/srv/new", &stage.err));
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_true(stage_log_has("with restore type=import\n"
				  "with component filegroup \"\" data backup-stamp=s1 backup-options=o1 "
				  "restore-options=\"\\\"Authoritative\\\"=\\\"All\\\"\" additional-restores=yes "
				  "authoritative=yes rollforward=partial rollforward-point=noon restore-name=data2\n"
				  "with subcomponent \"\" data data/x y\n"
				  "with partial-file \"\" data /srv/data file ranges=0:4 metadata=four\n"
				  "with new-target \"\" data /srv/data * /srv/new recursive=yes\n"));
	assert_done(vss_session_set_ranges_file_path(stage.s, id(), "", "data", 0, "/srv/ranges", &stage.err));
	for (int twice = 0; twice < 2; twice++)
		assert_done(vss_session_add_alternative_location_mapping(
			stage.s, id(), "", "data", &files, "/srv/else", &stage.err));
	assert_done(vss_session_set_file_restore_status(stage.s, id(), "", "data", VSS_RS_ALL, &stage.err));
	assert_done(vss_session_post_restore(stage.s, &stage.err));
	assert_true(stage_log_has("restore-name=data2 restore-target=original status=all\n"
				  "with subcomponent \"\" data data/x y\n"
				  "with partial-file \"\" data /srv/data file ranges=0:4 metadata=four "
				  "ranges-file=/srv/ranges\n"
				  "with new-target \"\" data /srv/data * /srv/new recursive=yes\n"
				  "with used-location \"\" data /srv/data * /srv/else recursive=yes\n"));
	assert_false(stage_log_has(" other")); /* D20, and it was not selected */
	assert_int_equal(data()->nused_locations, 1);
}

static void
what_the_writer_could_not_do_at_backup_is_refused(void **state)
{
	const struct vss_session_restore_wishes name = { .restore_name = "x" }, all = { .rollforward = VSS_RF_ALL },
						authority = { .authoritative = true };

	(void)state;
	begin(0, "");
	select_data();
	assert_refused(vss_session_set_restore_wishes(stage.s, id(), "", "data", &name, &stage.err), VSS_UNSUPPORTED,
		"component /data: writer \"One\" does not support another name");
	assert_int_equal(vss_session_set_restore_wishes(stage.s, id(), "", "data", &all, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_UNSUPPORTED);
	assert_int_equal(vss_session_set_restore_wishes(stage.s, id(), "", "data", &authority, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_UNSUPPORTED);
	assert_refused(vss_session_add_new_target(stage.s, id(), "", "data", &files, "/to", &stage.err),
		VSS_UNSUPPORTED, "component /data: writer \"One\" does not support new targets");
}

static void
wishes_come_once_and_in_shape(void **state)
{
	const struct vss_session_restore_wishes more = { .additional_restores = true },
						point = { .rollforward_point = "noon" },
						odd = { .options = "no grammar at all" };

	(void)state;
	begin(able, "");
	assert_refused(vss_session_set_restore_wishes(stage.s, id(), "", "data", &more, &stage.err),
		VSS_E_OBJECT_NOT_FOUND, "component /data: was not selected for restore");
	select_data();
	assert_int_equal(vss_session_set_restore_wishes(stage.s, id(), "", "data", &odd, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_INVALID);
	assert_int_equal(vss_session_set_restore_wishes(stage.s, id(), "", "data", &point, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_INVALID);
	assert_done(vss_session_set_restore_wishes(stage.s, id(), "", "data", &more, &stage.err));
	assert_refused(vss_session_set_restore_wishes(stage.s, id(), "", "data", &more, &stage.err),
		VSS_E_OBJECT_ALREADY_EXISTS, "component /data: restore options were set");
}

static void
subcomponents_lie_below_their_component(void **state)
{
	(void)state;
	begin(able, "");
	select_data();
	assert_refused(vss_session_add_restore_subcomponent(stage.s, id(), "", "data", "database", "x", &stage.err),
		VSS_INVALID, "component /database/x: is not below /data"); /* C6: elements, not letters */
	assert_done(vss_session_add_restore_subcomponent(stage.s, id(), "", "data", "data", "x", &stage.err));
	assert_refused(vss_session_add_restore_subcomponent(stage.s, id(), "", "data", "\\data", "x", &stage.err),
		VSS_E_OBJECT_ALREADY_EXISTS, "component /data/x: added twice");
}

static void
places_are_absolute_and_clean(void **state)
{
	static const char *const wrong[] = { "", "here", "/srv/../etc", "/srv//x", "/srv/" };

	(void)state;
	begin(able, "");
	select_data();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(
			vss_session_add_new_target(stage.s, id(), "", "data", &files, wrong[i], &stage.err), -1);
		assert_int_equal(stage.err.code, VSS_INVALID);
	}
	assert_done(vss_session_add_new_target(stage.s, id(), "", "data", &files, "/to", &stage.err));
	assert_refused(vss_session_add_new_target(stage.s, id(), "", "data", &files, "/to2", &stage.err),
		VSS_E_OBJECT_ALREADY_EXISTS, "/srv/data/*: has a new target already");
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_refused(vss_session_set_ranges_file_path(stage.s, id(), "", "data", 1, "/to", &stage.err),
		VSS_E_OBJECT_NOT_FOUND, "component /data: has no such partial file");
}

static void
writers_name_targets_at_pre_restore(void **state)
{
	(void)state;
	begin(able, "at pre-restore say restore-target \"\" data directed\n"
		    "at pre-restore say directed-target \"\" data /srv/data f 0:4,8:4 /srv//new/ g 0:8\n");
	select_data();
	assert_done(vss_session_pre_restore(stage.s, &stage.err));
	assert_int_equal(data()->target, VSS_RT_DIRECTED);
	assert_int_equal(data()->ndirected, 1);
	const struct vss_bcd_directed *d = &data()->directed[0];
	assert_string_equal(d->path, "/srv/data");
	assert_string_equal(d->name, "f");
	assert_string_equal(d->ranges, "0:4,8:4");
	assert_string_equal(d->to_path, "/srv/new");
	assert_string_equal(d->to_name, "g");
	assert_string_equal(d->to_ranges, "0:8");
}

static void
a_writer_that_speaks_of_what_does_not_come_back_fails(void **state)
{
	(void)state;
	begin(able, "at pre-restore say restore-metadata \"\" other x\n");
	select_data();
	assert_refused(vss_session_pre_restore(stage.s, &stage.err), VSS_GRADE,
		"writer \"One\": pre-restore: restore-metadata: component /other does not take part "
		"(VSS_E_WRITERERROR_NONRETRYABLE)");
	assert_int_equal(data()->failure, VSS_E_WRITERERROR_NONRETRYABLE);
	assert_null(vss_session_bcd(stage.s)->writers[0].components[1].restore_metadata);
}

static void
a_component_that_was_never_there_cannot_come_at_restore(void **state)
{
	(void)state;
	begin(able, "at pre-restore say component filegroup \"\" extra\n");
	select_data();
	assert_refused(vss_session_pre_restore(stage.s, &stage.err), VSS_GRADE,
		"writer \"One\": pre-restore: broke the protocol: component: not allowed at pre-restore: /extra "
		"(VSS_E_WRITER_NOT_RESPONDING)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(what_a_restore_before_noted_is_forgotten),
		STAGE_TEST(a_writer_hears_all_that_is_wished_and_done),
		STAGE_TEST(what_the_writer_could_not_do_at_backup_is_refused),
		STAGE_TEST(wishes_come_once_and_in_shape),
		STAGE_TEST(subcomponents_lie_below_their_component),
		STAGE_TEST(places_are_absolute_and_clean),
		STAGE_TEST(writers_name_targets_at_pre_restore),
		STAGE_TEST(a_writer_that_speaks_of_what_does_not_come_back_fails),
		STAGE_TEST(a_component_that_was_never_there_cannot_come_at_restore),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
