/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/walk.h"

#include "base/buf.h"
#include "lib/box.h"
#include "lib/stage.h"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/resource.h>

/* What a walk saw: "+path" a visit, "-path" the end of a directory, "!path" trouble. */
struct log {
	struct vss_buf text;
	const char *skip, *stop; /* at the visit of this path */
	void (*at_visit)(const struct vss_walk_entry *e);
};

static enum vss_walk_verdict
log_visit(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct log *l = ctx;
	assert_int_equal(strlen(e->path), e->path_len);
	vss_buf_fmt(&l->text, "+%s ", e->path);
	if (l->at_visit)
		l->at_visit(e);
	if (l->skip && strcmp(e->path, l->skip) == 0)
		return VSS_WALK_SKIP;
	if (l->stop && strcmp(e->path, l->stop) == 0) {
		vss_fail(err, VSS_BUSY, 0, "stopped");
		return VSS_WALK_STOP;
	}
	return VSS_WALK_ON;
}

static enum vss_walk_verdict
log_leave(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct log *l = ctx;
	struct stat st;
	(void)err;
	assert_int_equal(fstatat(e->dirfd, e->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_ino, e->st->st_ino);
	vss_buf_fmt(&l->text, "-%s ", e->path);
	return VSS_WALK_ON;
}

static enum vss_walk_verdict
log_trouble(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	struct log *l = ctx;
	assert_int_not_equal(err->code, VSS_OK);
	vss_buf_fmt(&l->text, "!%s ", e->path);
	return VSS_WALK_ON;
}

static const struct vss_walk_ops logging = { log_visit, log_leave, log_trouble, false, false };

static void
a_tree_is_walked_depth_first_in_byte_order(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "b");
	box_write(sub, "2", "");
	box_write(sub, "10", "");
	box_write(dir, "a", "");
	box_write(dir, "b-", "");
	box_write(dir, "\xff", "");
	box_write(dir, "B", "");
	assert_ok(vss_walk(dir, &logging, &l, &err), err);
	assert_string_equal(l.text.data, "+ +B +a +b +b/10 +b/2 -b +b- +\xff - ");
	vss_buf_free(&l.text);
}

static void
a_skipped_directory_is_neither_entered_nor_left(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { .skip = "d" };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "d");
	box_write(sub, "f", "");
	assert_ok(vss_walk(dir, &logging, &l, &err), err);
	assert_string_equal(l.text.data, "+ +d - ");
	vss_buf_free(&l.text);
}

static void
stopping_keeps_the_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { .stop = "d/f" };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "d");
	box_write(sub, "f", "");
	assert_int_equal(vss_walk(dir, &logging, &l, &err), -1);
	assert_string_equal(err.text, "stopped");
	assert_string_equal(l.text.data, "+ +d +d/f ");
	vss_buf_free(&l.text);
}

static void
links_are_visited_and_not_followed(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "d");
	box_write(sub, "f", "");
	assert_int_equal(symlinkat("d", dir, "e"), 0);
	assert_ok(vss_walk(dir, &logging, &l, &err), err);
	assert_string_equal(l.text.data, "+ +d +d/f -d +e - ");
	vss_buf_free(&l.text);
}

/* As soon as the directory was looked at, a link to another takes its place. */
static void
swap_for_link(const struct vss_walk_entry *e)
{
	if (strcmp(e->path, "d") != 0)
		return;
	assert_int_equal(renameat(e->dirfd, "d", e->dirfd, "was-d"), 0);
	assert_int_equal(symlinkat("elsewhere", e->dirfd, "d"), 0);
}

static void
a_link_that_takes_a_directorys_place_is_not_followed(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { .at_visit = swap_for_link, .skip = "elsewhere" };
	struct vss_walk_ops no_leave = logging;
	no_leave.leave = NULL;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int elsewhere = box_subdir(dir, "elsewhere");
	box_mkdir(dir, "d");
	box_write(elsewhere, "secret", "");
	assert_ok(vss_walk(dir, &no_leave, &l, &err), err);
	assert_string_equal(l.text.data, "+ +d !d +elsewhere ");
	vss_buf_free(&l.text);
}

static void
swap_for_directory(const struct vss_walk_entry *e)
{
	if (strcmp(e->path, "d") != 0)
		return;
	assert_int_equal(renameat(e->dirfd, "d", e->dirfd, "was-d"), 0);
	assert_int_equal(renameat(e->dirfd, "elsewhere", e->dirfd, "d"), 0);
}

