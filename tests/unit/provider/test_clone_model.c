/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/clone_model.h"

#include "lib/box.h"

#define DEV 7

static struct vss_clone_model m;

static int
begin(void **state)
{
	const struct stat root = { .st_dev = DEV, .st_ino = 1, .st_mode = S_IFDIR };

	(void)state;
	vss_clone_model_init(&m, &root);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	vss_clone_model_free(&m);
	return 0;
}

#define MODEL_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static struct vss_clone_name *
add(struct vss_clone_inode *dir, const char *text, ino_t ino, mode_t mode)
{
	struct vss_clone_inode *i = vss_clone_find(&m, DEV, ino);
	return vss_clone_name(dir, text, i ? i : vss_clone_add(&m, DEV, ino, mode), 1);
}

static void
assert_where(const struct vss_clone_name *name, bool aside, const char *path)
{
	VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;

	assert_int_equal(vss_clone_where(name, &got), aside);
	assert_string_equal(got.data, path);
}

static void
names_are_found_in_whatever_order_they_came(void **state)
{
	(void)state;
	static const char *const names[] = { "m", "z", "a", "mm", "b" };

	for (size_t i = 0; i < 5; i++)
		add(m.root, names[i], 10 + i, S_IFREG);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(vss_clone_child(m.root, names[i])->inode->ino, 10 + i);
	assert_null(vss_clone_child(m.root, "zz"));
	assert_null(vss_clone_child(m.root, ""));
	for (size_t i = 1; i < 5; i++)
		assert_true(strcmp(m.root->dir->v[i - 1]->text, m.root->dir->v[i]->text) < 0);
}

static void
many_files_are_found_and_devices_are_told_apart(void **state)
{
	(void)state;
	for (ino_t i = 2; i < 5000; i++)
		vss_clone_add(&m, DEV, i, S_IFREG);
	vss_clone_add(&m, DEV + 1, 2, S_IFDIR);
	for (ino_t i = 2; i < 5000; i++)
		assert_int_equal(vss_clone_find(&m, DEV, i)->ino, i);
	assert_int_equal(vss_clone_find(&m, DEV + 1, 2)->type, S_IFDIR);
	assert_null(vss_clone_find(&m, DEV, 5000));
}

static void
a_directory_that_moves_takes_its_content_along(void **state)
{
	(void)state;
	struct vss_clone_name *a = add(m.root, "a", 2, S_IFDIR), *b = add(m.root, "b", 3, S_IFDIR);
	struct vss_clone_name *file = add(a->inode, "file", 4, S_IFREG);

	assert_where(file, false, "a/file");
	vss_clone_unhang(a);
	a->aside = 12;
	assert_where(file, true, "12/file");
	a = vss_clone_hang(a, b->inode, "moved", 2);
	assert_where(file, false, "b/moved/file");
	assert_null(vss_clone_child(m.root, "a"));
	assert_ptr_equal(a->inode->names, a);
	assert_null(a->other);
}

static void
forgotten_names_go_with_all_below_and_linked_files_stay(void **state)
{
	(void)state;
	struct vss_clone_name *a = add(m.root, "a", 2, S_IFDIR);
	add(a->inode, "only", 3, S_IFREG);
	add(a->inode, "linked", 4, S_IFREG);
	add(m.root, "kept", 4, S_IFREG);
	vss_clone_forget_name(a);
	vss_clone_purge(&m);
	assert_null(vss_clone_find(&m, DEV, 2));
	assert_null(vss_clone_find(&m, DEV, 3));
	assert_string_equal(vss_clone_find(&m, DEV, 4)->names->text, "kept");
	assert_int_equal(m.n, 2);
	assert_non_null(vss_clone_find(&m, DEV, 1)); /* the root has no name and stays */
}

static void
a_number_that_was_given_away_is_another_file(void **state)
{
	(void)state;
	struct vss_clone_name *name = add(m.root, "was", 2, S_IFREG);
	struct vss_clone_inode *old = name->inode, *new = vss_clone_replace(&m, old, S_IFDIR);

	assert_ptr_not_equal(old, new);
	assert_ptr_equal(vss_clone_find(&m, DEV, 2), new);
	assert_ptr_equal(name->inode, old);
	assert_true(old->orphan);
	assert_non_null(new->dir);
	vss_clone_forget_name(name); /* frees the orphan */
}

static void
every_part_of_a_sign_counts(void **state)
{
	(void)state;
	const struct vss_clone_sign a = { 1, 2, 3 };

	assert_true(vss_clone_same_sign(&a, &(struct vss_clone_sign){ 1, 2, 3 }));
	assert_false(vss_clone_same_sign(&a, &(struct vss_clone_sign){ 0, 2, 3 }));
	assert_false(vss_clone_same_sign(&a, &(struct vss_clone_sign){ 1, 0, 3 }));
	assert_false(vss_clone_same_sign(&a, &(struct vss_clone_sign){ 1, 2, 0 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(names_are_found_in_whatever_order_they_came),
		MODEL_TEST(many_files_are_found_and_devices_are_told_apart),
		MODEL_TEST(a_directory_that_moves_takes_its_content_along),
		MODEL_TEST(forgotten_names_go_with_all_below_and_linked_files_stay),
		MODEL_TEST(a_number_that_was_given_away_is_another_file),
		MODEL_TEST(every_part_of_a_sign_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
