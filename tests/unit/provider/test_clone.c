/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/stage.h"

#include "provider/clone_internal.h"
#include "provider/store_internal.h"

#include "model/grade.h"
#include "model/vocabulary.h"

#include <stdio.h>

static void
clones_are_promised_fuzzy_and_never_better_than_many(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "clone", 1);
	assert_int_equal(s->p->promise(&s->ps), VSS_INSTANT_FUZZY);
	assert_int_equal(stage_commit(s, &err), 0);
	assert_true(s->v[0].fuzzy);
	assert_false(s->v[0].held);
	assert_int_equal(s->v[0].attributes, VSS_ATTR_PLEX);
	assert_null(s->v[0].proof_key);
	struct vss_instant_facts facts = { .fuzzy = true, .still = s->v[0].still };
	assert_int_not_equal(vss_instant_of(&facts, 1), VSS_INSTANT_ONE);
}

static void
a_quiet_volume_is_found_still_although_our_storage_is_new_in_it(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "clone", 2);
	assert_int_equal(stage_commit(s, &err), 0);
	assert_true(s->v[0].still && s->v[1].still);
}

static void
copies_beside_their_volumes_are_found_by_a_scan_alone(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_provider_places places = { 0 };

	stage_set(s, "clone", 2);
	assert_int_equal(stage_commit(s, &err), 0);
	s->p->done(&s->ps);
	assert_int_equal(s->p->places(s->p, &places, &err), 0);
	assert_int_equal(places.n, 2);
	assert_string_equal(places.v[0].label, s->v[0].place);
	assert_string_equal(places.v[1].label, s->v[1].place);
	vss_provider_places_free(&places);
}

static void
what_is_changed_after_the_passes_is_in_the_copy(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	char id[VSS_UUID_TEXT];

	stage_set(s, "clone", 1);
	assert_int_equal(s->p->begin_prepare(&s->ps, &err), 0);
	stage_write(s, "one", "file", "9");
	stage_write(s, "one", "new", "10");
	assert_int_equal(s->p->pre_commit(&s->ps, &err), 0);
	assert_int_equal(s->p->commit(&s->ps, &err), 0);
	vss_uuid_text(&s->v[0].shadow_id, id);
	VSS_AUTOFREE char *file = vss_strf("one/.vss-shadows/%s/copy/file", id);
	VSS_AUTOFREE char *new = vss_strf("one/.vss-shadows/%s/copy/new", id);
	assert_string_equal(box_read(s->fd, file), "9");
	assert_string_equal(box_read(s->fd, new), "10");
	assert_true(s->v[0].effort.passes >= 3);
}

/* The last pass only keeps what it finds: both names have been seen by the time that the first is put. */
static void
directories_that_are_exchanged_under_a_hold_are_both_in_the_copy(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	char id[VSS_UUID_TEXT];

	box_mkdir(s->fd, "one/x");
	box_mkdir(s->fd, "one/y");
	stage_write(s, "one/x", "file", "of x");
	stage_write(s, "one/y", "file", "of y");
	stage_set(s, "clone", 1);
	s->v[0].to_hold = true;
	assert_int_equal(s->p->begin_prepare(&s->ps, &err), 0);
	assert_int_equal(s->p->pre_commit(&s->ps, &err), 0);
	assert_int_equal(renameat2(s->fd, "one/x", s->fd, "one/y", RENAME_EXCHANGE), 0);
	assert_int_equal(s->p->commit(&s->ps, &err), 0);
	assert_int_equal(s->p->post_commit(&s->ps, &err), 0);
	vss_uuid_text(&s->v[0].shadow_id, id);
	VSS_AUTOFREE char *x = vss_strf("one/.vss-shadows/%s/copy/x/file", id);
	VSS_AUTOFREE char *y = vss_strf("one/.vss-shadows/%s/copy/y/file", id);
	assert_string_equal(box_read(s->fd, x), "of y");
	assert_string_equal(box_read(s->fd, y), "of x");
}

static void
only_what_is_needed_is_copied(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	static const char *const only[] = { "in" };
	char id[VSS_UUID_TEXT];

	box_mkdir(s->fd, "one/in");
	stage_write(s, "one/in", "wanted", "1");
	stage_set(s, "clone", 1);
	s->v[0].only = only;
	s->v[0].nonly = 1;
	assert_int_equal(stage_commit(s, &err), 0);
	vss_uuid_text(&s->v[0].shadow_id, id);
	VSS_AUTOFREE char *wanted = vss_strf("one/.vss-shadows/%s/copy/in/wanted", id);
	VSS_AUTOFREE char *file = vss_strf("one/.vss-shadows/%s/copy/file", id);
	assert_true(stage_has(s, wanted));
	assert_false(stage_has(s, file));
}

