/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/stage.h"

static void
expect_reaped(struct stage *s, unsigned want)
{
	struct vss_err err = VSS_ERR_INIT;
	unsigned removed = 0;

	assert_int_equal(s->p->reap(s->p, &removed, &err), 0);
	assert_int_equal(removed, want);
}

static void
made(struct stage *s)
{
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "fake", 2);
	assert_int_equal(stage_commit(s, &err), 0);
}

static void
what_a_dead_run_left_without_a_document_goes(void **state)
{
	struct stage *s = *state;

	made(s);
	stage_die(s);
	expect_reaped(s, 2);
	assert_false(stage_has(s, "one/.vss-shadows"));
	assert_false(stage_has(s, "two/.vss-shadows"));
}

static void
what_a_living_run_makes_stays(void **state)
{
	struct stage *s = *state;

	made(s);
	expect_reaped(s, 0);
	assert_true(stage_has(s, "one/.vss-shadows"));
}

static void
a_set_whose_document_lies_in_all_its_places_is_finished(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	made(s);
	stage_document(s, 0, 2);
	stage_die(s);
	expect_reaped(s, 0);
	for (size_t i = 0; i < 2; i++) {
		struct vss_shadow shadow = stage_shadow(s, i);
		assert_int_equal(s->p->exists(&shadow, &err), 1);
		free(shadow.device);
	}
	/* and its marks are gone: nothing is decided twice */
	expect_reaped(s, 0);
}

static void
a_set_whose_document_lies_in_one_of_two_places_is_not(void **state)
{
	struct stage *s = *state;

	made(s);
	stage_document(s, 0, 1);
	stage_die(s);
	expect_reaped(s, 2);
	assert_false(stage_has(s, "one/.vss-shadows"));
	assert_false(stage_has(s, "two/.vss-shadows"));
}

static void
a_set_whose_marks_were_being_removed_is_finished(void **state)
{
	struct stage *s = *state;
	char id[VSS_UUID_TEXT];

	made(s);
	stage_document(s, 0, 2);
	stage_die(s);
	vss_uuid_text(&s->ps.set_id, id);
	VSS_AUTOFREE char *mark = vss_strf("one/.vss-shadows/%s.making", id);
	assert_int_equal(unlinkat(s->fd, mark, 0), 0);
	expect_reaped(s, 0);
	assert_true(stage_has(s, "one/.vss-shadows") && stage_has(s, "two/.vss-shadows"));
}

static void
storage_in_which_a_set_is_being_made_is_left_alone(void **state)
{
	struct stage *s = *state;

	made(s);
	/* in another container: its owner is none that we can see */
	vss_owner_release(&s->ps.owner, s->ownerfd);
	s->ownerfd = -1;
	expect_reaped(s, 0);
	assert_true(stage_has(s, "one/.vss-shadows"));
}

static void
a_mark_that_cannot_be_read_is_left_alone(void **state)
{
	struct stage *s = *state;
	char id[VSS_UUID_TEXT];

	made(s);
	stage_die(s);
	vss_uuid_text(&s->ps.set_id, id);
	VSS_AUTOFREE char *mark = vss_strf("%s.making", id);
	stage_write(s, "one/.vss-shadows", mark, "of a later version\n");
	expect_reaped(s, 1);
	assert_true(stage_has(s, "one/.vss-shadows"));
	assert_false(stage_has(s, "two/.vss-shadows"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(what_a_dead_run_left_without_a_document_goes),
		STAGE_TEST(what_a_living_run_makes_stays),
		STAGE_TEST(a_set_whose_document_lies_in_all_its_places_is_finished),
		STAGE_TEST(a_set_whose_document_lies_in_one_of_two_places_is_not),
		STAGE_TEST(a_set_whose_marks_were_being_removed_is_finished),
		STAGE_TEST(storage_in_which_a_set_is_being_made_is_left_alone),
		STAGE_TEST(a_mark_that_cannot_be_read_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
