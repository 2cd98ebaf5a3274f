/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/choice.h"

#include "lib/box.h"

#define FILE_ S_IFREG
#define DIR_ S_IFDIR

static const struct vss_choice_place on_root = { "/", false }, on_other = { "/other", false },
				     below = { "/srv/data/mounted", true };

static unsigned
asks(struct vss_choice *c, const char *path, mode_t type)
{
	return vss_choice_asks(c, path, type, on_root);
}

static void
paths_are_kept_in_order_each_once(void **state)
{
	static const char *const words[] = { "/b/x", "/a", "/b", "/bb", "/a", "/b-b", "/" };
	static const char *const sorted[] = { "/", "/a", "/b", "/b-b", "/b/x", "/bb" };
	struct vss_choice c = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		vss_choice_add_path(&c, words[i], "/");
	assert_int_equal(c.npaths, 6);
	for (size_t i = 0; i < c.npaths; i++)
		assert_string_equal(c.paths[i].path, sorted[i]);
	vss_choice_clear(&c);
}

static void
plain_paths_take_what_is_below_and_nothing_beside(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/srv/data", "/");
	assert_int_equal(asks(&c, "/srv/data", DIR_), VSS_TAKE | VSS_DESCEND);
	assert_int_equal(asks(&c, "/srv/data/x", FILE_), VSS_TAKE | VSS_DESCEND);
	assert_int_equal(asks(&c, "/srv/database", DIR_), 0);
	assert_int_equal(asks(&c, "/srv", DIR_), VSS_DESCEND);
	assert_int_equal(asks(&c, "/srv/other", DIR_), 0);
	assert_int_equal(asks(&c, "/srv", FILE_), 0);
	vss_choice_clear(&c);
}

static void
plain_paths_take_another_mount_only_when_they_take_what_is_mounted_there(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/srv/data", "/");
	assert_int_equal(vss_choice_asks(&c, "/srv/data/x", FILE_, on_other), 0);
	assert_true(vss_choice_asks(&c, "/srv/data/mounted/x", FILE_, below) & VSS_TAKE);
	assert_true(vss_choice_is_plain(&c, "/srv/data/mounted/x", below));
	assert_false(vss_choice_is_plain(&c, "/srv/data/x", on_other));
	vss_choice_clear(&c);
}

static void
globs_hold_for_names_or_whole_paths_but_not_for_what_was_named(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/d/cache", "/");
	vss_choice_add_glob(&c, "cache");
	vss_choice_add_glob(&c, "/d/cache/*.tmp");
	assert_true(asks(&c, "/d/cache", DIR_) & VSS_TAKE);
	assert_int_equal(asks(&c, "/d/cache/x/cache", DIR_), 0);
	assert_int_equal(asks(&c, "/d/cache/a.tmp", FILE_), 0);
	assert_true(asks(&c, "/d/cache/a.txt", FILE_) & VSS_TAKE);
	vss_choice_clear(&c);
}

static void
a_glob_may_end_in_a_slash_or_begin_in_the_middle_of_a_path(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/d", "/");
	vss_choice_add_glob(&c, "node_modules/");
	vss_choice_add_glob(&c, "cache/*.tmp");
	assert_int_equal(asks(&c, "/d/x/node_modules", DIR_), 0);
	assert_int_equal(asks(&c, "/d/deep/cache/a.tmp", FILE_), 0);
	assert_true(asks(&c, "/d/deep/cash/a.tmp", FILE_) & VSS_TAKE);
	vss_choice_clear(&c);
}

static void
what_was_named_below_an_excluded_directory_is_come_by(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/d", "/");
	vss_choice_add_path(&c, "/d/cache/keep", "/");
	vss_choice_add_glob(&c, "cache");
	assert_int_equal(asks(&c, "/d/cache", DIR_), VSS_DESCEND);
	assert_int_equal(asks(&c, "/d/cache/other", FILE_), 0);
	assert_true(asks(&c, "/d/cache/keep", DIR_) & VSS_TAKE);
	assert_true(asks(&c, "/d/cache/keep/x", FILE_) & VSS_TAKE);
	vss_choice_clear(&c);
}