static void
named_storage_is_used_by_all_volumes_found_again_and_forgotten_at_last(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_provider_places places = { 0 };
	VSS_AUTOFREE char *storage = box_path(&s->box, "storage");
	VSS_AUTOSTRV struct vss_strv known = VSS_STRV_INIT;

	box_mkdir(s->fd, "storage");
	stage_set(s, "clone", 2);
	s->ps.storage = storage;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_string_equal(s->v[0].place, s->v[1].place);
	assert_false(stage_has(s, "one/.vss-shadows"));
	s->p->done(&s->ps);
	assert_int_equal(vss_clone_known(&known, &err), 0);
	assert_int_equal(known.n, 1);
	assert_string_equal(known.v[0], s->v[0].place);
	assert_int_equal(s->p->places(s->p, &places, &err), 0);
	bool seen = false;
	for (size_t i = 0; i < places.n; i++)
		seen |= strcmp(places.v[i].label, s->v[0].place) == 0;
	assert_true(seen);
	vss_provider_places_free(&places);
	for (size_t i = 0; i < 2; i++) {
		struct vss_shadow shadow = stage_shadow(s, i);
		assert_int_equal(s->p->remove(&shadow, &err), 0);
		free(shadow.device);
	}
	assert_false(stage_has(s, "storage/.vss-shadows"));
	vss_strv_free(&known);
	assert_int_equal(vss_clone_known(&known, &err), 0);
	assert_int_equal(known.n, 0);
}

static void
storage_that_is_no_directory_or_not_there_is_refused(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *file = box_path(&s->box, "one/file"), *absent = box_path(&s->box, "absent");

	stage_set(s, "clone", 1);
	s->ps.storage = file;
	assert_int_equal(s->p->check(&s->ps, s->v[0].volume, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	s->ps.storage = absent;
	assert_int_equal(s->p->check(&s->ps, s->v[0].volume, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	s->ps.storage = NULL;
	assert_int_equal(s->p->check(&s->ps, s->v[0].volume, &err), 0);
}

static void
a_read_only_or_network_volume_needs_storage_elsewhere(void **state)
{
	struct stage *s = *state;
	VSS_AUTOFREE char *storage = box_path(&s->box, "two");

	stage_set(s, "clone", 1);
	for (int i = 0; i < 2; i++) {
		struct vss_err err = VSS_ERR_INIT;
		struct vss_volume v = *s->v[0].volume;
		v.network = i == 0;
		v.read_only = i == 1;
		s->ps.storage = NULL;
		assert_int_equal(s->p->bid(s->p, &v), 1);
		assert_int_equal(s->p->check(&s->ps, &v, &err), -1);
		assert_int_equal(err.code, VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER);
		assert_non_null(strstr(err.text, "--storage DIR"));
		s->ps.storage = storage;
		assert_int_equal(s->p->check(&s->ps, &v, &err), 0);
	}
}

static void
abort_leaves_nothing_and_remembers_nothing(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *storage = box_path(&s->box, "storage");
	VSS_AUTOSTRV struct vss_strv known = VSS_STRV_INIT;

	box_mkdir(s->fd, "storage");
	stage_set(s, "clone", 2);
	s->ps.storage = storage;
	assert_int_equal(stage_commit(s, &err), 0);
	assert_int_equal(s->p->abort(&s->ps, &err), 0);
	assert_false(stage_has(s, "storage/.vss-shadows"));
	assert_int_equal(vss_clone_known(&known, &err), 0);
	assert_int_equal(known.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(clones_are_promised_fuzzy_and_never_better_than_many),
		STAGE_TEST(a_quiet_volume_is_found_still_although_our_storage_is_new_in_it),
		STAGE_TEST(copies_beside_their_volumes_are_found_by_a_scan_alone),
		STAGE_TEST(what_is_changed_after_the_passes_is_in_the_copy),
		STAGE_TEST(directories_that_are_exchanged_under_a_hold_are_both_in_the_copy),
		STAGE_TEST(only_what_is_needed_is_copied),
		STAGE_TEST(named_storage_is_used_by_all_volumes_found_again_and_forgotten_at_last),
		STAGE_TEST(storage_that_is_no_directory_or_not_there_is_refused),
		STAGE_TEST(a_read_only_or_network_volume_needs_storage_elsewhere),
		STAGE_TEST(abort_leaves_nothing_and_remembers_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