static void
another_directory_in_its_place_is_noticed(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { .at_visit = swap_for_directory };
	struct vss_walk_ops no_leave = logging;
	no_leave.leave = NULL;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int elsewhere = box_subdir(dir, "elsewhere");
	box_mkdir(dir, "d");
	box_write(elsewhere, "secret", "");
	assert_ok(vss_walk(dir, &no_leave, &l, &err), err);
	assert_string_equal(l.text.data, "+ +d !d !elsewhere ");
	no_leave.trouble = NULL;
	vss_buf_reset(&l.text);
	assert_int_equal(renameat(dir, "d", dir, "elsewhere") + renameat(dir, "was-d", dir, "d"), 0);
	assert_int_equal(vss_walk(dir, &no_leave, &l, &err), -1);
	assert_int_equal(err.code, VSS_BUSY);
	assert_string_equal(err.text, "d: was replaced while it was being read");
	vss_buf_free(&l.text);
}

static void
take_away(const struct vss_walk_entry *e)
{
	if (strcmp(e->path, "a") == 0)
		assert_int_equal(unlinkat(e->dirfd, "b", 0), 0);
}

static void
an_entry_that_is_gone_is_trouble(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { .at_visit = take_away };
	VSS_AUTOCLOSE int dir = box_open(state);
	box_write(dir, "a", "");
	box_write(dir, "b", "");
	box_write(dir, "c", "");
	assert_ok(vss_walk(dir, &logging, &l, &err), err);
	assert_string_equal(l.text.data, "+ +a !b +c - ");
	vss_buf_free(&l.text);
}

