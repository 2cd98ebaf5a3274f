/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree/copy.h"

#include "lib/box.h"

#define MIB (1ull << 20)

static int
make_file(int dir, uint64_t size)
{
	int fd = openat(dir, "f", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void
put_data(int fd, uint64_t at, size_t n)
{
	VSS_AUTOFREE char *data = vss_alloc(n);
	memset(data, 'd', n);
	assert_int_equal(pwrite(fd, data, n, (off_t)at), n);
}

static void
assert_extent(const struct vss_extents *x, size_t i, uint64_t at, uint64_t len)
{
	assert_true(i < x->n);
	assert_int_equal(x->v[i].at, at);
	assert_int_equal(x->v[i].len, len);
}

static void
a_file_without_holes_is_one_piece(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_extents x;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, 0);
	put_data(fd, 0, 10000);
	assert_ok(vss_extents_of(fd, 10000, 100, &x, &err), err);
	assert_int_equal(x.n, 1);
	assert_extent(&x, 0, 0, 10000);
	vss_extents_free(&x);
}

static void
empty_files_and_files_of_holes_have_no_pieces(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_extents x;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, 0);
	assert_ok(vss_extents_of(fd, 0, 100, &x, &err), err);
	assert_int_equal(x.n, 0);
	assert_int_equal(ftruncate(fd, 5 * MIB), 0);
	assert_ok(vss_extents_of(fd, 5 * MIB, 100, &x, &err), err);
	assert_int_equal(x.n, 0);
}

static void
data_between_holes_is_found_and_the_offset_stays(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_extents x;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, 10 * MIB);
	put_data(fd, 2 * MIB, MIB);
	put_data(fd, 5 * MIB, 65536);
	assert_int_equal(lseek(fd, 4711, SEEK_SET), 4711);
	assert_ok(vss_extents_of(fd, 10 * MIB, 100, &x, &err), err);
	assert_int_equal(x.n, 2);
	assert_extent(&x, 0, 2 * MIB, MIB);
	assert_extent(&x, 1, 5 * MIB, 65536);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 4711);
	vss_extents_free(&x);
}

static void
nothing_beyond_the_given_size_counts(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_extents x;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, 10 * MIB);
	put_data(fd, 2 * MIB, MIB);
	put_data(fd, 5 * MIB, 65536);
	assert_ok(vss_extents_of(fd, 2 * MIB + 100, 100, &x, &err), err);
	assert_int_equal(x.n, 1);
	assert_extent(&x, 0, 2 * MIB, 100);
	vss_extents_free(&x);
}

static void
too_many_pieces_are_joined_over_the_smallest_holes(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_extents x;
	VSS_AUTOCLOSE int dir = box_open(state);
	VSS_AUTOCLOSE int fd = make_file(dir, 1 << 30);
	/* Two groups of eight, with holes of 64 KiB in a group and of half a GiB between them. */
	for (uint64_t i = 0; i < 8; i++) {
		put_data(fd, i * 131072, 65536);
		put_data(fd, (512 + i / 8) * MIB + i * 131072, 65536);
	}
	assert_ok(vss_extents_of(fd, 1 << 30, 16, &x, &err), err);
	assert_int_equal(x.n, 16);
	vss_extents_free(&x);
	assert_ok(vss_extents_of(fd, 1 << 30, 15, &x, &err), err);
	assert_int_equal(x.n, 2);
	assert_extent(&x, 0, 0, 7 * 131072 + 65536);
	assert_extent(&x, 1, 512 * MIB, 7 * 131072 + 65536);
	vss_extents_free(&x);
	assert_ok(vss_extents_of(fd, 1 << 30, 1, &x, &err), err);
	assert_int_equal(x.n, 1);
	assert_extent(&x, 0, 0, 512 * MIB + 7 * 131072 + 65536);
	vss_extents_free(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_file_without_holes_is_one_piece),
		BOX_TEST(empty_files_and_files_of_holes_have_no_pieces),
		BOX_TEST(data_between_holes_is_found_and_the_offset_stays),
		BOX_TEST(nothing_beyond_the_given_size_counts),
		BOX_TEST(too_many_pieces_are_joined_over_the_smallest_holes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