static void
what_is_never_taken_is_not_even_entered(void **state)
{
	struct vss_choice c = { 0 };

	(void)state;
	vss_choice_add_path(&c, "/", "/");
	vss_strv_add(&c.never, "/var/lib/vss");
	assert_int_equal(asks(&c, "/var/lib/vss", DIR_), 0);
	assert_int_equal(asks(&c, "/var/lib/vss/sets/x", FILE_), 0);
	assert_true(asks(&c, "/var/lib/vssx", DIR_) & VSS_TAKE);
	vss_choice_clear(&c);
}

/* A writer with a component of two file sets below `top`, and one exclude. */
struct fixture {
	struct vss_metadata *m;
	struct vss_writer writer;
	struct vss_choice choice;
};

static void
fixture_make(struct fixture *f, const char *top)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *logs = vss_strf("%s/log", top);

	memset(f, 0, sizeof *f);
	f->m = vss_metadata_new();
	f->m->name = vss_strdup("Demo");
	struct vss_component *c = vss_metadata_add_component(f->m, VSS_CT_FILEGROUP, NULL, "db", &err);
	vss_component_add_files(c, VSS_FILES, top, "main.db", false);
	vss_component_add_files(c, VSS_FILES, logs, "*.wal", true);
	f->writer.metadata = f->m;
	vss_choice_add_component(&f->choice, &f->writer, c, SIZE_MAX);
}

static void
fixture_drop(struct fixture *f)
{
	vss_choice_clear(&f->choice);
	vss_metadata_free(f->m);
}

static void
file_sets_take_what_matches_and_lead_to_it(void **state)
{
	struct fixture f;

	fixture_make(&f, *state);
	VSS_AUTOFREE char *db = box_path(state, "main.db"), *other = box_path(state, "other"),
			  *log = box_path(state, "log"), *deep = box_path(state, "log/x/1.wal"),
			  *text = box_path(state, "log/x/1.txt"), *sub = box_path(state, "sub");
	assert_int_equal(asks(&f.choice, db, FILE_), VSS_TAKE);
	assert_int_equal(asks(&f.choice, other, FILE_), 0);
	assert_int_equal(asks(&f.choice, log, DIR_), VSS_TAKE | VSS_DESCEND);
	assert_int_equal(asks(&f.choice, deep, FILE_), VSS_TAKE);
	assert_int_equal(asks(&f.choice, text, FILE_), 0);
	assert_int_equal(asks(&f.choice, sub, DIR_), 0);
	fixture_drop(&f);
}

static void
a_failure_fails_the_component_that_the_file_belongs_to(void **state)
{
	struct fixture f;

	fixture_make(&f, *state);
	VSS_AUTOFREE char *text = box_path(state, "log/x/1.txt"), *deep = box_path(state, "log/x/1.wal");
	vss_choice_failed(&f.choice, text, FILE_);
	assert_false(f.choice.components[0].failed);
	vss_choice_failed(&f.choice, deep, FILE_);
	assert_true(f.choice.components[0].failed);
	fixture_drop(&f);
}

static void
what_nobody_could_look_at_fails_the_component_that_it_may_belong_to(void **state)
{
	struct fixture f;

	fixture_make(&f, *state);
	VSS_AUTOFREE char *db = box_path(state, "main.db"), *other = box_path(state, "other");
	vss_choice_failed(&f.choice, other, 0);
	assert_false(f.choice.components[0].failed);
	vss_choice_failed(&f.choice, db, 0);
	assert_true(f.choice.components[0].failed);
	fixture_drop(&f);
}

static void
plain_files_beside_a_component_in_an_excluded_directory_stay_out(void **state)
{
	struct fixture f;
	VSS_AUTOFREE char *up = vss_path_dir(*state);

	fixture_make(&f, *state);
	VSS_AUTOFREE char *db = box_path(state, "main.db"), *other = box_path(state, "other");
	vss_choice_add_path(&f.choice, up, "/");
	vss_choice_add_glob(&f.choice, *state);
	assert_int_equal(asks(&f.choice, *state, DIR_), VSS_TAKE | VSS_DESCEND); /* the component's own directory */
	assert_int_equal(asks(&f.choice, db, FILE_), VSS_TAKE);
	assert_int_equal(asks(&f.choice, other, FILE_), 0);
	fixture_drop(&f);
}

