/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/stage.h"

#define NOBODY 65534

/*
 * Root reads everything: from here on these tests are somebody else, who owns the stage, and may not
 * read the file "closed" of either volume.
 */
static int
stage_set_for_nobody(void **state)
{
	static const char *const all[] = { ".", "a", "b", "a/file", "b/file", "a/closed", "b/closed", "writers.d" };

	if (stage_set(state) < 0)
		return -1;
	stage_write("a/closed", "secret\n");
	stage_write("b/closed", "secret\n");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		VSS_AUTOFREE char *path = stage_path(all[i]);
		if (getuid() == 0 && chown(path, NOBODY, NOBODY) < 0)
			return -1;
		if (strstr(all[i], "closed") && chmod(path, 0) < 0)
			return -1;
	}
	return getuid() == 0 && (setegid(NOBODY) < 0 || seteuid(NOBODY) < 0) ? -1 : 0;
}

static int
stage_clear_of_nobody(void **state)
{
	stage_end();
	if (getuid() == 0 && (seteuid(0) < 0 || setegid(0) < 0))
		return -1;
	return stage_clear(state);
}

#define NOBODY_TEST(f) cmocka_unit_test_setup_teardown(f, stage_set_for_nobody, stage_clear_of_nobody)

static int
add_clone(const char *path)
{
	struct vss_volume *v = vss_volume_of(path, &stage.err);
	if (!v)
		return -1;
	int rc = vss_session_add_to_snapshot_set(stage.s, v, "clone", NULL, true, &stage.err);
	vss_volume_free(v);
	return rc;
}

/* Clones of both volumes. */
static int
create(bool accept_lost)
{
	stage_new(&(struct vss_session_options){
		.no_writers = true, .min_path_grade = VSS_GRADE_FUZZY, .accept_lost = accept_lost });
	if (vss_session_start_snapshot_set(stage.s, 0, &stage.err) < 0 || add_clone(stage.a) < 0 ||
		add_clone(stage.b) < 0)
		return -1;
	return vss_session_do_snapshot_set(stage.s, &stage.err);
}

static void
what_cannot_be_read_fails_a_set_that_accepts_no_loss_and_is_named(void **state)
{
	(void)state;
	VSS_AUTOFREE char *named = vss_strf("%s: closed: open: Permission denied", stage.a);

	assert_int_equal(create(false), -1);
	assert_non_null(strstr(stage.err.text, named));
	stage_end();
	assert_nothing_left();
}

static void
losses_that_are_accepted_are_known_by_their_paths_on_the_originals(void **state)
{
	(void)state;
	static const char *const closed[] = { "a/closed", "b/closed" };

	assert_done(create(true));
	for (size_t i = 0; i < 2; i++) {
		VSS_AUTOFREE char *path = stage_path(closed[i]);
		const struct vss_session_lost *lost = vss_session_lost(stage.s, path);
		assert_non_null(lost);
		assert_string_equal(lost->path, path);
		assert_true(S_ISREG(lost->type));
		assert_string_equal(lost->why, "open: Permission denied");
	}
	VSS_AUTOFREE char *file = stage_path("a/file");
	assert_null(vss_session_lost(stage.s, file));
	assert_null(vss_session_lost(stage.s, stage.a));
}

static void
a_session_that_lost_nothing_knows_of_nothing(void **state)
{
	(void)state;
	VSS_AUTOFREE char *in_a = stage_path("a/closed"), *in_b = stage_path("b/closed");

	assert_int_equal(unlink(in_a) + unlink(in_b), 0);
	assert_done(create(true));
	assert_null(vss_session_lost(stage.s, in_a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NOBODY_TEST(what_cannot_be_read_fails_a_set_that_accepts_no_loss_and_is_named),
		NOBODY_TEST(losses_that_are_accepted_are_known_by_their_paths_on_the_originals),
		NOBODY_TEST(a_session_that_lost_nothing_knows_of_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
