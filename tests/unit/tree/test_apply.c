/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/attr.h"

#include "base/log.h"
#include "lib/box.h"
#include "lib/stage.h"
#include "tree/acl.h"

#include <errno.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#define ALL (VSS_APPLY_OWNER | VSS_APPLY_XATTR | VSS_APPLY_TRUSTED | VSS_APPLY_TIMES)

static struct vss_xattr some_xattrs[] = {
	{ "security.capability", (void *)(uintptr_t)net_raw, sizeof net_raw },
	{ "system.posix_acl_access", (void *)(uintptr_t)acl_with_a_user, sizeof acl_with_a_user },
	{ "trusted.t", (void *)(uintptr_t) "t", 1 },
	{ "user.u", (void *)(uintptr_t) "u", 1 },
};

/* What a privileged program of another user may look like. */
static struct vss_attr
some_attributes(void)
{
	return (struct vss_attr){ .mode = S_IFREG | 06760,
		.uid = 12345,
		.gid = 23456,
		.mtime_s = 1234567890,
		.mtime_ns = 987654321,
		.atime_s = 5,
		.atime_ns = 6,
		.xattrs = some_xattrs,
		.nxattrs = 4 };
}

static int
make_file(int dir, const char *name)
{
	box_write(dir, name, "");
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static bool
has_xattr(int fd, const char *name)
{
	return fgetxattr(fd, name, NULL, 0) >= 0;
}

static void
everything_is_set_although_each_step_undoes_others(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	const struct vss_attr a = some_attributes();
	unsigned lost = 0;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	assert_ok(vss_attr_apply(fd, &a, ALL, &lost, &err), err);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 23456);
	assert_int_equal(st.st_mode & 07777, 06760);
	assert_int_equal(st.st_mtim.tv_sec, 1234567890);
	assert_int_equal(st.st_mtim.tv_nsec, 987654321);
	assert_int_equal(st.st_atim.tv_sec, 5);
	assert_true(has_xattr(fd, "security.capability"));
	assert_true(has_xattr(fd, "trusted.t"));
	assert_true(has_xattr(fd, "user.u"));
	assert_true(has_xattr(fd, "system.posix_acl_access"));
	assert_int_equal(lost, 0);
}

static void
without_trust_there_are_no_set_id_bits_and_no_privileged_attributes(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	const struct vss_attr a = some_attributes();
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	assert_ok(vss_attr_apply(fd, &a, ALL & ~(unsigned)VSS_APPLY_TRUSTED, NULL, &err), err);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0760);
	assert_false(has_xattr(fd, "security.capability"));
	assert_false(has_xattr(fd, "trusted.t"));
	assert_true(has_xattr(fd, "user.u"));
	assert_true(has_xattr(fd, "system.posix_acl_access"));
}

static void
only_what_is_asked_for_is_done(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct stat before, st;
	const struct vss_attr a = some_attributes();
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	assert_int_equal(fstat(fd, &before), 0);
	assert_ok(vss_attr_apply(fd, &a, 0, NULL, &err), err);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, before.st_uid);
	assert_int_equal(st.st_mtim.tv_sec, before.st_mtim.tv_sec);
	assert_false(has_xattr(fd, "user.u"));
}

static void
an_inherited_acl_is_taken_away(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { .mode = S_IFREG | 0640, .uid = geteuid(), .gid = getegid() };
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(fsetxattr(dir, "system.posix_acl_default", acl_with_a_user, sizeof acl_with_a_user, 0), 0);
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	assert_true(has_xattr(fd, "system.posix_acl_access"));
	assert_int_equal(fsetxattr(fd, "user.other", "x", 1, 0), 0);
	assert_ok(vss_attr_apply(fd, &a, ALL, NULL, &err), err);
	assert_false(has_xattr(fd, "system.posix_acl_access"));
	assert_false(has_xattr(fd, "user.other"));
}

