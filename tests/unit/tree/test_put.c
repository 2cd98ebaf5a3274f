/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/put_internal.h"

#include "lib/box.h"

#include <sys/sysmacros.h>

static struct vss_attr
attr(mode_t mode)
{
	return (struct vss_attr){ .mode = mode,
		.uid = geteuid(),
		.gid = getegid(),
		.mtime_s = 1000000000,
		.mtime_ns = 123456789,
		.atime_s = 1000000001,
		.atime_ns = 5 };
}

static struct vss_put *
putter(int rootfd, enum vss_put_existing existing, unsigned more)
{
	struct vss_put_options o = { rootfd, existing, VSS_APPLY_XATTR | VSS_APPLY_TIMES | VSS_APPLY_OWNER | more };
	return vss_put_new(&o);
}

static int
put_text(struct vss_put *p, const char *path, const char *text, struct vss_err *err)
{
	struct vss_attr a = attr(S_IFREG | 0640);
	int fd, rc = vss_put_open(p, path, &fd, err);

	if (rc != 0)
		return rc;
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	a.size = strlen(text);
	return vss_put_close(p, &a, err);
}

static struct stat
look(int fd, const char *path)
{
	struct stat st;
	assert_int_equal(fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static void
a_file_gets_its_content_mode_and_times(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);

	assert_ok(put_text(p, "a/b/f", "hello", &err), err);
	assert_ok(vss_put_finish(p, &err), err);
	struct stat st = look(root, "a/b/f");
	assert_string_equal(box_read(root, "a/b/f"), "hello");
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_mtim.tv_sec, 1000000000);
	assert_int_equal(st.st_mtim.tv_nsec, 123456789);
	vss_put_free(p);
}

static void
what_comes_when_its_directory_was_left_does_not_change_its_times(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	struct vss_attr d = attr(S_IFDIR | 0700);

	assert_ok(vss_put_entry(p, "d", &d, &err), err);
	assert_ok(vss_put_entry(p, "d/e", &d, &err), err);
	assert_ok(put_text(p, "f", "x", &err), err);
	assert_ok(put_text(p, "d/e/late", "y", &err), err);
	assert_ok(put_text(p, "d/late", "z", &err), err);
	assert_ok(vss_put_finish(p, &err), err);
	assert_int_equal(look(root, "d").st_mtim.tv_sec, 1000000000);
	assert_int_equal(look(root, "d/e").st_mtim.tv_sec, 1000000000);
	assert_string_equal(box_read(root, "d/e/late"), "y");
	vss_put_free(p);
}

static void
a_directory_gets_mode_and_times_after_its_content(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	struct vss_attr d = attr(S_IFDIR | 0500);

	assert_ok(vss_put_entry(p, "d", &d, &err), err);
	assert_ok(vss_put_entry(p, "d/e", &d, &err), err);
	assert_ok(put_text(p, "d/e/f", "x", &err), err);
	assert_ok(put_text(p, "d/g", "y", &err), err);
	assert_ok(vss_put_finish(p, &err), err);
	assert_int_equal(look(root, "d").st_mode & 07777, 0500);
	assert_int_equal(look(root, "d").st_mtim.tv_nsec, 123456789);
	assert_int_equal(look(root, "d/e").st_mtim.tv_nsec, 123456789);
	vss_put_free(p);
}

static void
directories_deeper_than_the_descriptors_kept_open(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	struct vss_attr d = attr(S_IFDIR | 0755);
	struct vss_buf path = VSS_BUF_INIT;

	for (int i = 0; i < 300; i++) {
		vss_buf_str(&path, i ? "/d" : "d");
		assert_ok(vss_put_entry(p, path.data, &d, &err), err);
	}
	vss_buf_str(&path, "/f");
	assert_ok(put_text(p, path.data, "deep", &err), err);
	assert_ok(vss_put_finish(p, &err), err);
	assert_string_equal(box_read(root, path.data), "deep");
	assert_int_equal(look(root, "d").st_mtim.tv_sec, 1000000000);
	assert_int_equal(look(root, "d/d/d").st_mtim.tv_sec, 1000000000);
	vss_buf_free(&path);
	vss_put_free(p);
}

