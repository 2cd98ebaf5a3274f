/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume.h"

#include "lib/box.h"
#include "lib/stage.h"

#include <sys/mount.h>

static const struct vss_volume *
listed(const struct vss_volume_list *l, const char *mount)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i]->mount, mount) == 0)
			return l->v[i];
	return NULL;
}

/* Two directories of the box as fake volumes, one within the other. */
static int
fakes_make(void **state)
{
	if (box_make(state) < 0)
		return -1;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int outer = box_subdir(dir, "outer");
	VSS_AUTOCLOSE int inner = box_subdir(outer, "inner");
	box_mkdir(inner, "dir");
	box_mkdir(dir, "outermost");
	VSS_AUTOFREE char *value = vss_strf("%s/outer:%s/outer/inner", (char *)*state, (char *)*state);
	return setenv("VSS_FAKE_VOLUMES", value, 1);
}

static int
fakes_drop(void **state)
{
	unsetenv("VSS_FAKE_VOLUMES");
	return box_drop(state);
}
#define FAKE_TEST(f) cmocka_unit_test_setup_teardown(f, fakes_make, fakes_drop)

static char *
mount_of(void **state, const char *path)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *whole = box_path(state, path);
	struct vss_volume *v = vss_volume_of(whole, &err);
	if (!v)
		fail_msg("%s", err.text);
	char *mount = vss_strdup(v->mount);
	vss_volume_free(v);
	return mount;
}

static void
a_path_resolves_to_the_innermost_fake_volume(void **state)
{
	VSS_AUTOFREE char *inner = box_path(state, "outer/inner");
	VSS_AUTOFREE char *outer = box_path(state, "outer");
	VSS_AUTOFREE char *a = mount_of(state, "outer/inner/dir");
	VSS_AUTOFREE char *b = mount_of(state, "outer");
	VSS_AUTOFREE char *c = mount_of(state, "outermost");
	assert_string_equal(a, inner);
	assert_string_equal(b, outer);
	assert_string_not_equal(c, outer);
}

static void
links_in_a_path_are_followed(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *inner = box_path(state, "outer/inner");
	assert_int_equal(symlinkat("outer/inner/dir", dir, "link"), 0);
	VSS_AUTOFREE char *mount = mount_of(state, "link");
	assert_string_equal(mount, inner);
}

static void
fake_volumes_are_listed_with_ids_of_their_own(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume_list l, again;
	VSS_AUTOFREE char *inner = box_path(state, "outer/inner");
	VSS_AUTOFREE char *outer = box_path(state, "outer");
	assert_ok(vss_volumes(false, &l, &err), err);
	assert_ok(vss_volumes(false, &again, &err), err);
	const struct vss_volume *a = listed(&l, inner), *b = listed(&l, outer);
	assert_string_equal(a->fstype, "fake");
	assert_string_equal(a->subpath, "");
	assert_string_not_equal(a->id, b->id);
	assert_string_equal(a->id, listed(&again, inner)->id);
	for (size_t i = 1; i < l.n; i++)
		assert_true(strcmp(l.v[i - 1]->mount, l.v[i]->mount) < 0);
	vss_volume_list_free(&l);
	vss_volume_list_free(&again);
}

static void
a_volume_is_found_by_every_form_of_its_name(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *outer = box_path(state, "outer");
	struct vss_volume *v = vss_volume_named(outer, &err);
	assert_non_null(v);
	VSS_AUTOFREE char *display = vss_volume_display(v->mount, v->id);
	VSS_AUTOFREE char *expected = vss_strf("(%s)\\\\?\\Volume{%s}\\", outer, v->id);
	assert_string_equal(display, expected);
	VSS_AUTOFREE char *braced = vss_strf("{%s}", v->id);
	VSS_AUTOFREE char *upper = vss_strdup(v->id);
	for (char *c = upper; *c; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	const char *const forms[] = { v->id, upper, braced, display, strchr(display, '\\') };
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct vss_volume *found = vss_volume_named(forms[i], &err);
		if (!found)
			fail_msg("%s: %s", forms[i], err.text);
		assert_string_equal(found->mount, outer);
		vss_volume_free(found);
	}
	vss_volume_free(v);
}

static void
what_is_not_there_is_told_apart(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_volume_named("{00000000-1111-2222-3333-444444444444}", &err));
	assert_int_equal(err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_null(vss_volume_named("/no/such/path", &err));
	assert_int_equal(err.code, VSS_ABSENT);
	assert_null(vss_volume_named("00000000-1111-2222-3333-444444444444", &err));
	assert_int_equal(err.code, VSS_ABSENT);
}

