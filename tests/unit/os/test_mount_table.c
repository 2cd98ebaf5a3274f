/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/volume_internal.h"

#include "lib/box.h"

/* id parent major:minor root mount-point options - type source super-options */
static const char table[] = "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
			    "21 20 0:5 / /dev rw - devtmpfs devtmpfs rw\n"
			    "22 20 8:2 / /home ro,relatime - ext4 /dev/sda2 rw\n"
			    "23 22 0:40 /@a/dir /home/with\\040space rw - btrfs /dev/sdb rw,subvol=/@a\n"
			    "24 20 0:41 / /srv rw - tmpfs one rw\n"
			    "25 24 0:42 / /srv rw - tmpfs two ro\n"
			    "26 20 0:43 / /var/lib/x rw - tmpfs deep rw\n"
			    "27 20 8:3 / /var rw - ext4 /dev/sda3 rw\n";

static void
read_table(void **state, struct vss_mount_list *out)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOFREE char *path = box_path(state, "mountinfo");
	box_write(dir, "mountinfo", table);
	assert_ok(vss_mounts_read(path, out, &err), err);
}

static void
every_field_is_read_and_names_are_unescaped(void **state)
{
	struct vss_mount_list l;
	read_table(state, &l);
	assert_int_equal(l.n, 8);
	const struct vss_mount *m = &l.v[3];
	assert_string_equal(m->target, "/home/with space");
	assert_string_equal(m->root, "/@a/dir");
	assert_string_equal(m->source, "/dev/sdb");
	assert_string_equal(m->fstype, "btrfs");
	assert_int_equal(m->id, 23);
	assert_int_equal(m->parent, 22);
	assert_int_equal(m->dev, 40);
	vss_mount_list_free(&l);
}

static void
a_read_only_mount_is_not_a_read_only_file_system(void **state)
{
	struct vss_mount_list l;
	read_table(state, &l);
	assert_true(l.v[2].mount_read_only);
	assert_false(l.v[2].read_only);
	assert_false(l.v[5].mount_read_only);
	assert_true(l.v[5].read_only);
	vss_mount_list_free(&l);
}

static void
a_look_up_ends_on_the_mount_that_is_seen(void **state)
{
	struct vss_mount_list l;
	read_table(state, &l);
	assert_int_equal(vss_mounts_at(&l, "/")->id, 20);
	assert_int_equal(vss_mounts_at(&l, "/homestead")->id, 20);
	assert_int_equal(vss_mounts_at(&l, "/home/with space/f")->id, 23);
	/* The second of two on one place hides the first. */
	assert_int_equal(vss_mounts_at(&l, "/srv/f")->id, 25);
	/* A later mount further up hides what was mounted below. */
	assert_int_equal(vss_mounts_at(&l, "/var/lib/x/f")->id, 27);
	vss_mount_list_free(&l);
}

static void
an_empty_table_shows_nothing(void **state)
{
	(void)state;
	const struct vss_mount_list none = { NULL, 0, 0 };
	assert_null(vss_mounts_at(&none, "/"));
}

static void
file_systems_of_users_are_not_pseudo(void **state)
{
	(void)state;
	assert_true(vss_fs_is_pseudo("proc"));
	assert_true(vss_fs_is_pseudo("cgroup2"));
	assert_false(vss_fs_is_pseudo("tmpfs"));
	assert_false(vss_fs_is_pseudo("overlay"));
	assert_true(vss_fs_is_network("nfs4"));
	assert_true(vss_fs_is_network("fuse.sshfs"));
	assert_false(vss_fs_is_network("fuseblk"));
}

static void
lvm_ids_are_shown_as_lvs_shows_them(void **state)
{
	(void)state;
	const char *dm = "LVM-abcdefghijklmnopqrstuvwxyzABCDEFu1234wabcdEFGHijklMNOPqrst567890-real";
	VSS_AUTOFREE char *id = vss_lv_uuid_of(dm);
	assert_string_equal(id, "u1234w-abcd-EFGH-ijkl-MNOP-qrst-567890");
	assert_null(vss_lv_uuid_of("CRYPT-LUKS2-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
	assert_null(vss_lv_uuid_of("LVM-short"));
}

static void
copies_among_logical_volumes_are_known_by_their_name(void **state)
{
	(void)state;
	assert_true(vss_lv_is_copy("vg-vss--0a0b0c0d--1111--4222--8333--444455556666\n"));
	assert_true(vss_lv_is_copy("my--vg-vss--0a0b0c0d--1111--4222--8333--444455556666"));
	assert_false(vss_lv_is_copy("vg-vss--0a0b0c0d--1111--4222--8333--444455556666-cow"));
	assert_false(vss_lv_is_copy("vg-vss--0a0b0c0d--1111--4222--8333--44445555666x"));
	assert_false(vss_lv_is_copy("vg-vss--0a0b0c0d-1111-4222-8333-444455556666"));
	assert_false(vss_lv_is_copy("vg-vss--data"));
	assert_false(vss_lv_is_copy(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(every_field_is_read_and_names_are_unescaped),
		BOX_TEST(a_read_only_mount_is_not_a_read_only_file_system),
		BOX_TEST(a_look_up_ends_on_the_mount_that_is_seen),
		cmocka_unit_test(an_empty_table_shows_nothing),
		cmocka_unit_test(file_systems_of_users_are_not_pseudo),
		cmocka_unit_test(lvm_ids_are_shown_as_lvs_shows_them),
		cmocka_unit_test(copies_among_logical_volumes_are_known_by_their_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
