/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "os/child.h"
#include "tree/beneath.h"

#include <sys/xattr.h>

/* What GNU tar, bsdtar and zstd make of an archive, in two locales. */

static const char acl[] = { 2, 0, 0, 0, 1, 0, 6, 0, -1, -1, -1, -1, 2, 0, 4, 0, -46, 4, 0, 0, 4, 0, 4, 0, -1, -1, -1,
	-1, 16, 0, 4, 0, -1, -1, -1, -1, 32, 0, 4, 0, -1, -1, -1, -1 };
static char long_name[201], wide_name[201], bad_name[201], deep[4001];

static const char *
fill(char *out, size_t n, const char *pattern)
{
	for (size_t i = 0; i < n; i++)
		out[i] = pattern[i % strlen(pattern)];
	return out;
}

/* Some bytes of a database, not at blocks, and the line that says where the rest is. */
static void
put_ranges(struct vss_archive_writer *w)
{
	struct vss_member_extent ranges[] = { { 10, 3 }, { 700, 2 }, { (1ULL << 30) - 1, 1 } };
	struct vss_member m = arc_plain("srv/db", S_IFREG | 0600);

	m.partial = m.sparse = m.has_identity = m.has_ctime = true;
	m.inode = 12345;
	m.extents = ranges;
	m.nextents = 3;
	m.size = 1ULL << 30;
	arc_member(w, &m, "abcdeX");
	arc_unchanged(w, &m, 0);
}

static int
make_archive(void **state)
{
	VSS_AUTOFREE char *path = box_path(state, "a.tar.zst");
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member_extent extents[] = { { 4096, 4 }, { (1ULL << 39) + 1, 4 } };
	struct vss_member_xattr xattrs[] = { { arc_word("system.posix_acl_access"), arc_word(acl), sizeof acl },
		{ arc_word("user.bin"), arc_word("\xff=\n\1"), 4 } };
	struct vss_member m;

	arc_document(w, "RECOVER.txt", "x");
	m = arc_plain("attr", S_IFREG | 0644);
	m.xattrs = xattrs;
	m.nxattrs = 2;
	arc_member(w, &m, "");
	arc_file(w, "bad\xff\xfe", "x", 1);
	arc_file(w, "caf\xc3\xa9", "x", 1);
	arc_file(w, fill(bad_name, 200, "\xfe"), "x", 1);
	arc_file(w, fill(deep, 3999, "0123456789abcdef/"), "deep", 4);
	arc_dir(w, "dir");
	arc_file(w, "new\nline", "x", 1);
	arc_file(w, "quo'te\"\\", "x", 1);
	arc_file(w, fill(long_name, 200, "n"), "x", 1);
	arc_file(w, fill(wide_name, 200, "\xc3\xa9"), "x", 1);
	m = arc_plain("hard", S_IFREG | 0644);
	m.hardlink = arc_word("attr");
	arc_member(w, &m, NULL);
	m = arc_plain("link", S_IFLNK | 0777);
	m.link = deep;
	arc_member(w, &m, NULL);
	m = arc_plain("old", S_IFREG | 04755);
	m.mtime_s = -5;
	m.mtime_ns = 0;
	m.uid = 3000000;
	m.gid = 2999999;
	arc_member(w, &m, "");
	m = arc_plain("sparse", S_IFREG | 0600);
	m.sparse = true;
	m.extents = extents;
	m.nextents = 2;
	m.size = 1ULL << 40;
	arc_member(w, &m, "headtail");
	put_ranges(w);
	arc_finish(w);
	return fd;
}

static void
run(const char *const *argv)
{
	VSS_AUTOBUF struct vss_buf out = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	assert_ok(vss_run(argv, 60000, 1 << 20, &out, &err), err);
}

/* The path may be longer than the system takes at once. */
static int
open_far(int dirfd, const char *path)
{
	struct vss_err err = VSS_ERR_INIT;
	int fd;

	assert_ok(fd = vss_open_beneath(dirfd, path, O_RDONLY, 0, &err), err);
	return fd;
}

static void
has_content(int dirfd, const char *path, const char *text)
{
	VSS_AUTOCLOSE int fd = open_far(dirfd, path);
	char got[64] = "";
	struct stat st;

	assert_true(read(fd, got, sizeof got - 1) >= 0);
	assert_string_equal(got, text);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
	assert_int_equal(st.st_mtim.tv_nsec, 123456789);
}