static void
an_unreadable_directory_is_trouble_and_is_left(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { 0 };
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int sub = box_subdir(dir, "d");
	box_write(sub, "f", "");
	assert_int_equal(fchmod(sub, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(fchown(dir, 65534, 65534) + seteuid(65534), 0);
	int r = vss_walk(dir, &logging, &l, &err);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_ok(r, err);
	assert_string_equal(l.text.data, "+ +d !d -d - ");
	assert_int_equal(fchmod(sub, 0700), 0);
	vss_buf_free(&l.text);
}

static int
deepest_fd(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);
	close(fd);
	return fd;
}

static int highest;

static void
note_descriptors(const struct vss_walk_entry *e)
{
	(void)e;
	int fd = deepest_fd();
	if (fd > highest)
		highest = fd;
}

static void
a_tree_far_deeper_than_paths_and_descriptors_reach_is_walked(void **state)
{
	enum { DEPTH = 3000 };
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { .at_visit = note_descriptors };
	int before = deepest_fd();
	int at = box_open(state);
	for (int i = 0; i < DEPTH; i++) {
		int next = box_subdir(at, "deeper");
		if (i % 1000 == 500)
			box_write(at, "zfile", "");
		close(at);
		at = next;
	}
	close(at);
	VSS_AUTOCLOSE int dir = box_open(state);
	highest = 0;
	assert_ok(vss_walk(dir, &logging, &l, &err), err);
	assert_true(highest - before < 70);
	size_t visits = 0, leaves = 0, files = 0;
	for (const char *p = l.text.data; *p; p++) {
		visits += *p == '+';
		leaves += *p == '-';
		files += *p == 'z';
	}
	assert_int_equal(visits, DEPTH + 1 + 3);
	assert_int_equal(leaves, DEPTH + 1);
	assert_int_equal(files, 3);
	vss_buf_free(&l.text);
}

static void
another_file_system_is_visited_and_not_entered(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { 0 }, all = { 0 };
	struct vss_walk_ops one = logging;
	one.one_file_system = true;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_mkdir(dir, "m");
	VSS_AUTOFREE char *path = box_path(state, "m");
	assert_int_equal(mount("small", path, "tmpfs", 0, "size=1m"), 0);
	int inside = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	box_write(inside, "f", "");
	close(inside);
	assert_ok(vss_walk(dir, &one, &l, &err), err);
	assert_string_equal(l.text.data, "+ +m -m - ");
	assert_ok(vss_walk(dir, &logging, &all, &err), err);
	assert_string_equal(all.text.data, "+ +m +m/f -m - ");
	vss_buf_free(&l.text);
	vss_buf_free(&all.text);
	assert_int_equal(umount(path), 0);
}

static void
shadow_storage_is_left_out_and_what_only_looks_like_it_is_not(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { 0 };
	struct vss_walk_ops skipping = logging;
	skipping.skip_shadows = true;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int real = box_subdir(dir, ".vss-shadows");
	VSS_AUTOCLOSE int sub = box_subdir(dir, "sub");
	VSS_AUTOCLOSE int open_to_all = box_subdir(sub, ".vss-shadows");
	VSS_AUTOCLOSE int other = box_subdir(dir, "other");
	VSS_AUTOCLOSE int no_mark = box_subdir(other, ".vss-shadows");
	box_write(real, VSS_SHADOW_MARK, "");
	assert_int_equal(fchmod(real, 0700), 0);
	box_write(open_to_all, VSS_SHADOW_MARK, "");
	assert_int_equal(fchmod(no_mark, 0700), 0);
	assert_true(vss_is_shadow_storage(dir, ".vss-shadows"));
	assert_false(vss_is_shadow_storage(dir, "sub"));
	assert_ok(vss_walk(dir, &skipping, &l, &err), err);
	assert_string_equal(l.text.data, "+ +other +other/.vss-shadows -other/.vss-shadows -other "
					 "+sub +sub/.vss-shadows +sub/.vss-shadows/.vss -sub/.vss-shadows -sub - ");
	vss_buf_free(&l.text);
}

static void
the_root_may_be_known_by_path_alone(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct log l = { 0 };
	VSS_AUTOCLOSE int dir = open(*state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	VSS_AUTOCLOSE int readable = box_open(state);
	box_write(readable, "f", "");
	assert_ok(vss_walk(dir, &logging, &l, &err), err);
	assert_string_equal(l.text.data, "+ +f - ");
	vss_buf_free(&l.text);
}

static size_t counted;

static enum vss_walk_verdict
count(void *ctx, const struct vss_walk_entry *e, struct vss_err *err)
{
	(void)ctx;
	(void)e;
	(void)err;
	counted++;
	return VSS_WALK_ON;
}

static long
peak_kib(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
names_of_one_directory_take_little_more_than_their_length(void **state)
{
	STAGE_NEEDS_MOUNTS();
	enum { NAMES = 200000, BYTES_EACH = 50 }; /* so a million fit into 64 MiB */
	struct vss_err err = VSS_ERR_INIT;
	const struct vss_walk_ops ops = { .visit = count };
	assert_int_equal(mount("names", *state, "tmpfs", 0, NULL), 0);
	int dir = box_open(state);
	for (int i = 0; i < NAMES; i++) {
		char name[40];
		snprintf(name, sizeof name, "a-name-of-usual-length-%08d", i);
		assert_int_equal(mknodat(dir, name, S_IFREG | 0600, 0), 0);
	}
	long before = peak_kib();
	counted = 0;
	assert_ok(vss_walk(dir, &ops, NULL, &err), err);
	assert_int_equal(counted, NAMES + 1);
#ifndef __SANITIZE_ADDRESS__
	assert_true(peak_kib() - before < NAMES * BYTES_EACH / 1024);
#else
	(void)before;
#endif
	close(dir);
	assert_int_equal(umount2(*state, MNT_DETACH), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(
			names_of_one_directory_take_little_more_than_their_length), /* first: it looks at the peak of memory */
		BOX_TEST(a_tree_is_walked_depth_first_in_byte_order),
		BOX_TEST(a_skipped_directory_is_neither_entered_nor_left),
		BOX_TEST(stopping_keeps_the_error),
		BOX_TEST(links_are_visited_and_not_followed),
		BOX_TEST(a_link_that_takes_a_directorys_place_is_not_followed),
		BOX_TEST(another_directory_in_its_place_is_noticed),
		BOX_TEST(an_entry_that_is_gone_is_trouble),
		BOX_TEST(an_unreadable_directory_is_trouble_and_is_left),
		BOX_TEST(a_tree_far_deeper_than_paths_and_descriptors_reach_is_walked),
		BOX_TEST(another_file_system_is_visited_and_not_entered),
		BOX_TEST(shadow_storage_is_left_out_and_what_only_looks_like_it_is_not),
		BOX_TEST(the_root_may_be_known_by_path_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
