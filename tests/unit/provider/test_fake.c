/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/stage.h"

#include "model/grade.h"
#include "model/vocabulary.h"

#include <linux/capability.h>
#include <sys/syscall.h>

static void
expect_text(struct stage *s, const char *path, const char *want)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;

	assert_int_equal(vss_read_file_at(s->fd, path, 100, &got, &err), 0);
	assert_string_equal(got.data, want);
}

static void
finish(struct stage *s)
{
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(s->p->post_commit(&s->ps, &err), 0);
	assert_int_equal(s->p->post_final_commit(&s->ps, &err), 0);
	stage_document(s, 0, s->ps.n);
	s->p->done(&s->ps);
}

static void
fake_volumes_are_bid_for_and_promised_to_be_one(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "fake", 2);
	assert_ptr_equal(vss_provider_for(s->v[0].volume, NULL, &err), s->p);
	assert_int_equal(s->p->promise(&s->ps), VSS_INSTANT_ONE);
}

static void
copies_hold_what_the_volumes_held_at_commit(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "fake", 2);
	assert_int_equal(s->p->begin_prepare(&s->ps, &err), 0);
	stage_write(s, "one", "file", "late");
	assert_int_equal(s->p->commit(&s->ps, &err), 0);
	stage_write(s, "one", "file", "later");
	finish(s);
	for (size_t i = 0; i < 2; i++) {
		struct vss_shadow shadow = stage_shadow(s, i);
		assert_int_equal(s->p->surface(&shadow, shadow.device, &err), 0);
		assert_int_equal(s->p->surface(&shadow, shadow.device, &err), 0);
		VSS_AUTOFREE char *file = vss_strf("%s/file", shadow.device);
		expect_text(s, file, i ? "2" : "late");
		assert_int_equal(s->p->unsurface(&shadow, shadow.device, &err), 0);
		assert_int_equal(s->p->unsurface(&shadow, shadow.device, &err), 0);
		free(shadow.device);
	}
}

static void
the_copies_of_a_set_are_one_instant_unless_told_otherwise(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "fake", 2);
	assert_int_equal(stage_commit(s, &err), 0);
	assert_string_equal(s->v[0].domain, s->v[1].domain);
	assert_int_equal(s->v[0].mark, s->v[1].mark);
	assert_false(s->v[0].fuzzy);
	assert_true(s->v[0].committed_ns > 0 && s->v[1].committed_ns >= s->v[0].committed_ns);
	assert_int_equal(s->v[0].attributes, VSS_ATTR_PLEX);

	stage_clear_set(s);
	setenv("VSS_FAKE_FAULTS", "instant=many", 1);
	stage_set(s, "fake", 2);
	s->ps.must_be_one = false;
	assert_int_equal(s->p->promise(&s->ps), VSS_INSTANT_MANY);
	assert_int_equal(stage_commit(s, &err), 0);
	assert_int_not_equal(s->v[0].mark, s->v[1].mark);
}

static void
a_set_that_was_promised_to_be_one_fails_when_it_is_not(void **state)
{
	struct stage *s = *state;
	static const char *const how[] = { "commit=unequal", "commit=fuzzy" };

	for (size_t i = 0; i < 2; i++) {
		struct vss_err err = VSS_ERR_INIT;
		setenv("VSS_FAKE_FAULTS", how[i], 1);
		stage_set(s, "fake", 2);
		assert_int_equal(stage_commit(s, &err), -1);
		assert_int_equal(err.code, VSS_E_PROVIDER_VETO);
		stage_clear_set(s);
		stage_set(s, "fake", 2);
		s->ps.must_be_one = false;
		assert_int_equal(stage_commit(s, &err), 0);
		assert_int_equal(s->v[0].fuzzy, i == 1);
		stage_clear_set(s);
	}
}

static void
abort_after_any_phase_leaves_nothing(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	for (int phases = 0; phases < 4; phases++) {
		stage_set(s, "fake", 2);
		if (phases > 0)
			assert_int_equal(s->p->begin_prepare(&s->ps, &err), 0);
		if (phases > 1)
			assert_int_equal(s->p->commit(&s->ps, &err), 0);
		if (phases > 2)
			assert_int_equal(s->p->post_final_commit(&s->ps, &err), 0);
		assert_int_equal(s->p->abort(&s->ps, &err), 0);
		assert_int_equal(s->p->abort(&s->ps, &err), 0);
		assert_false(stage_has(s, "one/.vss-shadows"));
		assert_false(stage_has(s, "two/.vss-shadows"));
		stage_clear_set(s);
	}
}

static void
a_cancelled_set_stops_copying(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "fake", 1);
	atomic_store(&s->ps.cancelled, true);
	assert_int_equal(stage_commit(s, &err), -1);
	assert_int_equal(err.code, VSS_INTERRUPTED);
}