static void
a_link_that_took_the_place_of_a_directory_is_not_followed(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	VSS_AUTOCLOSE int root = box_subdir(box, "root");
	box_mkdir(box, "outside");
	struct vss_put *p = putter(root, VSS_PUT_REPLACE, 0);

	assert_int_equal(symlinkat("../outside", root, "d"), 0);
	assert_int_equal(put_text(p, "d/f", "x", &err), -1);
	assert_false(box_has(box, "outside/f"));
	assert_int_equal(put_text(p, "../outside/f", "x", &err), -1);
	assert_int_equal(put_text(p, "/outside/f", "x", &err), -1);
	assert_false(box_has(box, "outside/f"));
	vss_put_free(p);
}

static void
a_directory_swapped_for_a_link_keeps_its_attributes_to_itself(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	VSS_AUTOCLOSE int root = box_subdir(box, "root");
	box_mkdir(box, "outside");
	struct stat before = look(box, "outside");
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	struct vss_attr d = attr(S_IFDIR | 0777);

	assert_ok(vss_put_entry(p, "d", &d, &err), err);
	assert_int_equal(renameat(root, "d", root, "moved"), 0);
	assert_int_equal(symlinkat("../outside", root, "d"), 0);
	assert_ok(vss_put_finish(p, &err), err);
	assert_int_equal(look(box, "outside").st_mode, before.st_mode);
	assert_int_equal(look(root, "moved").st_mode & 07777, 0777);
	vss_put_free(p);
}

