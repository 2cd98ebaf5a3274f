/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/mount.h"

#include "lib/box.h"
#include "lib/stage.h"
#include "os/volume.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

/* Subvolumes a (with the file "inside") and b below box/top. */
static void
make_subvolumes(void **state)
{
	VSS_AUTOFREE char *a = box_path(state, "top/a");
	VSS_AUTOFREE char *b = box_path(state, "top/b");
	const char *const create_a[] = { "btrfs", "subvolume", "create", a, NULL };
	const char *const create_b[] = { "btrfs", "subvolume", "create", b, NULL };
	stage_run(create_a);
	stage_run(create_b);
	VSS_AUTOCLOSE int dir = open(a, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	box_write(dir, "inside", "of a");
}

static void
mount_subvolume(void **state, const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *top = box_path(state, "top");
	VSS_AUTOFREE char *at = box_path(state, name);
	VSS_AUTOFREE char *option = vss_strf("subvol=%s", name);
	struct vss_volume *v = vss_volume_of(top, &err);
	assert_non_null(v);
	assert_int_equal(mkdir(at, 0700), 0);
	assert_int_equal(mount(v->source, at, "btrfs", 0, option), 0);
	vss_volume_free(v);
}

static void
unmount_all(void **state, const char *const *names)
{
	for (; *names; names++) {
		VSS_AUTOFREE char *at = box_path(state, *names);
		assert_int_equal(umount(at), 0);
	}
}

static int
open_top(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *top = box_path(state, "top");
	struct vss_volume *v = vss_volume_of(top, &err);
	int fd = vss_mount_btrfs_top(v->source, &err);
	assert_ok(fd, err);
	vss_volume_free(v);
	return fd;
}

static void
every_mounted_subvolume_is_a_volume_with_its_own_id(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *top = box_path(state, "top");
	VSS_AUTOFREE char *path_a = box_path(state, "a/inside");
	VSS_AUTOFREE char *through_top = box_path(state, "top/a/inside");
	VSS_AUTOFREE char *path_b = box_path(state, "b");
	make_subvolumes(state);
	mount_subvolume(state, "a");
	mount_subvolume(state, "b");
	struct vss_volume *t = vss_volume_of(top, &err), *a = vss_volume_of(path_a, &err);
	struct vss_volume *b = vss_volume_of(path_b, &err), *u = vss_volume_of(through_top, &err);
	assert_int_equal(t->subvol_id, 5);
	assert_string_equal(a->fs_root, "/a");
	assert_string_equal(a->subpath, "");
	assert_string_equal(a->fs_uuid, b->fs_uuid);
	assert_string_not_equal(a->id, b->id);
	assert_string_not_equal(a->id, t->id);
	assert_string_not_equal(b->id, t->id);
	assert_string_not_equal(t->id, t->fs_uuid);
	assert_true(a->dev != b->dev);
	/* A path belongs to its subvolume, as copies of the top level do not have it, by whatever way it is reached. */
	assert_string_equal(u->id, a->id);
	assert_true(u->nested);
	assert_false(a->nested);

	struct vss_volume_list l;
	size_t found = 0;
	assert_ok(vss_volumes(false, &l, &err), err);
	for (size_t i = 0; i < l.n; i++)
		found += strcmp(l.v[i]->id, a->id) == 0 || strcmp(l.v[i]->id, b->id) == 0 ||
			 strcmp(l.v[i]->id, t->id) == 0;
	assert_int_equal(found, 3);
	vss_volume_list_free(&l);
	vss_volume_free(a);
	vss_volume_free(b);
	vss_volume_free(t);
	vss_volume_free(u);
	unmount_all(state, (const char *const[]){ "a", "b", "top", NULL });
}

static void
a_directory_of_a_subvolume_that_is_bind_mounted_knows_its_place(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *deep = box_path(state, "a/x/y");
	VSS_AUTOFREE char *bind = box_path(state, "bind");
	VSS_AUTOFREE char *a = box_path(state, "a");
	VSS_AUTOFREE char *x = box_path(state, "a/x");
	make_subvolumes(state);
	mount_subvolume(state, "a");
	assert_int_equal(mkdir(x, 0700) + mkdir(deep, 0700) + mkdir(bind, 0700), 0);
	assert_int_equal(mount(deep, bind, NULL, MS_BIND, NULL), 0);
	struct vss_volume *v = vss_volume_of(bind, &err), *whole = vss_volume_of(a, &err);
	assert_string_equal(v->subpath, "x/y");
	assert_string_equal(v->id, whole->id);
	vss_volume_free(v);
	vss_volume_free(whole);
	unmount_all(state, (const char *const[]){ "bind", "a", "top", NULL });
}

static void
the_private_top_is_seen_by_nobody_and_goes_with_its_descriptor(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_mount_list before, after;
	make_subvolumes(state);
	mount_subvolume(state, "b");
	assert_ok(vss_mounts(&before, &err), err);
	int top = open_top(state);
	assert_ok(vss_mounts(&after, &err), err);
	assert_int_equal(before.n, after.n);
	assert_true(box_has(top, "a"));
	VSS_AUTOCLOSE int readable = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(readable >= 0);
	box_write(readable, "written", "through it");
	close(top);
	close(vss_take_fd(&readable));
	vss_mount_list_free(&before);
	vss_mount_list_free(&after);
	unmount_all(state, (const char *const[]){ "b", "top", NULL });
}

static void
a_read_only_file_system_is_not_made_writable(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *top = box_path(state, "top");
	struct vss_volume *v = vss_volume_of(top, &err);
	assert_int_equal(mount(NULL, top, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(vss_mount_btrfs_top(v->source, &err), -1);
	assert_int_equal(err.code, VSS_UNSUPPORTED);
	vss_volume_free(v);
	v = vss_volume_of(top, &err);
	assert_true(v->read_only);
	vss_volume_free(v);
	unmount_all(state, (const char *const[]){ "top", NULL });
}

/* Read-only, nosuid, nodev, noexec at `target`, showing the file "inside". */
static void
check_safe_mount(const char *target)
{
	struct statvfs fs;
	assert_int_equal(statvfs(target, &fs), 0);
	const unsigned long safe = ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC;
	assert_int_equal(fs.f_flag & safe, safe);
	VSS_AUTOCLOSE int dir = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_string_equal(box_read(dir, "inside"), "of a");
	assert_int_equal(openat(dir, "new", O_WRONLY | O_CREAT, 0600), -1);
	assert_int_equal(errno, EROFS);
}

static void
a_subvolume_of_the_private_top_is_mounted_read_only(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *target = box_path(state, "target");
	VSS_AUTOFREE char *origin = box_path(state, "top/a/still-writable");
	make_subvolumes(state);
	assert_int_equal(mkdir(target, 0700), 0);
	int top = open_top(state);
	assert_ok(vss_mount_read_only_at(top, "a", target, &err), err);
	close(top);
	check_safe_mount(target);
	VSS_AUTOCLOSE int fd = open(origin, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(vss_take_fd(&fd));
	assert_ok(vss_unmount(target, &err), err);
	unmount_all(state, (const char *const[]){ "top", NULL });
}

static void
a_plain_directory_is_mounted_read_only_too(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *target = box_path(state, "target");
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int source = box_subdir(dir, "source");
	box_mkdir(dir, "target");
	box_write(source, "inside", "of a");
	assert_ok(vss_mount_read_only_at(source, "", target, &err), err);
	check_safe_mount(target);
	assert_ok(vss_unmount(target, &err), err);
	assert_ok(vss_mount_read_only_at(dir, "source", target, &err), err);
	check_safe_mount(target);
	assert_ok(vss_unmount(target, &err), err);
}

static void
unmounting_tells_busy_and_not_mounted_apart(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(mount("small", *state, "tmpfs", 0, "size=1m"), 0);
	int fd = box_open(state);
	assert_int_equal(vss_unmount(*state, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	close(fd);
	assert_ok(vss_unmount(*state, &err), err);
	assert_int_equal(vss_unmount(*state, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(every_mounted_subvolume_is_a_volume_with_its_own_id),
		BOX_TEST(a_directory_of_a_subvolume_that_is_bind_mounted_knows_its_place),
		BOX_TEST(the_private_top_is_seen_by_nobody_and_goes_with_its_descriptor),
		BOX_TEST(a_read_only_file_system_is_not_made_writable),
		BOX_TEST(a_subvolume_of_the_private_top_is_mounted_read_only),
		BOX_TEST(a_plain_directory_is_mounted_read_only_too),
		BOX_TEST(unmounting_tells_busy_and_not_mounted_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