static void
has_holes(int dirfd)
{
	VSS_AUTOCLOSE int fd = open_far(dirfd, "sparse");
	char got[4];
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1LL << 40);
	assert_true(st.st_blocks < 1000);
	assert_int_equal(pread(fd, got, 4, (1LL << 39) + 1), 4);
	assert_memory_equal(got, "tail", 4);
}

static void
has_ranges(int dirfd)
{
	VSS_AUTOCLOSE int fd = open_far(dirfd, ".vss/partial/srv/db");
	char got[4];
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1LL << 30);
	assert_true(st.st_blocks < 1000);
	assert_int_equal(pread(fd, got, 4, 10), 4);
	assert_memory_equal(got, "abc\0", 4);
	assert_int_equal(pread(fd, got, 3, 700), 3);
	assert_memory_equal(got, "de\0", 3);
	assert_int_equal(pread(fd, got, 4, (1LL << 30) - 2), 2);
	assert_memory_equal(got, "\0X", 2);
	assert_int_equal(faccessat(dirfd, "srv", F_OK, 0), -1);
}

static void
has_attributes(int dirfd)
{
	VSS_AUTOCLOSE int fd = open_far(dirfd, "attr");
	char got[256];
	struct stat st, hard;

	assert_int_equal(fgetxattr(fd, "system.posix_acl_access", got, sizeof got), sizeof acl);
	assert_memory_equal(got, acl, sizeof acl);
	assert_int_equal(fgetxattr(fd, "user.bin", got, sizeof got), 4);
	assert_memory_equal(got, "\xff=\n\1", 4);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	assert_int_equal(fstatat(dirfd, "hard", &hard, 0), 0);
	assert_int_equal(st.st_ino, hard.st_ino);
	assert_int_equal(fstatat(dirfd, "old", &st, 0), 0);
	assert_int_equal(st.st_uid, 3000000);
	assert_int_equal(st.st_gid, 2999999);
	assert_int_equal(st.st_mode, S_IFREG | 04755);
	assert_int_equal(st.st_mtim.tv_sec, -5);
}

static void
check_tree(int dirfd)
{
	static const char *const small[] = { "bad\xff\xfe", "caf\xc3\xa9", "new\nline", "quo'te\"\\", long_name,
		wide_name, bad_name };
	char target[4096];

	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		has_content(dirfd, small[i], "x");
	has_content(dirfd, deep, "deep");
	assert_int_equal(readlinkat(dirfd, "link", target, sizeof target), 3999);
	assert_memory_equal(target, deep, 3999);
	has_holes(dirfd);
	has_ranges(dirfd);
	has_attributes(dirfd);
}

static void
extract(void **state, const char *const *words, const char *locale)
{
	VSS_AUTOFREE char *archive = box_path(state, "a.tar.zst"), *dir = box_path(state, "out");
	VSS_AUTOFREE char *lc = vss_strf("LC_ALL=%s", locale);
	const char *argv[16] = { "/usr/bin/env", lc };
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	VSS_AUTOCLOSE int out = box_subdir(box, "out");
	size_t n = 2;

	while (*words)
		argv[n++] = *words++;
	argv[n++] = archive;
	argv[n++] = "-C";
	argv[n++] = dir;
	run(argv);
	check_tree(out);
	assert_ok(vss_remove_tree(box, "out", &err), err);
}

static void
gnu_tar_restores_it(void **state)
{
	static const char *const words[] = { "tar", "--zstd", "--xattrs", "--xattrs-include=*", "--acls", "-xpf",
		NULL };
	VSS_AUTOCLOSE int fd = -1;

	BOX_NEEDS_ROOT();
	fd = make_archive(state);
	extract(state, words, "C");
	extract(state, words, "C.UTF-8");
}

static void
bsdtar_restores_it(void **state)
{
	static const char *const words[] = { "bsdtar", "-xpf", NULL };
	VSS_AUTOCLOSE int fd = -1;

	BOX_NEEDS_ROOT();
	fd = make_archive(state);
	extract(state, words, "C.UTF-8");
}

static void
they_list_and_test_it(void **state)
{
	VSS_AUTOCLOSE int fd = make_archive(state);
	VSS_AUTOFREE char *archive = box_path(state, "a.tar.zst");

	run((const char *const[]){ "/usr/bin/zstd", "-tq", archive, NULL });
	run((const char *const[]){ "/usr/bin/env", "tar", "--zstd", "-tf", archive, NULL });
	run((const char *const[]){ "/usr/bin/env", "LC_ALL=C.UTF-8", "bsdtar", "-tf", archive, NULL });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(gnu_tar_restores_it),
		BOX_TEST(bsdtar_restores_it),
		BOX_TEST(they_list_and_test_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