static void
the_place_within_a_volume_counts_from_its_root(void **state)
{
	(void)state;
	struct vss_volume v = { .mount = vss_strdup("/srv/data"), .subpath = vss_strdup("") };
	VSS_AUTOFREE char *a = vss_volume_inner(&v, "/srv/data/x/y");
	VSS_AUTOFREE char *b = vss_volume_inner(&v, "/srv/data");
	assert_string_equal(a, "x/y");
	assert_string_equal(b, "");
	assert_null(vss_volume_inner(&v, "/srv/database"));
	free(v.subpath);
	v.subpath = vss_strdup("sub/dir");
	VSS_AUTOFREE char *c = vss_volume_inner(&v, "/srv/data/x");
	VSS_AUTOFREE char *d = vss_volume_inner(&v, "/srv/data");
	assert_string_equal(c, "sub/dir/x");
	assert_string_equal(d, "sub/dir");
	free(v.subpath);
	v.subpath = NULL;
	assert_null(vss_volume_inner(&v, "/srv/data/x"));
	free(v.mount);
}

static void
what_is_not_there_yet_lies_on_the_volume_of_the_way_to_it(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *inner = box_path(state, "outer/inner");
	VSS_AUTOFREE char *future = box_path(state, "outer/inner/not/there/yet");
	struct vss_volume *v = vss_volume_near(future, &err);
	assert_non_null(v);
	assert_string_equal(v->mount, inner);
	assert_int_equal(err.code, VSS_OK); /* finding nothing at first was no failure */
	vss_volume_free(v);
	v = vss_volume_near("/not/there/at/all", &err);
	assert_non_null(v);
	vss_volume_free(v);
}

static void
the_root_is_a_volume_and_proc_is_not(void **state)
{
	(void)state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume_list l, all;
	assert_ok(vss_volumes(false, &l, &err), err);
	assert_ok(vss_volumes(true, &all, &err), err);
	const struct vss_volume *root = listed(&l, "/");
	assert_non_null(root);
	assert_true(strlen(root->id) > 0);
	assert_null(listed(&l, "/proc"));
	assert_non_null(listed(&all, "/proc"));
	assert_true(listed(&all, "/proc")->pseudo);
	vss_volume_list_free(&l);
	vss_volume_list_free(&all);
}

static void
several_mounts_of_one_volume_are_one(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume_list l;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *part = box_path(state, "a-part");
	VSS_AUTOFREE char *first = box_path(state, "first");
	VSS_AUTOFREE char *second = box_path(state, "second");
	VSS_AUTOFREE char *sub = box_path(state, "first/sub");
	box_mkdir(dir, "a-part");
	box_mkdir(dir, "first");
	box_mkdir(dir, "second");
	assert_int_equal(mount("one", first, "tmpfs", 0, "size=1m"), 0);
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(mount(sub, part, NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(first, second, NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, second, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);

	assert_ok(vss_volumes(false, &l, &err), err);
	assert_non_null(listed(&l, first));
	assert_null(listed(&l, second));
	assert_null(listed(&l, part));

	/* A path is resolved to the mount that it lies on, with the ID of the one volume. */
	struct vss_volume *on_part = vss_volume_of(part, &err), *on_second = vss_volume_of(second, &err);
	assert_string_equal(on_part->mount, part);
	assert_string_equal(on_part->subpath, "sub");
	assert_string_equal(on_part->fs_root, "/sub");
	assert_string_equal(on_part->id, listed(&l, first)->id);
	assert_string_equal(on_second->id, listed(&l, first)->id);
	assert_true(on_second->mount_read_only);
	assert_false(on_second->read_only);
	vss_volume_free(on_part);
	vss_volume_free(on_second);
	vss_volume_list_free(&l);

	/* Each place for itself. */
	assert_ok(vss_volumes_mounted(&l, &err), err);
	assert_non_null(listed(&l, first));
	assert_non_null(listed(&l, "/proc"));
	assert_string_equal(listed(&l, second)->id, listed(&l, first)->id);
	assert_string_equal(listed(&l, part)->subpath, "sub");
	vss_volume_list_free(&l);

	/* Where a part comes first, the mount that shows all is taken even so. */
	assert_int_equal(umount(first), 0);
	assert_ok(vss_volumes(false, &l, &err), err);
	assert_non_null(listed(&l, second));
	assert_null(listed(&l, part));
	vss_volume_list_free(&l);
	umount(second);
	umount(part);
}

static void
a_hidden_mount_and_our_own_copies_are_not_listed(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume_list l;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *below = box_path(state, "up/below");
	VSS_AUTOFREE char *up = box_path(state, "up");
	VSS_AUTOFREE char *run = box_path(state, "run");
	VSS_AUTOFREE char *copy = box_path(state, "run/copy");
	VSS_AUTOCLOSE int run_fd = box_subdir(dir, "run");
	VSS_AUTOCLOSE int up_fd = box_subdir(dir, "up");
	box_mkdir(run_fd, "copy");
	box_mkdir(up_fd, "below");
	assert_int_equal(mount("hidden", below, "tmpfs", 0, "size=1m"), 0);
	assert_int_equal(mount("above", up, "tmpfs", 0, "size=1m"), 0);
	assert_int_equal(mount("copy", copy, "tmpfs", 0, "size=1m"), 0);
	setenv("VSS_RUN_DIR", run, 1);
	assert_ok(vss_volumes(false, &l, &err), err);
	assert_non_null(listed(&l, up));
	assert_null(listed(&l, below));
	assert_null(listed(&l, copy));
	vss_volume_list_free(&l);
	assert_ok(vss_volumes_mounted(&l, &err), err);
	unsetenv("VSS_RUN_DIR");
	assert_null(listed(&l, below));
	assert_true(listed(&l, copy)->shadow);
	assert_false(listed(&l, up)->shadow);
	vss_volume_list_free(&l);
	umount(copy);
	umount(up);
	umount(below);
}

static void
free_space_is_that_of_the_file_system(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	uint64_t bytes;
	assert_int_equal(mount("small", *state, "tmpfs", 0, "size=1m"), 0);
	int fd = box_open(state);
	assert_ok(vss_free_bytes(fd, &bytes, &err), err);
	assert_int_equal(bytes, 1 << 20);
	close(fd);
	umount(*state);
}

static void
expect_named(const char *word, const char *mount)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_named(word, &err);
	if (!v)
		fail_msg("%s: %s", word, err.text);
	assert_string_equal(v->mount, mount);
	vss_volume_free(v);
}

static void
expect_none(const char *word, enum vss_code code, const char *why)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_null(vss_volume_named(word, &err));
	assert_int_equal(err.code, code);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
}

