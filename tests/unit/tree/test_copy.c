/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy.h"

#include "base/buf.h"
#include "base/time.h"
#include "lib/box.h"
#include "lib/stage.h"
#include "tree/acl.h"
#include "tree/beneath.h"
#include "tree/compare.h"

#include <grp.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

#define TIB (1ull << 40)

struct copy {
	int box, src, dst;
	struct vss_copy_options o;
	struct vss_copy_report report;
	struct vss_err err;
	struct vss_buf said; /* by call-backs */
};

static struct copy
make_copy(void **state)
{
	struct copy c = { .box = box_open(state), .err = VSS_ERR_INIT };
	c.src = box_subdir(c.box, "src");
	c.dst = box_subdir(c.box, "dst");
	vss_buf_str(&c.said, "");
	return c;
}

static void
drop_copy(struct copy *c)
{
	close(c->src);
	close(c->dst);
	close(c->box);
	vss_buf_free(&c->said);
}

static int
run(struct copy *c)
{
	c->o.ctx = c;
	return vss_copy_tree(c->src, c->dst, &c->o, &c->report, &c->err);
}

static int
note(void *ctx, const char *path, enum vss_difference how, struct vss_err *err)
{
	struct copy *c = ctx;
	(void)err;
	vss_buf_fmt(&c->said, "%s: %s; ", path, vss_difference_name(how));
	return 0;
}

static void
assert_equal_trees(struct copy *c)
{
	const struct vss_compare_options o = { 0, note, c };
	assert_ok(vss_compare_trees(c->src, c->dst, &o, &c->err), c->err);
	assert_string_equal(c->said.data, "");
}

