/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy.h"

#include "base/time.h"
#include "lib/box.h"
#include "lib/stage.h"
#include "tree/content_internal.h"

#include <sys/mount.h>

#define TIB (1ull << 40)

static int
make_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	return fd;
}

static uint64_t
allocated(int fd)
{
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static uint64_t
size_of(int fd)
{
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_size;
}

/* 20 MiB, no two blocks alike, with a hole in the middle and one at the end. */
static uint64_t
fill(int fd)
{
	uint64_t *block = vss_alloc(1 << 20);
	for (uint64_t i = 0; i < 20; i++) {
		if (i == 10)
			continue;
		for (size_t k = 0; k < (1 << 20) / sizeof *block; k++)
			block[k] = (i << 32) + k;
		assert_int_equal(pwrite(fd, block, 1 << 20, (off_t)(i << 20)), 1 << 20);
	}
	free(block);
	assert_int_equal(ftruncate(fd, (20 << 20) + 5000), 0);
	return (20 << 20) + 5000;
}

static void
check_copy(int in, int out, uint64_t size)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_ok(vss_copy_data(in, out, size, &err), err);
	assert_int_equal(size_of(out), size);
	assert_int_equal(vss_content_differs(in, out, size, &err), 0);
}

static void
content_and_holes_are_copied(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int in = make_file(dir, "in");
	VSS_AUTOCLOSE int out = make_file(dir, "out");
	check_copy(in, out, fill(in));
	assert_true(allocated(out) <= 19 << 20);
}

static void
it_works_between_file_systems_too(void **state)
{
	STAGE_NEEDS_MOUNTS();
	VSS_AUTOCLOSE int dir = box_open(state);
	box_mkdir(dir, "m");
	VSS_AUTOFREE char *path = box_path(state, "m");
	assert_int_equal(mount("other", path, "tmpfs", 0, "size=64m"), 0);
	VSS_AUTOCLOSE int in = make_file(dir, "in");
	int out = make_file(dir, "m/out");
	check_copy(in, out, fill(in));
	close(out);
	assert_int_equal(umount(path), 0);
}

static void
a_reflink_shares_what_it_can_and_has_the_asked_size(void **state)
{
	STAGE_NEEDS_BTRFS(state);
	VSS_AUTOCLOSE int box = box_open(state);
	int dir = openat(box, "top", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int in = make_file(dir, "in"), out = make_file(dir, "out"), part = make_file(dir, "part");
	uint64_t size = fill(in);
	check_copy(in, out, size);
	check_copy(in, part, size / 2);
	close(in);
	close(out);
	close(part);
	close(dir);
	VSS_AUTOFREE char *top = box_path(state, "top");
	assert_int_equal(umount(top), 0);
}

static void
a_sparse_terabyte_takes_no_time(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int in = make_file(dir, "in");
	VSS_AUTOCLOSE int out = make_file(dir, "out");
	assert_int_equal(pwrite(in, "x", 1, TIB / 2), 1);
	assert_int_equal(ftruncate(in, TIB), 0);
	int64_t start = vss_now_mono();
	assert_ok(vss_copy_data(in, out, TIB, &err), err);
	assert_int_equal(vss_content_differs(in, out, TIB, &err), 0);
	assert_true(vss_now_mono() - start < 60 * VSS_S);
	assert_int_equal(size_of(out), TIB);
	assert_true(allocated(out) < 1 << 20);
}

static void
a_file_that_is_shorter_than_told_is_an_error(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int in = make_file(dir, "in");
	VSS_AUTOCLOSE int out = make_file(dir, "out");
	uint64_t size = fill(in);
	assert_int_equal(vss_copy_data(in, out, size + 1, &err), -1);
	assert_int_equal(err.code, VSS_CORRUPT);
}

static void
an_empty_file_is_copied(void **state)
{
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int in = make_file(dir, "in");
	VSS_AUTOCLOSE int out = make_file(dir, "out");
	check_copy(in, out, 0);
}

static void
a_full_disk_is_told(void **state)
{
	STAGE_NEEDS_MOUNTS();
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	box_mkdir(dir, "m");
	VSS_AUTOFREE char *path = box_path(state, "m");
	assert_int_equal(mount("small", path, "tmpfs", 0, "size=1m"), 0);
	VSS_AUTOCLOSE int in = make_file(dir, "in");
	int out = make_file(dir, "m/out");
	uint64_t size = fill(in);
	assert_int_equal(vss_copy_data(in, out, size, &err), -1);
	assert_int_equal(err.code, VSS_NOSPACE);
	close(out);
	assert_int_equal(umount(path), 0);
}

static void
a_hole_equals_zeros_and_any_other_byte_does_not(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int a = make_file(dir, "a");
	VSS_AUTOCLOSE int b = make_file(dir, "b");
	VSS_AUTOFREE char *zeros = vss_alloc(1 << 20);
	assert_int_equal(ftruncate(a, 3 << 20) + ftruncate(b, 3 << 20), 0);
	assert_int_equal(pwrite(a, zeros, 1 << 20, 1 << 20), 1 << 20);
	assert_int_equal(vss_content_differs(a, b, 3 << 20, &err), 0);
	assert_int_equal(pwrite(b, "x", 1, (3 << 20) - 1), 1);
	assert_int_equal(vss_content_differs(a, b, 3 << 20, &err), 1);
	assert_int_equal(vss_content_differs(b, a, 3 << 20, &err), 1);
	/* Data in one, and no more than a hole in the other. */
	assert_int_equal(ftruncate(b, 0) + ftruncate(b, 3 << 20), 0);
	assert_int_equal(pwrite(a, "y", 1, 1 << 20), 1);
	assert_int_equal(vss_content_differs(a, b, 3 << 20, &err), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(content_and_holes_are_copied),
		BOX_TEST(it_works_between_file_systems_too),
		BOX_TEST(a_reflink_shares_what_it_can_and_has_the_asked_size),
		BOX_TEST(a_sparse_terabyte_takes_no_time),
		BOX_TEST(a_file_that_is_shorter_than_told_is_an_error),
		BOX_TEST(an_empty_file_is_copied),
		BOX_TEST(a_full_disk_is_told),
		BOX_TEST(a_hole_equals_zeros_and_any_other_byte_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
