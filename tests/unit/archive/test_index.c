/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/frames_out_internal.h"
#include "archive/index_internal.h"

#define N 20000u /* several member blocks, and frame blocks */

static const char *
name_of(uint32_t i)
{
	static char name[64];

	snprintf(name, sizeof name, "dir-%03u/sub.%02u/file", i / 100, i % 100);
	return name;
}

/* An index of N members and N frames, the members given in steps through their order. */
static int
make_index(uint32_t step)
{
	struct vss_spool *frames = vss_spool_new(-1);
	struct vss_index_sort *sort = vss_index_sort_new(-1);
	struct vss_index_write w = { .fd = arc_memory(), .frames = frames, .members = sort };
	struct vss_err err = VSS_ERR_INIT;

	for (uint32_t i = 0; i < N; i++) {
		uint32_t k = (uint32_t)((uint64_t)i * step % N);
		struct vss_index_entry e = { .path = name_of(k),
			.flags = VSS_INDEX_DIGEST,
			.mode = S_IFREG | 0644,
			.at = k * 512ULL,
			.span = 512,
			.size = k };
		struct vss_frame_record f = { .at = i * 10ULL, .stored = 10, .content = 512 };

		e.path_n = strlen(e.path);
		vss_put32(e.digest, k);
		vss_put32(f.digest, i);
		assert_ok(vss_index_sort_add(sort, &e, &err), err);
		assert_ok(vss_frame_spool_put(frames, &f, &err), err);
	}
	w.trailer = (struct vss_trailer){ .frame_bytes = 512,
		.frames = N,
		.data_bytes = N * 10,
		.content_bytes = N * 512,
		.manifest_at = (N - 1) * 512,
		.manifest_span = 512 };
	assert_ok(vss_index_sort_settle(sort, &err), err);
	assert_ok(vss_index_write(&w, &err), err);
	assert_int_equal(w.at, arc_size(w.fd));
	vss_index_sort_free(sort);
	vss_spool_free(frames);
	return w.fd;
}

static struct vss_index *
open_index(int fd)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_index *ix = vss_index_open(fd, &err);

	if (!ix)
		fail_msg("%s", err.text);
	return ix;
}

static void
every_member_is_found_in_whatever_order(void **state)
{
	const uint32_t steps[] = { 1, 7919, N - 1 };

	(void)state;
	for (size_t s = 0; s < 3; s++) {
		VSS_AUTOCLOSE int fd = make_index(steps[s]);
		struct vss_index *ix = open_index(fd);
		struct vss_err err = VSS_ERR_INIT;
		struct vss_index_entry e;

		assert_int_equal(vss_index_trailer(ix)->members, N);
		for (uint32_t i = 0; i < N; i += s ? 97 : 1) {
			assert_int_equal(vss_index_find(ix, name_of(i), &e, &err), 1);
			assert_int_equal(e.size, i);
			assert_int_equal(vss_get32(e.digest), i);
		}
		vss_index_free(ix);
	}
}

static void
what_is_not_there_is_not_found(void **state)
{
	static const char *const names[] = { "", "a", "dir-000", "dir-000/sub.00", "dir-000/sub.00/file0",
		"dir-000/sub.00/fil", "dir-199/sub.99/filf", "z", "dir-", "dir-000/sub.00/file/x" };
	VSS_AUTOCLOSE int fd = make_index(1);
	struct vss_index *ix = open_index(fd);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_index_entry e;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(vss_index_find(ix, names[i], &e, &err), 0);
	vss_index_free(ix);
}

static void
entries_come_in_order_from_any_place(void **state)
{
	VSS_AUTOCLOSE int fd = make_index(7919);
	struct vss_index *ix = open_index(fd);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_index_place place;
	struct vss_index_entry e;
	uint32_t i = 10000;

	(void)state;
	assert_ok(vss_index_seek(ix, "dir-100", &place, &err), err);
	while (vss_index_next(ix, &place, &e, &err) > 0)
		if (i > 10000 || !strncmp(e.path, "dir-100/", 8)) /* it may begin with the last of the block before */
			assert_string_equal(e.path, name_of(i++));
	assert_int_equal(i, N);
	vss_index_free(ix);
}

static void
frames_are_found_by_number_and_little_is_read(void **state)
{
	VSS_AUTOCLOSE int fd = make_index(1);
	struct vss_index *ix = open_index(fd);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_frame_record f;
	struct vss_index_entry e;

	(void)state;
	assert_ok(vss_index_frame(ix, 12345, &f, &err), err);
	assert_int_equal(f.at, 123450);
	assert_int_equal(vss_get32(f.digest), 12345);
	assert_int_equal(vss_index_find(ix, name_of(5), &e, &err), 1);
	assert_true(vss_index_bytes(ix) < 160000); /* top, one block of each kind; not the 2 MB of it all */
	assert_ok(vss_index_frame(ix, N - 1, &f, &err), err);
	assert_int_equal(vss_index_frame(ix, N, &f, &err), -1);
	vss_index_free(ix);
}

static void
paths_are_ordered_as_a_walk_goes(void **state)
{
	static const char *const order[] = { ".", "a", "a/b", "a/b/c", "a/b!", "a!", "a.x", "aa", "b", "\xff" };

	(void)state;
	for (size_t i = 0; i < 10; i++)
		for (size_t k = 0; k < 10; k++) {
			int c = vss_path_order(order[i], strlen(order[i]), order[k], strlen(order[k]));

			assert_int_equal(c, i < k ? -1 : i > k);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_found_in_whatever_order),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(entries_come_in_order_from_any_place),
		cmocka_unit_test(frames_are_found_by_number_and_little_is_read),
		cmocka_unit_test(paths_are_ordered_as_a_walk_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