static void
what_is_there_is_refused_skipped_replaced_or_kept_beside(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);

	box_write(root, "f", "old");
	assert_int_equal(put_text(p, "f", "new", &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
	vss_put_set_existing(p, VSS_PUT_SKIP);
	assert_int_equal(put_text(p, "f", "new", &err), 1);
	assert_string_equal(box_read(root, "f"), "old");
	vss_put_set_existing(p, VSS_PUT_KEEP_BOTH);
	assert_ok(put_text(p, "f", "new", &err), err);
	assert_ok(put_text(p, "f", "newer", &err), err);
	assert_string_equal(box_read(root, "f"), "old");
	assert_string_equal(box_read(root, "f.restored"), "new");
	assert_string_equal(box_read(root, "f.restored-2"), "newer");
	vss_put_set_existing(p, VSS_PUT_REPLACE);
	assert_ok(put_text(p, "f", "new", &err), err);
	assert_string_equal(box_read(root, "f"), "new");
	vss_put_free(p);
}

static void
hard_links_go_only_to_what_was_put(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);

	box_write(root, "foreign", "secret");
	assert_ok(put_text(p, "f", "mine", &err), err);
	assert_ok(vss_put_link(p, "d/g", "f", &err), err);
	assert_int_equal(look(root, "f").st_ino, look(root, "d/g").st_ino);
	assert_int_equal(vss_put_link(p, "h", "foreign", &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_false(box_has(root, "h"));
	vss_put_free(p);
}

static void
a_hard_link_finds_what_was_kept_beside_under_another_name(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_KEEP_BOTH, 0);

	box_write(root, "f", "foreign");
	box_write(root, "f.restored", "foreign, too");
	assert_ok(put_text(p, "f", "mine", &err), err);
	assert_ok(vss_put_link(p, "d/g", "f", &err), err);
	assert_string_equal(box_read(root, "f"), "foreign");
	assert_string_equal(box_read(root, "d/g"), "mine");
	assert_int_equal(look(root, "f.restored-2").st_ino, look(root, "d/g").st_ino);
	vss_put_free(p);
}

static void
a_hard_link_that_is_there_is_left_alone_whatever_it_is_a_link_of(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_SKIP, 0);

	box_write(root, "f", "foreign");
	box_write(root, "g", "foreign, too");
	assert_int_equal(put_text(p, "f", "mine", &err), 1);
	assert_int_equal(vss_put_link(p, "g", "f", &err), 1);
	assert_int_equal(vss_put_link(p, "h", "f", &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_false(box_has(root, "h"));
	vss_put_free(p);
}

static void
parents_that_nobody_described_are_made_as_mkdir_would(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	mode_t mask = umask(027);

	assert_ok(put_text(p, "a/b/f", "x", &err), err);
	umask(mask);
	assert_int_equal(look(root, "a").st_mode & 07777, 0750);
	assert_int_equal(look(root, "a/b").st_mode & 07777, 0750);
	vss_put_free(p);
}

static void
a_directory_on_the_way_gets_its_attributes_only_where_it_is_missing(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	struct vss_attr d = attr(S_IFDIR | 0711);

	box_mkdir(root, "there");
	struct stat before = look(root, "there");
	assert_ok(vss_put_way(p, ".", &d, &err), err);
	assert_ok(vss_put_way(p, "there", &d, &err), err);
	assert_ok(vss_put_way(p, "there/missing", &d, &err), err);
	assert_ok(put_text(p, "there/missing/f", "x", &err), err);
	box_write(root, "file", "in the way");
	assert_ok(vss_put_way(p, "file", &d, &err), err); /* what is to go below will tell */
	assert_ok(vss_put_finish(p, &err), err);
	assert_int_equal(look(root, "there").st_mode, before.st_mode);
	assert_int_equal(look(root, "there/missing").st_mode & 07777, 0711);
	assert_int_equal(look(root, "there/missing").st_mtim.tv_nsec, 123456789);
	vss_put_free(p);
}

/* What a hostile archive may say, in an order that no writer of ours would choose; all of it below `root` in a box. */
static void
nothing_gets_out_of_the_root_whatever_the_order(void **state)
{
	static const char *const out[] = { "../outside/f", "/tmp/vss-put-out", "a/../../outside/f", "l/f", "l/d/f",
		"a//f", "a/./f", "", ".." };
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	VSS_AUTOCLOSE int root = box_subdir(box, "root");
	VSS_AUTOCLOSE int outside = box_subdir(box, "outside");
	struct vss_put *p = putter(root, VSS_PUT_REPLACE, 0);
	struct vss_attr l = attr(S_IFLNK | 0777), d = attr(S_IFDIR | 0755);
	char target[] = "../outside";

	box_write(outside, "secret", "secret");
	l.link = target;
	assert_ok(vss_put_entry(p, "l", &l, &err), err);
	for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
		assert_int_equal(put_text(p, out[i], "x", &err), -1);
		assert_int_equal(vss_put_entry(p, out[i], &l, &err), -1);
		assert_int_equal(vss_put_link(p, out[i], "l", &err), -1);
		assert_int_equal(vss_put_link(p, "g", out[i], &err), -1);
	}
	assert_int_equal(vss_put_link(p, "g", "../outside/secret", &err), -1);
	assert_int_equal(vss_put_link(p, "g", "l/secret", &err), -1);
	assert_int_equal(vss_put_way(p, "l/made", &d, &err), -1);
	assert_ok(vss_put_link(p, "m", "l", &err), err); /* another name of the link itself */
	assert_true(S_ISLNK(look(root, "m").st_mode));
	/* a link that becomes a directory, and back */
	assert_ok(vss_put_entry(p, "l", &d, &err), err);
	assert_ok(put_text(p, "l/f", "inside", &err), err);
	assert_int_equal(vss_put_entry(p, "l", &l, &err), -1);
	assert_ok(vss_put_finish(p, &err), err);
	vss_put_free(p);
	assert_string_equal(box_read(root, "l/f"), "inside");
	assert_false(box_has(outside, "f"));
	assert_false(box_has(outside, "made"));
	assert_false(box_has(root, "g"));
}

static void
a_path_that_comes_twice_is_the_last_one_and_no_link_writes_through(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REPLACE, 0);

	assert_ok(put_text(p, "f", "one", &err), err);
	assert_ok(vss_put_link(p, "g", "f", &err), err);
	assert_ok(put_text(p, "f", "two", &err), err);
	assert_string_equal(box_read(root, "g"), "one");
	assert_string_equal(box_read(root, "f"), "two");
	assert_ok(vss_put_link(p, "f", "g", &err), err);
	assert_string_equal(box_read(root, "f"), "one");
	assert_ok(vss_put_link(p, "f", "f", &err), err); /* of itself */
	assert_string_equal(box_read(root, "f"), "one");
	vss_put_free(p);
	assert_int_equal(look(root, "f").st_nlink, 2);
}