static void
touch(int dir, const char *name, long ns)
{
	const struct timespec times[2] = { { 5, 5 }, { 1111111111, ns } };
	assert_int_equal(utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void
give_xattrs(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fsetxattr(fd, "user.comment", "a\0b", 3, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(fsetxattr(fd, "security.capability", net_raw, sizeof net_raw, 0), 0);
		assert_int_equal(fsetxattr(fd, "trusted.t", "t", 1, 0), 0);
	}
	assert_int_equal(fsetxattr(fd, "system.posix_acl_access", acl_with_a_user, sizeof acl_with_a_user, 0), 0);
	close(fd);
}

static void
plant_special_files(int src)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/socket", src);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s, (struct sockaddr *)&name, sizeof name), 0);
	close(s);
	assert_int_equal(mkfifoat(src, "fifo", 0640), 0);
	touch(src, "fifo", 11);
	if (geteuid() != 0)
		return;
	assert_int_equal(mknodat(src, "null", S_IFCHR | 0666, makedev(1, 3)), 0);
	assert_int_equal(mknodat(src, "disk", S_IFBLK | 0660, makedev(7, 200)), 0);
	assert_int_equal(fchownat(src, "null", 12, 34, 0), 0);
}

static void
plant_owners(int src)
{
	if (geteuid() != 0)
		return;
	box_write(src, "of-another", "");
	assert_int_equal(fchownat(src, "of-another", 12345, 23456, 0), 0);
	assert_int_equal(fchmodat(src, "of-another", 06755, 0), 0);
	assert_int_equal(fchownat(src, "dangling", 12345, 23456, AT_SYMLINK_NOFOLLOW), 0);
}

static void
plant(int src)
{
	char long_name[256];
	memset(long_name, 'n', 255);
	long_name[255] = '\0';
	int dir = box_subdir(src, "dir"), closed = box_subdir(src, "closed");
	box_write(src, "empty", "");
	box_write(src, long_name, "long");
	box_write(src, "new\nline \"quoted\" \\ \xff\xfe", "raw bytes");
	box_write(dir, "file", "some content");
	box_write(closed, "within", "a closed directory");
	assert_int_equal(linkat(dir, "file", src, "another-name", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", src, "absolute"), 0);
	assert_int_equal(symlinkat("no/where", src, "dangling"), 0);
	assert_int_equal(linkat(src, "absolute", dir, "link-to-the-link", 0), 0);
	int sparse = openat(src, "sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(pwrite(sparse, "x", 1, TIB / 2) + ftruncate(sparse, TIB), 1);
	close(sparse);
	plant_special_files(src);
	plant_owners(src);
	give_xattrs(dir, "file");
	assert_int_equal(fsetxattr(dir, "system.posix_acl_default", acl_with_a_user, sizeof acl_with_a_user, 0), 0);
	box_write(dir, "inherits", "an ACL");
	touch(dir, "file", 123456789);
	touch(src, "absolute", 7);
	assert_int_equal(fchmod(closed, 0500), 0);
	touch(src, "dir", 987654321);
	touch(src, "closed", 1);
	assert_int_equal(fchmod(src, 02750), 0);
	touch(src, ".", 4);
	close(dir);
	close(closed);
}

static void
a_tree_is_copied_with_everything(void **state)
{
	struct copy c = make_copy(state);
	struct stat st;
	plant(c.src);
	int64_t start = vss_now_mono();
	assert_ok(run(&c), c.err);
	assert_true(vss_now_mono() - start < 60 * VSS_S);
	assert_equal_trees(&c);
	assert_int_equal(fstatat(c.dst, "sparse", &st, 0), 0);
	assert_true(st.st_blocks < 1000);
	assert_int_equal(c.report.files, geteuid() == 0 ? 8 : 7);
	assert_int_equal(c.report.changed, 0);
	assert_int_equal(c.report.lost, 0);
	drop_copy(&c);
}

static void
the_checked_copy_is_the_same(void **state)
{
	struct copy c = make_copy(state);
	plant(c.src);
	c.o.check = true;
	assert_ok(run(&c), c.err);
	assert_equal_trees(&c);
	assert_int_equal(c.report.changed, 0);
	assert_int_equal(c.report.torn, 0);
	drop_copy(&c);
}

static void
a_deep_tree_is_copied(void **state)
{
	struct copy c = make_copy(state);
	int at = dup(c.src);
	char name[41];
	memset(name, 'd', 40);
	name[40] = '\0';
	for (int i = 0; i < 300; i++) {
		int next = box_subdir(at, name);
		box_write(next, "f", name);
		close(at);
		at = next;
	}
	assert_int_equal(linkat(at, "f", c.src, "far-away", 0), 0);
	close(at);
	assert_ok(run(&c), c.err);
	assert_equal_trees(&c);
	drop_copy(&c);
}

static void
only_what_was_chosen_and_the_way_to_it_is_copied(void **state)
{
	static const char *const only[] = { "a/b/chosen", "x" };
	struct copy c = make_copy(state);
	int a = box_subdir(c.src, "a"), b = box_subdir(a, "b"), x = box_subdir(c.src, "x");
	box_write(b, "chosen", "");
	box_write(b, "chosen-not", "");
	box_write(a, "not", "");
	box_write(c.src, "not", "");
	box_write(x, "y", "");
	c.o.only = only;
	c.o.nonly = 2;
	assert_ok(run(&c), c.err);
	assert_true(box_has(c.dst, "a/b/chosen"));
	assert_true(box_has(c.dst, "x/y"));
	assert_false(box_has(c.dst, "a/b/chosen-not"));
	assert_false(box_has(c.dst, "a/not"));
	assert_false(box_has(c.dst, "not"));
	close(a);
	close(b);
	close(x);
	drop_copy(&c);
}

static void
shadow_storage_and_other_file_systems_stay_out(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct copy c = make_copy(state);
	int storage = box_subdir(c.src, VSS_SHADOW_STORAGE);
	box_write(storage, VSS_SHADOW_MARK, "");
	assert_int_equal(fchmod(storage, 0700), 0);
	box_mkdir(c.src, "m");
	VSS_AUTOFREE char *path = box_path(state, "src/m");
	assert_int_equal(mount("other", path, "tmpfs", 0, "size=1m"), 0);
	box_write(c.src, "m/f", "");
	assert_ok(run(&c), c.err);
	assert_false(box_has(c.dst, VSS_SHADOW_STORAGE));
	assert_true(box_has(c.dst, "m"));
	assert_false(box_has(c.dst, "m/f"));
	assert_int_equal(umount(path), 0);
	close(storage);
	drop_copy(&c);
}

static void
a_destination_within_the_source_is_not_copied_into_itself(void **state)
{
	struct copy c = make_copy(state);
	close(c.dst);
	c.dst = box_subdir(c.src, "z-destination");
	box_write(c.src, "f", "x");
	assert_ok(run(&c), c.err);
	assert_true(box_has(c.dst, "f"));
	assert_false(box_has(c.dst, "z-destination"));
	drop_copy(&c);
}

static void
a_destination_that_is_not_empty_is_refused(void **state)
{
	struct copy c = make_copy(state);
	box_write(c.src, "f", "new");
	assert_int_equal(symlinkat("../src/f", c.dst, "f"), 0);
	assert_int_equal(run(&c), -1);
	assert_int_equal(c.err.code, VSS_EXISTS);
	assert_string_equal(box_read(c.src, "f"), "new");
	drop_copy(&c);
}

/* A writer that cannot keep still: something happens to "f" at each poll. */
static int
keep_writing(void *ctx, struct vss_err *err)
{
	struct copy *c = ctx;
	(void)err;
	int fd = openat(c->src, "f", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "more", 4), 4);
	close(fd);
	return 0;
}

static int polls;

static int
write_once(void *ctx, struct vss_err *err)
{
	return ++polls == 3 ? keep_writing(ctx, err) : 0; /* root, f, and then while f is being copied */
}

/* So long that there are polls while it is copied. */
static void
plant_big_file(struct copy *c)
{
	int fd = openat(c->src, "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	VSS_AUTOFREE char *block = vss_alloc(1 << 20);
	memset(block, 'b', 1 << 20);
	for (int i = 0; i < 10; i++)
		assert_int_equal(write(fd, block, 1 << 20), 1 << 20);
	close(fd);
}

static void
a_file_that_changed_once_is_copied_again_and_counted(void **state)
{
	struct copy c = make_copy(state);
	plant_big_file(&c);
	c.o.check = true;
	c.o.poll = write_once;
	polls = 0;
	assert_ok(run(&c), c.err);
	assert_int_equal(c.report.changed, 1);
	assert_int_equal(c.report.torn, 0);
	assert_int_equal(c.report.files, 1);
	assert_int_equal(c.report.bytes, (10 << 20) + 4);
	assert_equal_trees(&c);
	drop_copy(&c);
}

static void
a_file_that_never_keeps_still_is_kept_and_called_torn(void **state)
{
	struct copy c = make_copy(state);
	plant_big_file(&c);
	c.o.check = true;
	c.o.poll = keep_writing;
	assert_ok(run(&c), c.err);
	assert_int_equal(c.report.changed, 1);
	assert_int_equal(c.report.torn, 1);
	assert_int_equal(c.report.files, 1);
	assert_true(box_has(c.dst, "f"));
	drop_copy(&c);
}

static unsigned char *mapped;

static int
store_while_copied(void *ctx, struct vss_err *err)
{
	(void)ctx;
	(void)err;
	mapped[5 << 20] += ++polls >= 3;
	return 0;
}

static void
a_store_into_a_page_that_was_dirty_before_is_noticed(void **state)
{
	struct copy c = make_copy(state);
	struct statfs fs;
	assert_int_equal(fstatfs(c.src, &fs), 0);
	if (fs.f_type == TMPFS_MAGIC) {
		print_message("skipped: tmpfs notes no stores\n");
		skip();
	}
	plant_big_file(&c);
	VSS_AUTOCLOSE int fd = openat(c.src, "f", O_RDWR | O_CLOEXEC);
	mapped = mmap(NULL, 10 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(mapped != MAP_FAILED);
	mapped[5 << 20] = 'x';
	c.o.check = true;
	c.o.poll = store_while_copied;
	polls = 0;
	assert_ok(run(&c), c.err);
	assert_int_equal(c.report.changed, 1);
	munmap(mapped, 10 << 20);
	drop_copy(&c);
}

static int
replace_while_copied(void *ctx, struct vss_err *err)
{
	struct copy *c = ctx;
	(void)err;
	if (++polls == 3) {
		box_write(c->src, "new", "the new one");
		assert_int_equal(renameat(c->src, "new", c->src, "f"), 0);
	}
	return 0;
}

static void
a_file_that_was_replaced_is_copied_again(void **state)
{
	struct copy c = make_copy(state);
	plant_big_file(&c);
	c.o.check = true;
	c.o.poll = replace_while_copied;
	polls = 0;
	assert_ok(run(&c), c.err);
	assert_string_equal(box_read(c.dst, "f"), "the new one");
	assert_int_equal(c.report.changed, 2); /* the file, and its directory */
	drop_copy(&c);
}

static int
remove_at_visit(void *ctx, struct vss_err *err)
{
	struct copy *c = ctx;
	(void)err;
	if (++polls == 2)
		assert_int_equal(unlinkat(c->src, "f", 0), 0);
	return 0;
}

static void
a_file_that_vanished_is_counted_as_changed(void **state)
{
	struct copy c = make_copy(state);
	box_write(c.src, "f", "");
	box_write(c.src, "g", "");
	c.o.check = true;
	c.o.poll = remove_at_visit;
	polls = 0;
	assert_ok(run(&c), c.err);
	assert_false(box_has(c.dst, "f"));
	assert_true(box_has(c.dst, "g"));
	assert_int_equal(c.report.changed, 2); /* the file, and its directory */
	drop_copy(&c);
}

static int
let_pass(void *ctx, const char *path, mode_t type, struct vss_err *err)
{
	struct copy *c = ctx;
	vss_buf_fmt(&c->said, "%s%s (%s)", path, S_ISDIR(type) ? "/" : "", err->text);
	return 0;
}

/* As somebody who owns the trees and has no privilege. */
static int
run_as_nobody(struct copy *c)
{
	gid_t group = 65534;
	bool was_root = geteuid() == 0;
	if (was_root)
		assert_int_equal(fchown(c->src, 65534, 65534) + fchown(c->dst, 65534, 65534) + setgroups(1, &group) +
					 setegid(65534) + seteuid(65534),
			0);
	int r = run(c);
	if (was_root)
		assert_int_equal(seteuid(0) + setegid(0) + setgroups(0, NULL), 0);
	return r;
}

static void
what_cannot_be_read_stops_unless_it_is_let_pass(void **state)
{
	struct copy c = make_copy(state);
	int secret = box_subdir(c.src, "secret");
	box_write(c.src, "a", "");
	box_write(c.src, "b", "");
	assert_int_equal(fchmodat(c.src, "a", 0, 0) + fchmod(secret, 0), 0);
	c.o.owner_if_can = true;
	assert_int_equal(run_as_nobody(&c), -1);
	assert_string_equal(c.err.text, "a: open: Permission denied");
	c.o.trouble = let_pass;
	assert_ok(run_as_nobody(&c), c.err);
	assert_string_equal(c.said.data, "a (open: Permission denied)secret/ (open: Permission denied)");
	assert_int_equal(c.report.skipped, 2);
	assert_false(box_has(c.dst, "a"));
	assert_true(box_has(c.dst, "b"));
	assert_int_equal(fchmod(secret, 0700), 0);
	close(secret);
	drop_copy(&c);
}

static void
without_privilege_other_owners_need_leave_to_be_dropped(void **state)
{
	BOX_NEEDS_ROOT();
	struct stat st;
	struct copy c = make_copy(state);
	box_write(c.src, "roots", "");
	assert_int_equal(fchmodat(c.src, "roots", 04755, 0), 0);
	assert_int_equal(run_as_nobody(&c), -1);
	assert_int_equal(c.err.code, VSS_DENIED);
	assert_int_equal(unlinkat(c.dst, "roots", 0), 0);
	c.o.owner_if_can = true;
	assert_ok(run_as_nobody(&c), c.err);
	assert_int_equal(fstatat(c.dst, "roots", &st, 0), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_mode & 07777, 0755);
	drop_copy(&c);
}

static int
refuse(void *ctx, struct vss_err *err)
{
	(void)ctx;
	return vss_fail(err, VSS_INTERRUPTED, 0, "enough");
}

static void
the_caller_may_stop_it(void **state)
{
	struct copy c = make_copy(state);
	c.o.poll = refuse;
	assert_int_equal(run(&c), -1);
	assert_int_equal(c.err.code, VSS_INTERRUPTED);
	drop_copy(&c);
}

static void
a_copy_on_btrfs_is_equal_too(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	VSS_AUTOFREE char *top = box_path(state, "top");
	void *inner = top;
	struct copy c = make_copy(&inner);
	plant(c.src);
	assert_ok(run(&c), c.err);
	assert_equal_trees(&c);
	drop_copy(&c);
	assert_int_equal(umount(top), 0);
}

int
main(void)
{
	umask(022);
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_tree_is_copied_with_everything),
		BOX_TEST(the_checked_copy_is_the_same),
		BOX_TEST(a_deep_tree_is_copied),
		BOX_TEST(only_what_was_chosen_and_the_way_to_it_is_copied),
		BOX_TEST(shadow_storage_and_other_file_systems_stay_out),
		BOX_TEST(a_destination_within_the_source_is_not_copied_into_itself),
		BOX_TEST(a_destination_that_is_not_empty_is_refused),
		BOX_TEST(a_file_that_changed_once_is_copied_again_and_counted),
		BOX_TEST(a_file_that_never_keeps_still_is_kept_and_called_torn),
		BOX_TEST(a_store_into_a_page_that_was_dirty_before_is_noticed),
		BOX_TEST(a_file_that_was_replaced_is_copied_again),
		BOX_TEST(a_file_that_vanished_is_counted_as_changed),
		BOX_TEST(what_cannot_be_read_stops_unless_it_is_let_pass),
		BOX_TEST(without_privilege_other_owners_need_leave_to_be_dropped),
		BOX_TEST(the_caller_may_stop_it),
		BOX_TEST(a_copy_on_btrfs_is_equal_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
