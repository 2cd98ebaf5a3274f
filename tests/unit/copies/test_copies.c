/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/copies.h"
#include "session/stage.h"

static struct vss_set_list list;

static int
clear(void **state)
{
	vss_set_list_free(&list);
	return stage_clear(state);
}
#define COPIES_TEST(f) cmocka_unit_test_setup_teardown(f, stage_set, clear)

/* A finished set of both volumes; its ID. */
static struct vss_uuid
make_set(uint32_t context)
{
	stage_new(&(struct vss_session_options){ .context = context });
	assert_done(stage_create(false));
	struct vss_uuid id = vss_session_set(stage.s)->id;
	stage_end();
	return id;
}

static void
look(void)
{
	vss_set_list_free(&list);
	assert_done(vss_copies_list(&list, &stage.err));
}

static char *
text_of(const struct vss_uuid *id)
{
	char text[VSS_UUID_BRACED];
	vss_uuid_braced(id, text);
	return vss_strdup(text);
}

static void
sets_are_listed_oldest_first(void **state)
{
	(void)state;
	struct vss_uuid first = make_set(VSS_CTX_APP_ROLLBACK), second = make_set(VSS_CTX_NAS_ROLLBACK);
	look();
	assert_int_equal(list.n, 2);
	assert_true(vss_uuid_eq(&list.v[0]->id, &first));
	assert_true(vss_uuid_eq(&list.v[1]->id, &second));
	assert_int_equal(list.v[0]->nshadows, 2);
}

static void
the_list_comes_back_by_scan_when_the_cache_is_lost(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	VSS_AUTOCLOSE int box = box_open(state);
	assert_done(vss_remove_tree(box, "state", &stage.err));
	look();
	assert_int_equal(list.n, 1);
}

static void
a_set_whose_storage_is_out_of_sight_is_listed_from_the_cache(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	VSS_AUTOFREE char *there = stage_path("a"), *away = stage_path("a.away"), *b = stage_path("b"),
			  *b_away = stage_path("b.away");
	assert_int_equal(rename(there, away), 0);
	assert_int_equal(rename(b, b_away), 0);
	look();
	assert_int_equal(list.n, 1);
	vss_copies_reap(); /* what cannot be seen is not forgotten */
	look();
	assert_int_equal(list.n, 1);
	assert_int_equal(rename(away, there), 0);
	assert_int_equal(rename(b_away, b), 0);
	look();
	assert_int_equal(list.n, 1);
}

