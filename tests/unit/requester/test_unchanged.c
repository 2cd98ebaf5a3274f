/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/unchanged.h"

#include "base/time.h"
#include "lib/box.h"

#define BEGUN 1000000 /* seconds: when the base was begun */

struct world {
	struct vss_archive_node node;
	struct vss_member m;
	struct vss_entry_now now;
	unsigned char xattrs[32], link[32];
};

/* A file of three days, as it was. */
static void
set_up(struct world *w)
{
	*w = (struct world){
		.node = { .mode = S_IFREG | 0644,
			.uid = 1,
			.gid = 2,
			.size = 10,
			.inode = 77,
			.mtime_s = 5,
			.mtime_ns = 6,
			.ctime_s = 500,
			.ctime_ns = 8,
			.has_digest = true,
			.has_identity = true },
		.m = { .mode = S_IFREG | 0644,
			.uid = 1,
			.gid = 2,
			.size = 10,
			.inode = 77,
			.mtime_s = 5,
			.mtime_ns = 6,
			.ctime_s = 500,
			.ctime_ns = 8 },
		.now = { .nlink = 1, .identity = true, .base_ns = BEGUN * VSS_S },
	};
	w->now.m = &w->m;
}

static enum vss_unchanged
ask(struct world *w)
{
	return vss_unchanged_since(&w->node, &w->now, w->xattrs, w->link);
}

static void
a_known_file_needs_no_reading(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	assert_int_equal(ask(&w), VSS_UNCHANGED);
	w.node.has_digest = false;
	assert_int_equal(ask(&w), VSS_UNCHANGED);
}

static void
any_attribute_that_differs_is_a_change(void **state)
{
	struct world w;

	(void)state;
#define CHANGED_BY(what)                                                                                               \
	do {                                                                                                           \
		set_up(&w);                                                                                            \
		what;                                                                                                  \
		assert_int_equal(ask(&w), VSS_CHANGED);                                                                \
	} while (0)
	CHANGED_BY(w.m.mode = S_IFREG | 0600);
	CHANGED_BY(w.m.mode = S_IFIFO | 0644);
	CHANGED_BY(w.m.uid = 9);
	CHANGED_BY(w.m.gid = 9);
	CHANGED_BY(w.m.size = 11);
	CHANGED_BY(w.m.mtime_s = 6);
	CHANGED_BY(w.m.mtime_ns = 7);
	CHANGED_BY(w.xattrs[31] = 1);
	CHANGED_BY(w.node.xattr_sha256[0] = 1);
	CHANGED_BY((w.node.mode = w.m.mode = S_IFLNK | 0777, w.link[3] = 1));
	CHANGED_BY((w.node.mode = w.m.mode = S_IFCHR | 0600, w.m.rdev = 3));
#undef CHANGED_BY
}

static void
directories_are_always_taken(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	w.node.mode = w.m.mode = S_IFDIR | 0755;
	assert_int_equal(ask(&w), VSS_CHANGED);
}

/* A change in the moment of the base may have left every number as it was. */
static void
what_changed_just_before_the_base_is_read(void **state)
{
	static const struct {
		int64_t ctime;
		enum vss_unchanged is;
	} cases[] = {
		{ BEGUN + 1, VSS_UNCHANGED_IF_READ },
		{ BEGUN, VSS_UNCHANGED_IF_READ },
		{ BEGUN - 2, VSS_UNCHANGED_IF_READ },
		{ BEGUN - 3, VSS_UNCHANGED },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set_up(&w);
		w.node.ctime_s = w.m.ctime_s = cases[i].ctime;
		assert_int_equal(ask(&w), cases[i].is);
	}
}

static void
what_is_not_known_is_read(void **state)
{
	struct world w;

	(void)state;
#define READ_FOR(what)                                                                                                 \
	do {                                                                                                           \
		set_up(&w);                                                                                            \
		what;                                                                                                  \
		assert_int_equal(ask(&w), VSS_UNCHANGED_IF_READ);                                                      \
		w.node.has_digest = false;                                                                             \
		assert_int_equal(ask(&w), VSS_CHANGED);                                                                \
	} while (0)
	READ_FOR(w.now.identity = false);
	READ_FOR(w.node.has_identity = false);
	READ_FOR(w.m.inode = 78);
	READ_FOR(w.m.ctime_s = 501);
	READ_FOR(w.m.ctime_ns = 9);
#undef READ_FOR
}

static void
without_content_attributes_tell_all(void **state)
{
	static const mode_t types[] = { S_IFLNK, S_IFIFO, S_IFCHR, S_IFBLK };
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		set_up(&w);
		w.now.identity = false;
		w.node.mode = w.m.mode = types[i] | 0644;
		assert_int_equal(ask(&w), VSS_UNCHANGED);
	}
}

static void
several_names_are_always_taken_again(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	w.now.nlink = 2;
	assert_int_equal(ask(&w), VSS_CHANGED);
	set_up(&w);
	w.now.identity = false;
	w.node.is_hardlink = true; /* it was another name of a file, and is one of its own now */
	assert_int_equal(ask(&w), VSS_CHANGED);
}

static void
ranges_are_not_to_be_read_but_may_be_known(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	w.node.partial = true;
	assert_int_equal(ask(&w), VSS_UNCHANGED);
	w.now.identity = false;
	assert_int_equal(ask(&w), VSS_CHANGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_file_needs_no_reading),
		cmocka_unit_test(any_attribute_that_differs_is_a_change),
		cmocka_unit_test(directories_are_always_taken),
		cmocka_unit_test(what_changed_just_before_the_base_is_read),
		cmocka_unit_test(what_is_not_known_is_read),
		cmocka_unit_test(without_content_attributes_tell_all),
		cmocka_unit_test(several_names_are_always_taken_again),
		cmocka_unit_test(ranges_are_not_to_be_read_but_may_be_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