/* Root, too, is to be refused by permissions, or not any more. */
static void
respect_permissions(bool yes)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];
	const uint32_t override = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;

	assert_int_equal(syscall(SYS_capget, &head, caps), 0);
	caps[0].effective = yes ? caps[0].effective & ~override : caps[0].effective | (caps[0].permitted & override);
	assert_int_equal(syscall(SYS_capset, &head, caps), 0);
}

static void
what_cannot_be_read_cannot_be_read_in_the_copy_either(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	char id[VSS_UUID_TEXT];

	respect_permissions(true);
	assert_int_equal(fchmodat(s->fd, "one/file", 0, 0), 0);
	stage_write(s, "one", "other", "2");
	stage_set(s, "fake", 1);
	assert_int_equal(stage_commit(s, &err), 0);
	vss_uuid_text(&s->v[0].shadow_id, id);
	VSS_AUTOFREE char *file = vss_strf("one/.vss-shadows/%s/copy/file", id);
	VSS_AUTOFREE char *other = vss_strf("one/.vss-shadows/%s/copy/other", id);
	assert_true(stage_has(s, file));
	assert_int_equal(openat(s->fd, file, O_RDONLY | O_CLOEXEC), -1);
	expect_text(s, other, "2");
	respect_permissions(false);
}

static void
places_are_those_with_copies_and_the_last_copy_takes_its_storage_along(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_provider_places places = { 0 };
	char name[VSS_UUID_TEXT + 4];

	stage_set(s, "fake", 1);
	assert_int_equal(stage_commit(s, &err), 0);
	finish(s);
	assert_int_equal(s->p->places(s->p, &places, &err), 0);
	assert_int_equal(places.n, 1);
	assert_string_equal(places.v[0].label, s->v[0].place);

	struct vss_shadow shadow = stage_shadow(s, 0);
	assert_int_equal(s->p->exists(&shadow, &err), 1);
	assert_int_equal(s->p->remove(&shadow, &err), 0);
	assert_int_equal(s->p->exists(&shadow, &err), 0);
	assert_int_equal(s->p->remove(&shadow, &err), 0);
	assert_true(stage_has(s, "one/.vss-shadows"));
	vss_uuid_text(&s->ps.set_id, name);
	strcat(name, ".xml");
	assert_int_equal(unlinkat(places.v[0].dirfd, name, 0), 0);
	assert_int_equal(s->p->tidy(&shadow, &err), 0);
	assert_false(stage_has(s, "one/.vss-shadows"));
	assert_int_equal(s->p->tidy(&shadow, &err), 0);
	vss_provider_places_free(&places);
	free(shadow.device);
}

static void
an_exposed_copy_takes_the_place_of_an_empty_directory_and_gives_it_back(void **state)
{
	struct stage *s = *state;
	struct vss_err err = VSS_ERR_INIT;

	stage_set(s, "fake", 1);
	assert_int_equal(stage_commit(s, &err), 0);
	finish(s);
	struct vss_shadow shadow = stage_shadow(s, 0);
	VSS_AUTOFREE char *path = box_path(&s->box, "shown"), *full = box_path(&s->box, "two");
	assert_int_equal(s->p->surface(&shadow, shadow.device, &err), 0);
	assert_int_equal(s->p->expose(&shadow, shadow.device, full, &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
	assert_int_equal(s->p->expose(&shadow, shadow.device, path, &err), 0);
	expect_text(s, "shown/file", "1");
	assert_int_equal(s->p->unexpose(&shadow, path, &err), 0);
	assert_true(stage_has(s, "shown"));
	assert_false(stage_has(s, "shown/file"));
	assert_int_equal(s->p->unexpose(&shadow, path, &err), -1);
	assert_int_equal(err.code, VSS_E_OBJECT_NOT_FOUND);
	free(shadow.device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(fake_volumes_are_bid_for_and_promised_to_be_one),
		STAGE_TEST(copies_hold_what_the_volumes_held_at_commit),
		STAGE_TEST(the_copies_of_a_set_are_one_instant_unless_told_otherwise),
		STAGE_TEST(a_set_that_was_promised_to_be_one_fails_when_it_is_not),
		STAGE_TEST(abort_after_any_phase_leaves_nothing),
		STAGE_TEST(a_cancelled_set_stops_copying),
		STAGE_TEST(what_cannot_be_read_cannot_be_read_in_the_copy_either),
		STAGE_TEST(places_are_those_with_copies_and_the_last_copy_takes_its_storage_along),
		STAGE_TEST(an_exposed_copy_takes_the_place_of_an_empty_directory_and_gives_it_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
