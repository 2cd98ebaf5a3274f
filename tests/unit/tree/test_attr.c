/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/attr.h"

#include "lib/box.h"
#include "tree/acl.h"

#include <errno.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static const struct vss_xattr *
xattr_of(const struct vss_attr *a, const char *name)
{
	for (size_t i = 0; i < a->nxattrs; i++)
		if (strcmp(a->xattrs[i].name, name) == 0)
			return &a->xattrs[i];
	return NULL;
}

static void
everything_that_stat_knows_is_there(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { 0 };
	struct stat st;
	const struct timespec times[2] = { { -5, 123456789 }, { 1234567890, 987654321 } };
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "hello");
	assert_int_equal(linkat(dir, "f", dir, "g", 0), 0);
	assert_int_equal(fchmodat(dir, "f", 04751, 0), 0);
	assert_int_equal(utimensat(dir, "f", times, 0), 0);
	assert_int_equal(fstatat(dir, "f", &st, 0), 0);
	assert_ok(vss_attr_read(dir, "f", -1, &a, &err), err);
	assert_int_equal(a.mode, S_IFREG | 04751);
	assert_int_equal(a.uid, st.st_uid);
	assert_int_equal(a.gid, st.st_gid);
	assert_int_equal(a.dev, st.st_dev);
	assert_int_equal(a.ino, st.st_ino);
	assert_int_equal(a.nlink, 2);
	assert_int_equal(a.size, 5);
	assert_int_equal(a.blocks, st.st_blocks);
	assert_int_equal(a.atime_s, -5);
	assert_int_equal(a.atime_ns, 123456789);
	assert_int_equal(a.mtime_s, 1234567890);
	assert_int_equal(a.mtime_ns, 987654321);
	assert_int_equal(a.ctime_s, st.st_ctim.tv_sec);
	assert_int_equal(a.ctime_ns, st.st_ctim.tv_nsec);
	assert_null(a.link);
	vss_attr_clear(&a);
}

static void
extended_attributes_are_sorted_and_hold_any_bytes(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "");
	VSS_AUTOCLOSE int fd = openat(dir, "f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "user.z", "a\0b", 3, 0), 0);
	assert_int_equal(fsetxattr(fd, "user.empty", "", 0, 0), 0);
	for (int i = 0; i < 2; i++) {
		struct vss_attr a = { 0 };
		/* With the open file, and by its name alone. */
		assert_ok(vss_attr_read(dir, "f", i ? fd : -1, &a, &err), err);
		assert_int_equal(a.nxattrs, 2);
		assert_string_equal(a.xattrs[0].name, "user.empty");
		assert_int_equal(a.xattrs[0].size, 0);
		assert_string_equal(a.xattrs[1].name, "user.z");
		assert_int_equal(a.xattrs[1].size, 3);
		assert_memory_equal(a.xattrs[1].value, "a\0b", 3);
		vss_attr_clear(&a);
		assert_int_equal(a.nxattrs, 0);
	}
}

static void
many_extended_attributes_are_all_read(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "");
	VSS_AUTOCLOSE int fd = openat(dir, "f", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < 40; i++) {
		char name[40];
		snprintf(name, sizeof name, "user.some-longer-name-%02d", i);
		assert_int_equal(fsetxattr(fd, name, name, strlen(name), 0), 0);
	}
	assert_ok(vss_attr_read(dir, "f", fd, &a, &err), err);
	assert_int_equal(a.nxattrs, 40);
	assert_string_equal(a.xattrs[39].name, "user.some-longer-name-39");
	vss_attr_clear(&a);
}

static void
acls_and_capabilities_are_extended_attributes(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "");
	VSS_AUTOCLOSE int fd = openat(dir, "f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "system.posix_acl_access", acl_with_a_user, sizeof acl_with_a_user, 0), 0);
	assert_int_equal(fsetxattr(fd, "security.capability", net_raw, sizeof net_raw, 0), 0);
	assert_ok(vss_attr_read(dir, "f", -1, &a, &err), err);
	const struct vss_xattr *acl = xattr_of(&a, "system.posix_acl_access"),
			       *cap = xattr_of(&a, "security.capability");
	assert_int_equal(acl->size, sizeof acl_with_a_user);
	assert_memory_equal(acl->value, acl_with_a_user, sizeof acl_with_a_user);
	assert_memory_equal(cap->value, net_raw, sizeof net_raw);
	assert_int_equal(a.mode & 0777, 0660);
	vss_attr_clear(&a);
}

static void
a_link_is_read_itself_and_not_its_target(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "f", "");
	VSS_AUTOCLOSE int fd = openat(dir, "f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "user.of-the-target", "x", 1, 0), 0);
	assert_int_equal(symlinkat("f", dir, "l"), 0);
	assert_ok(vss_attr_read(dir, "l", -1, &a, &err), err);
	assert_true(S_ISLNK(a.mode));
	assert_string_equal(a.link, "f");
	assert_null(xattr_of(&a, "user.of-the-target"));
	vss_attr_clear(&a);
	if (geteuid() != 0)
		return;
	VSS_AUTOFREE char *path = box_path(state, "l");
	assert_int_equal(lsetxattr(path, "trusted.of-the-link", "x", 1, 0), 0);
	assert_ok(vss_attr_read(dir, "l", -1, &a, &err), err);
	assert_non_null(xattr_of(&a, "trusted.of-the-link"));
	vss_attr_clear(&a);
}

static void
a_device_has_its_numbers(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(mknodat(dir, "d", S_IFCHR | 0600, makedev(300, 70000)), 0);
	assert_ok(vss_attr_read(dir, "d", -1, &a, &err), err);
	assert_true(S_ISCHR(a.mode));
	assert_int_equal(major(a.rdev), 300);
	assert_int_equal(minor(a.rdev), 70000);
	vss_attr_clear(&a);
}

static void
what_is_gone_is_a_failure_that_leaves_the_result_alone(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { .size = 77 };
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(vss_attr_read(dir, "none", -1, &a, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	assert_int_equal(a.size, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(everything_that_stat_knows_is_there),
		BOX_TEST(extended_attributes_are_sorted_and_hold_any_bytes),
		BOX_TEST(many_extended_attributes_are_all_read),
		BOX_TEST(acls_and_capabilities_are_extended_attributes),
		BOX_TEST(a_link_is_read_itself_and_not_its_target),
		BOX_TEST(a_device_has_its_numbers),
		BOX_TEST(what_is_gone_is_a_failure_that_leaves_the_result_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