static void
each_file_system_below_the_root_is_written_to_its_disk(void **state)
{
	struct vss_err err = VSS_ERR_INIT;

	BOX_NEEDS_ROOT();
	VSS_AUTOCLOSE int root = box_open(state);
	VSS_AUTOFREE char *mounted = box_path(state, "mounted");
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	box_mkdir(root, "mounted");
	if (mount("other", mounted, "tmpfs", 0, "size=1m") != 0)
		skip();
	assert_ok(put_text(p, "f", "x", &err), err);
	assert_int_equal(p->ndisks, 1);
	assert_ok(put_text(p, "mounted/f", "x", &err), err);
	assert_ok(put_text(p, "d/f", "x", &err), err);
	assert_int_equal(p->ndisks, 2);
	assert_ok(vss_put_finish(p, &err), err);
	assert_ok(vss_put_sync(p, &err), err);
	vss_put_free(p);
	assert_int_equal(umount(mounted), 0); /* nothing holds it */
}

static void
a_dropped_file_leaves_nothing(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	int fd;

	assert_ok(vss_put_open(p, "f", &fd, &err), err);
	assert_int_equal(write(fd, "half", 4), 4);
	vss_put_drop(p);
	vss_put_free(p);
	struct stat st = look(root, ".");
	assert_false(box_has(root, "f"));
	assert_true(st.st_nlink >= 1);
	assert_int_equal(unlinkat(AT_FDCWD, *state, AT_REMOVEDIR), 0); /* it is empty */
	assert_int_equal(mkdir(*state, 0700), 0);
}

static void
links_and_nodes_and_what_is_not_trusted(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int root = box_open(state);
	struct vss_put *p = putter(root, VSS_PUT_REFUSE, 0);
	struct vss_attr l = attr(S_IFLNK | 0777), f = attr(S_IFIFO | 0600), n = attr(S_IFCHR | 0600);
	char target[] = "no/where";

	l.link = target;
	n.rdev = makedev(1, 3);
	assert_ok(vss_put_entry(p, "l", &l, &err), err);
	assert_ok(vss_put_entry(p, "fifo", &f, &err), err);
	assert_int_equal(vss_put_entry(p, "null", &n, &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_true(S_ISLNK(look(root, "l").st_mode));
	assert_int_equal(look(root, "l").st_mtim.tv_nsec, 123456789);
	assert_true(S_ISFIFO(look(root, "fifo").st_mode));
	assert_false(box_has(root, "null"));
	vss_put_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_file_gets_its_content_mode_and_times),
		BOX_TEST(a_directory_gets_mode_and_times_after_its_content),
		BOX_TEST(what_comes_when_its_directory_was_left_does_not_change_its_times),
		BOX_TEST(directories_deeper_than_the_descriptors_kept_open),
		BOX_TEST(a_link_that_took_the_place_of_a_directory_is_not_followed),
		BOX_TEST(a_directory_swapped_for_a_link_keeps_its_attributes_to_itself),
		BOX_TEST(what_is_there_is_refused_skipped_replaced_or_kept_beside),
		BOX_TEST(hard_links_go_only_to_what_was_put),
		BOX_TEST(a_hard_link_finds_what_was_kept_beside_under_another_name),
		BOX_TEST(a_hard_link_that_is_there_is_left_alone_whatever_it_is_a_link_of),
		BOX_TEST(parents_that_nobody_described_are_made_as_mkdir_would),
		BOX_TEST(a_directory_on_the_way_gets_its_attributes_only_where_it_is_missing),
		BOX_TEST(nothing_gets_out_of_the_root_whatever_the_order),
		BOX_TEST(a_path_that_comes_twice_is_the_last_one_and_no_link_writes_through),
		BOX_TEST(each_file_system_below_the_root_is_written_to_its_disk),
		BOX_TEST(a_dropped_file_leaves_nothing),
		BOX_TEST(links_and_nodes_and_what_is_not_trusted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