static void
a_volume_is_found_by_its_device_and_by_its_file_system(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *top = box_path(state, "top");
	VSS_AUTOFREE char *link = box_path(state, "link");
	VSS_AUTOFREE char *sub = box_path(state, "top/sub");
	VSS_AUTOFREE char *other = box_path(state, "other");
	struct vss_err err = VSS_ERR_INIT;
	struct vss_volume *v = vss_volume_of(top, &err);
	assert_non_null(v);
	assert_string_not_equal(v->id, v->fs_uuid);
	assert_int_equal(symlinkat(v->source, dir, "link"), 0);
	VSS_AUTOFREE char *braced = vss_strf("{%s}", v->fs_uuid);
	expect_named(v->source, top);
	expect_named(link, top);
	expect_named(v->fs_uuid, top);
	expect_named(braced, top);

	/* A second volume of the same file system: only its own ID and its mount point tell it from the first. */
	box_mkdir(dir, "other");
	stage_run((const char *const[]){ "btrfs", "-q", "subvolume", "create", sub, NULL });
	assert_int_equal(mount(v->source, other, "btrfs", 0, "subvol=sub"), 0);
	expect_none(v->source, VSS_INVALID, "is the device of both");
	expect_none(v->fs_uuid, VSS_INVALID, "is the file system of both");
	expect_named(v->id, top);
	umount(other);
	umount(top);
	vss_volume_free(v);
}

static void
a_device_without_a_mount_is_no_volume(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	VSS_AUTOFREE char *top = box_path(state, "top");
	VSS_AUTOFREE char *image = box_path(state, "image");
	VSS_AUTOBUF struct vss_buf device = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(umount(top), 0);
	const char *const attach[] = { "losetup", "--find", "--show", image, NULL };
	assert_ok(vss_run(attach, 60000, 4096, &device, &err), err);
	device.data[strcspn(device.data, "\n")] = 0;
	struct vss_volume *v = vss_volume_named(device.data, &err);
	stage_run((const char *const[]){ "losetup", "--detach", device.data, NULL });
	assert_null(v);
	assert_int_equal(err.code, VSS_E_OBJECT_NOT_FOUND);
	assert_non_null(strstr(err.text, "no file system on this device is mounted"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_path_resolves_to_the_innermost_fake_volume),
		FAKE_TEST(links_in_a_path_are_followed),
		FAKE_TEST(fake_volumes_are_listed_with_ids_of_their_own),
		FAKE_TEST(a_volume_is_found_by_every_form_of_its_name),
		cmocka_unit_test(what_is_not_there_is_told_apart),
		FAKE_TEST(what_is_not_there_yet_lies_on_the_volume_of_the_way_to_it),
		cmocka_unit_test(the_place_within_a_volume_counts_from_its_root),
		cmocka_unit_test(the_root_is_a_volume_and_proc_is_not),
		BOX_TEST(several_mounts_of_one_volume_are_one),
		BOX_TEST(a_hidden_mount_and_our_own_copies_are_not_listed),
		BOX_TEST(free_space_is_that_of_the_file_system),
		BOX_TEST(a_volume_is_found_by_its_device_and_by_its_file_system),
		BOX_TEST(a_device_without_a_mount_is_no_volume),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