static void
a_set_with_an_alternate_path_is_read_there_only(void **state)
{
	struct fixture f;

	fixture_make(&f, *state);
	VSS_AUTOFREE char *db = box_path(state, "main.db");
	struct vss_choice_files *set = &f.choice.files[0];
	set->files.alternate = vss_strdup("/somewhere/else");
	vss_choice_add_path(&f.choice, *state, "/");
	assert_int_equal(asks(&f.choice, db, FILE_), 0);
	assert_false(set->matched);
	assert_int_equal(vss_choice_asks_alternate(&f.choice, set, db, FILE_), VSS_TAKE);
	assert_true(set->matched);
	fixture_drop(&f);
}

static void
a_named_file_that_is_missing_fails_but_an_empty_pattern_does_not(void **state)
{
	struct fixture f;

	fixture_make(&f, *state);
	assert_int_equal(vss_choice_missing(&f.choice), 1);
	assert_true(f.choice.components[0].failed);
	fixture_drop(&f);

	fixture_make(&f, *state);
	VSS_AUTOFREE char *db = box_path(state, "main.db");
	asks(&f.choice, db, FILE_);
	assert_int_equal(vss_choice_missing(&f.choice), 0);
	fixture_drop(&f);
}

static void
writers_excludes_beat_plain_paths(void **state)
{
	struct fixture f;

	fixture_make(&f, *state);
	struct vss_fileset shm = { .path = *state, .spec = vss_strdup("*-shm"), .kind = VSS_FILES };
	struct vss_metadata with = { .excludes = &shm, .nexcludes = 1 };
	VSS_AUTOFREE char *file = box_path(state, "main.db-shm");
	vss_choice_add_path(&f.choice, *state, "/");
	assert_true(asks(&f.choice, file, FILE_) & VSS_TAKE);
	vss_choice_add_excludes(&f.choice, &with);
	assert_int_equal(asks(&f.choice, file, FILE_), 0);
	free(shm.spec);
	fixture_drop(&f);
}

static void
links_in_a_path_are_resolved_as_far_as_it_exists(void **state)
{
	VSS_AUTOCLOSE int box = box_open(state);
	VSS_AUTOFREE char *real = realpath(*state, NULL);
	VSS_AUTOFREE char *asked = box_path(state, "link/not/there");
	VSS_AUTOFREE char *wanted = vss_strf("%s/dir/not/there", real);

	box_mkdir(box, "dir");
	assert_int_equal(symlinkat("dir", box, "link"), 0);
	VSS_AUTOFREE char *got = vss_choice_real_path(asked);
	assert_string_equal(got, wanted);
	VSS_AUTOFREE char *root = vss_choice_real_path("/");
	assert_string_equal(root, "/");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_kept_in_order_each_once),
		cmocka_unit_test(plain_paths_take_what_is_below_and_nothing_beside),
		cmocka_unit_test(plain_paths_take_another_mount_only_when_they_take_what_is_mounted_there),
		cmocka_unit_test(globs_hold_for_names_or_whole_paths_but_not_for_what_was_named),
		cmocka_unit_test(a_glob_may_end_in_a_slash_or_begin_in_the_middle_of_a_path),
		cmocka_unit_test(what_was_named_below_an_excluded_directory_is_come_by),
		cmocka_unit_test(what_is_never_taken_is_not_even_entered),
		BOX_TEST(file_sets_take_what_matches_and_lead_to_it),
		BOX_TEST(a_failure_fails_the_component_that_the_file_belongs_to),
		BOX_TEST(what_nobody_could_look_at_fails_the_component_that_it_may_belong_to),
		BOX_TEST(plain_files_beside_a_component_in_an_excluded_directory_stay_out),
		BOX_TEST(a_set_with_an_alternate_path_is_read_there_only),
		BOX_TEST(a_named_file_that_is_missing_fails_but_an_empty_pattern_does_not),
		BOX_TEST(writers_excludes_beat_plain_paths),
		BOX_TEST(links_in_a_path_are_resolved_as_far_as_it_exists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