static void
a_set_that_the_cache_alone_remembers_is_not_listed_when_its_copies_are_gone(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	for (int i = 0; i < 2; i++) {
		VSS_AUTOCLOSE int volume = open(i ? stage.b : stage.a, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_done(vss_remove_tree(volume, ".vss-shadows", &stage.err));
	}
	assert_int_equal(stage_entries("state/sets"), 1);
	look();
	assert_int_equal(list.n, 0);
	vss_copies_reap();
	assert_int_equal(stage_entries("state/sets"), 0);
}

static void
words_find_by_prefix(void **state)
{
	struct vss_set *set;
	size_t at;

	(void)state;
	struct vss_uuid id = make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *word = text_of(&id), *shadow = text_of(&list.v[0]->shadows[1].id);
	assert_done(vss_copies_find_set(&list, word, &set, &stage.err));
	assert_ptr_equal(set, list.v[0]);
	assert_done(vss_copies_find_shadow(&list, shadow, &set, &at, &stage.err));
	assert_int_equal(at, 1);
	shadow[9] = '\0'; /* the brace and 8 digits */
	assert_done(vss_copies_find_shadow(&list, shadow, &set, &at, &stage.err));
	assert_int_equal(at, 1);
	assert_int_equal(vss_copies_find_shadow(&list, "00000000", &set, &at, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_int_equal(vss_copies_find_set(&list, "abc", &set, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_USAGE);
	list.v[0]->shadows[0].id = list.v[0]->shadows[1].id;
	assert_int_equal(vss_copies_find_shadow(&list, shadow, &set, &at, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_INVALID);
}

static void
a_copy_is_exposed_listed_and_taken_away(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *at = stage_path("x");
	assert_done(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err));
	VSS_AUTOFREE char *text = stage_read("x/file");
	assert_string_equal(text, "in a\n");
	assert_int_equal(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_EXISTS);
	assert_int_equal(vss_copies_expose(&list.v[0]->shadows[1], at, 0, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_EXISTS);
	look();
	assert_string_equal(list.v[0]->shadows[0].exposed, at);
	assert_null(list.v[0]->shadows[1].exposed);
	assert_done(vss_copies_unexpose(at, &stage.err));
	assert_false(stage_has("x/file"));
	assert_int_equal(vss_copies_unexpose(at, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_OBJECT_NOT_FOUND);
	look();
	assert_null(list.v[0]->shadows[0].exposed);
}

static void
an_exposure_that_is_not_there_any_more_is_not_listed(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *at = stage_path("x");
	assert_done(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err));
	assert_int_equal(unlink(at), 0);
	look();
	assert_null(list.v[0]->shadows[0].exposed);
	assert_done(vss_copies_expose(&list.v[0]->shadows[1], at, 0, &stage.err)); /* the place is free */
}

static void
only_persistent_copies_can_be_exposed(void **state)
{
	(void)state;
	VSS_AUTOFREE char *at = stage_path("x");
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_BACKUP });
	assert_done(stage_create(false));
	look();
	assert_int_equal(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_UNSUPPORTED_CONTEXT);
	stage_end();
	make_set(VSS_CTX_CLIENT_ACCESSIBLE);
	look();
	assert_int_equal(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_E_UNSUPPORTED_CONTEXT);
	assert_false(stage_has("x"));
}

static void
an_exposure_that_fails_leaves_no_record(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *at = stage_path("a"); /* not empty */
	assert_int_equal(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err), -1);
	assert_int_equal(stage_entries("run/exposed"), 0);
}

static void
a_deleted_copy_leaves_the_rest_of_its_set(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *at = stage_path("x");
	assert_done(vss_copies_expose(&list.v[0]->shadows[0], at, 0, &stage.err));
	assert_done(vss_copies_delete_shadow(list.v[0], 0, &stage.err));
	assert_int_equal(list.v[0]->nshadows, 1);
	assert_false(stage_has("x/file"));
	assert_int_equal(stage_entries("run/exposed"), 0);
	look();
	assert_int_equal(list.v[0]->nshadows, 1);
	assert_int_equal(list.v[0]->count, 2); /* at creation (S8) */
	assert_string_equal(list.v[0]->shadows[0].volume, stage.b);
	assert_done(vss_copies_delete_shadow(list.v[0], 0, &stage.err));
	look();
	assert_int_equal(list.n, 0);
	assert_nothing_left();
}

static void
a_set_is_deleted_one_by_one_until_the_first_failure(void **state)
{
	unsigned deleted = 0;

	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	setenv("VSS_FAKE_FAULTS", "remove=fail", 1);
	assert_int_equal(vss_copies_delete_set(list.v[0], &deleted, &stage.err), -1);
	assert_int_equal(deleted, 0);
	unsetenv("VSS_FAKE_FAULTS");
	look();
	assert_int_equal(list.v[0]->nshadows, 2);
	assert_done(vss_copies_delete_set(list.v[0], &deleted, &stage.err));
	assert_int_equal(deleted, 2);
	assert_nothing_left();
}

static void
copies_of_a_running_session_are_not_deleted(void **state)
{
	unsigned deleted = 0;

	(void)state;
	stage_new(&(struct vss_session_options){ .context = VSS_CTX_BACKUP });
	assert_done(stage_create(false));
	look();
	assert_int_equal(vss_copies_delete_set(list.v[0], &deleted, &stage.err), -1);
	assert_int_equal(stage.err.code, VSS_BUSY);
	vss_copies_reap();
	assert_done(vss_session_check_copies(stage.s, &stage.err));
}

static void
a_lost_device_path_is_made_again(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	assert_int_equal(unlink(list.v[0]->shadows[0].device), 0);
	assert_done(vss_copies_surface(&list.v[0]->shadows[0], &stage.err));
	assert_int_equal(access(list.v[0]->shadows[0].device, F_OK), 0);
}

static void
a_copy_that_others_deleted_is_missing_until_it_is_deleted(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *copy = realpath(list.v[0]->shadows[0].device, NULL);
	VSS_AUTOFREE char *dir = vss_path_dir(copy);
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_done(vss_remove_tree(fd, "copy", &stage.err));
	vss_copies_reap();
	look();
	assert_int_equal(list.v[0]->nshadows, 2);
	assert_true(list.v[0]->shadows[0].missing);
	assert_false(list.v[0]->shadows[1].missing);
	assert_done(vss_copies_delete_shadow(list.v[0], 0, &stage.err));
	look();
	assert_int_equal(list.v[0]->nshadows, 1);
	assert_string_equal(list.v[0]->shadows[0].volume, stage.b);
}

static void
a_deletion_that_was_cut_short_is_finished_by_the_next_reap(void **state)
{
	(void)state;
	make_set(VSS_CTX_APP_ROLLBACK);
	look();
	VSS_AUTOFREE char *copy = realpath(list.v[0]->shadows[0].device, NULL);
	VSS_AUTOFREE char *dir = vss_path_dir(copy);
	VSS_AUTOCLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_done(vss_remove_tree(fd, "copy", &stage.err));
	assert_int_equal(rmdir(dir), 0);
	vss_copies_reap();
	look();
	assert_int_equal(list.v[0]->nshadows, 1);
	assert_string_equal(list.v[0]->shadows[0].volume, stage.b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		COPIES_TEST(sets_are_listed_oldest_first),
		COPIES_TEST(the_list_comes_back_by_scan_when_the_cache_is_lost),
		COPIES_TEST(a_set_whose_storage_is_out_of_sight_is_listed_from_the_cache),
		COPIES_TEST(a_set_that_the_cache_alone_remembers_is_not_listed_when_its_copies_are_gone),
		COPIES_TEST(words_find_by_prefix),
		COPIES_TEST(a_copy_is_exposed_listed_and_taken_away),
		COPIES_TEST(an_exposure_that_is_not_there_any_more_is_not_listed),
		COPIES_TEST(only_persistent_copies_can_be_exposed),
		COPIES_TEST(an_exposure_that_fails_leaves_no_record),
		COPIES_TEST(a_deleted_copy_leaves_the_rest_of_its_set),
		COPIES_TEST(a_set_is_deleted_one_by_one_until_the_first_failure),
		COPIES_TEST(copies_of_a_running_session_are_not_deleted),
		COPIES_TEST(a_lost_device_path_is_made_again),
		COPIES_TEST(a_copy_that_others_deleted_is_missing_until_it_is_deleted),
		COPIES_TEST(a_deletion_that_was_cut_short_is_finished_by_the_next_reap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