static void
a_link_gets_its_owner_and_times_and_its_target_does_not(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct stat st, target;
	struct vss_attr a = some_attributes();
	a.mode = S_IFLNK | 0777;
	a.nxattrs = 0;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	assert_int_equal(symlinkat("f", dir, "l"), 0);
	VSS_AUTOCLOSE int link = openat(dir, "l", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_ok(vss_attr_apply(link, &a, ALL, NULL, &err), err);
	assert_int_equal(fstatat(dir, "l", &st, AT_SYMLINK_NOFOLLOW) + fstat(fd, &target), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_mtim.tv_nsec, 987654321);
	assert_int_equal(target.st_uid, 0);
	assert_int_equal(target.st_mode & 07777, 0644);
	assert_int_not_equal(target.st_mtim.tv_sec, 1234567890);
}

static void
trusted_attributes_of_a_link_stay_with_the_link(void **state)
{
	BOX_NEEDS_ROOT();
	struct vss_err err = VSS_ERR_INIT;
	struct vss_attr a = { .mode = S_IFLNK | 0777, .xattrs = &some_xattrs[2], .nxattrs = 1 };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	VSS_AUTOFREE char *path = box_path(state, "l");
	assert_int_equal(symlinkat("f", dir, "l"), 0);
	VSS_AUTOCLOSE int link = openat(dir, "l", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_ok(vss_attr_apply(link, &a, VSS_APPLY_XATTR | VSS_APPLY_TRUSTED, NULL, &err), err);
	assert_int_equal(lgetxattr(path, "trusted.t", NULL, 0), 1);
	assert_false(has_xattr(fd, "trusted.t"));
}

static void
a_fifo_opened_by_path_alone_gets_its_mode(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	struct vss_attr a = { .mode = S_IFIFO | 0421, .uid = geteuid(), .gid = getegid(), .mtime_s = 7 };
	VSS_AUTOCLOSE int dir = box_open(state);
	assert_int_equal(mkfifoat(dir, "p", 0600), 0);
	VSS_AUTOCLOSE int fd = openat(dir, "p", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	assert_ok(vss_attr_apply(fd, &a, ALL, NULL, &err), err);
	assert_int_equal(fstatat(dir, "p", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0421);
	assert_int_equal(st.st_mtim.tv_sec, 7);
}

static void
without_privilege_the_owner_is_an_error_unless_it_may_be_skipped(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct stat st;
	struct vss_attr a = some_attributes();
	unsigned lost = 0;
	a.nxattrs = 0;
	VSS_AUTOCLOSE int dir = box_open(state);
	bool was_root = geteuid() == 0;
	if (was_root) {
		gid_t group = 65534;
		assert_int_equal(fchown(dir, 65534, 65534) + setgroups(1, &group) + setegid(65534) + seteuid(65534), 0);
	}
	VSS_AUTOCLOSE int fd = make_file(dir, "f");
	int strict = vss_attr_apply(fd, &a, ALL, &lost, &err);
	int lenient = vss_attr_apply(fd, &a, (ALL & ~(unsigned)VSS_APPLY_OWNER) | VSS_APPLY_OWNER_IF_CAN, &lost, &err);
	if (was_root)
		assert_int_equal(seteuid(0) + setegid(0) + setgroups(0, NULL), 0);
	assert_int_equal(strict, -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_int_equal(lenient, 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1234567890);
	/* Somebody else's program must not run as us. */
	assert_int_equal(st.st_mode & 07777, 0760);
}

static unsigned warnings;

static void
count_warning(void *ctx, enum vss_log_level level, const char *text)
{
	(void)ctx;
	warnings += level == VSS_LOG_WARN && strstr(text, "user.never-seen-before");
}

static void
what_the_file_system_does_not_take_is_counted_and_named_once(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	unsigned lost = 0;
	struct vss_xattr x = { (char *)(uintptr_t) "user.never-seen-before", (void *)(uintptr_t) "x", 1 };
	struct vss_attr a = { .mode = S_IFREG | 0600, .xattrs = &x, .nxattrs = 1 };
	/* ramfs knows no extended attributes. */
	if (mount("none", *state, "ramfs", 0, NULL) < 0) {
		print_message("skipped: no ramfs here\n");
		skip();
	}
	int dir = box_open(state), fd = make_file(dir, "f");
	vss_log_set_sink(count_warning, NULL);
	assert_ok(vss_attr_apply(fd, &a, ALL, &lost, &err), err);
	assert_ok(vss_attr_apply(fd, &a, ALL, &lost, &err), err);
	vss_log_set_sink(NULL, NULL);
	assert_int_equal(lost, 2);
	assert_int_equal(warnings, 1);
	close(fd);
	close(dir);
	assert_int_equal(umount(*state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(everything_is_set_although_each_step_undoes_others),
		BOX_TEST(without_trust_there_are_no_set_id_bits_and_no_privileged_attributes),
		BOX_TEST(only_what_is_asked_for_is_done),
		BOX_TEST(an_inherited_acl_is_taken_away),
		BOX_TEST(a_link_gets_its_owner_and_times_and_its_target_does_not),
		BOX_TEST(trusted_attributes_of_a_link_stay_with_the_link),
		BOX_TEST(a_fifo_opened_by_path_alone_gets_its_mode),
		BOX_TEST(without_privilege_the_owner_is_an_error_unless_it_may_be_skipped),
		BOX_TEST(what_the_file_system_does_not_take_is_counted_and_named_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
