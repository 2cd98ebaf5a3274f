/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/digest_internal.h"
#include "archive/state.h"
#include "archive/table_internal.h"

#define MANY 100000u

/* Records of a key and a number; all keys begin alike when `alike`, so all want one slot under one tag. */
static void
make_record(unsigned char out[VSS_DIGEST + 8], uint64_t number, bool alike)
{
	struct vss_err err = VSS_ERR_INIT;

	vss_put64(out + VSS_DIGEST, number);
	assert_ok(vss_digest_once(out, out + VSS_DIGEST, 8, &err), err);
	if (alike)
		memset(out, 7, 16);
}

static void
fill_table(struct vss_table *t, uint64_t n, bool alike)
{
	unsigned char record[VSS_DIGEST + 8];
	struct vss_err err = VSS_ERR_INIT;

	for (uint64_t i = 0; i < n; i++) {
		make_record(record, i, alike);
		assert_int_equal(vss_table_put(t, record, &err), 1);
	}
	assert_int_equal(vss_table_put(t, record, &err), 0);
	assert_int_equal(vss_table_count(t), n);
}

static void
find_all(struct vss_table *t, uint64_t n, bool alike)
{
	unsigned char record[VSS_DIGEST + 8], found[VSS_DIGEST + 8];
	struct vss_err err = VSS_ERR_INIT;

	for (uint64_t i = 0; i < n; i++) {
		make_record(record, i, alike);
		assert_int_equal(vss_table_find(t, record, found, &err), 1);
		assert_memory_equal(found, record, sizeof record);
	}
	make_record(record, n, alike);
	assert_int_equal(vss_table_find(t, record, found, &err), 0);
}

static void
a_table_keeps_many(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_table *t = vss_table_new(-1, VSS_DIGEST + 8, 1, &err);

	(void)state;
	assert_non_null(t);
	fill_table(t, MANY, false);
	find_all(t, MANY, false);
	vss_table_free(t);
}

static void
keys_that_collide_are_told_apart(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_table *t = vss_table_new(-1, VSS_DIGEST + 8, 1, &err);

	(void)state;
	assert_non_null(t);
	fill_table(t, 500, true);
	find_all(t, 500, true);
	vss_table_free(t);
}

static struct vss_archive_tree *
tree_of(int fd)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reader *r = arc_open(fd);
	struct vss_archive_tree *t = vss_archive_tree_new(r, -1, &err);

	if (!t)
		fail_msg("%s", err.text);
	vss_archive_reader_free(r);
	return t;
}

static struct vss_archive_node
node(struct vss_archive_tree *t, const char *path)
{
	struct vss_archive_node n;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_archive_tree_find(t, path, &n, &err) != 1)
		fail_msg("%s is not there", path);
	return n;
}

static void
a_tree_knows_each_kind(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(0);
	struct vss_archive_tree *t = tree_of(fd);
	struct vss_archive_node n = node(t, "d"), hard;
	unsigned char xattrs[32], link[32];
	struct vss_member m = arc_plain("x", S_IFLNK | 0777);
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_int_equal(n.mode, S_IFDIR | 0755);
	assert_int_equal(n.uid, 1);
	assert_int_equal(n.mtime_ns, 123456789);
	n = node(t, "d/link");
	m.link = arc_word("f");
	assert_ok(vss_archive_tree_digests(&m, xattrs, link, &err), err);
	assert_memory_equal(n.link_sha256, link, 32);
	assert_true(!n.has_xattrs && !n.has_digest && !n.elsewhere);
	n = node(t, "d/f");
	hard = node(t, "e");
	assert_true(hard.is_hardlink && !n.is_hardlink && hard.has_digest);
	assert_int_equal(hard.size, 9000);
	assert_memory_equal(hard.sha256, n.sha256, 32);
	n = node(t, "d/holes");
	assert_true(n.has_xattrs && n.has_digest);
	assert_int_equal(vss_archive_tree_find(t, ".vss/format", &n, &err), 0);
	assert_int_equal(vss_archive_tree_find(t, "d/", &n, &err), 0);
	vss_archive_tree_free(t);
}

static void
a_tree_knows_what_is_elsewhere(void **state)
{
	VSS_AUTOCLOSE int fd = arc_increment(0);
	struct vss_archive_tree *t = tree_of(fd);
	struct vss_archive_node n = node(t, "d/db");

	(void)state;
	assert_true(n.elsewhere && n.partial);
	assert_int_equal(n.in, 1);
	n = node(t, "d/old");
	assert_true(n.elsewhere && !n.partial && n.has_digest && n.has_xattrs && n.has_identity);
	assert_int_equal(n.inode, UINT64_MAX);
	assert_int_equal(n.sha256[31], 0xab);
	assert_int_equal(n.xattr_sha256[31], 0xcd);
	n = node(t, "d/new");
	assert_true(!n.elsewhere && n.has_identity);
	assert_int_equal(n.ctime_s, -9);
	assert_int_equal(n.ctime_ns, 5);
	vss_archive_tree_free(t);
}

static struct vss_archive_node
node_of_torn(bool identity)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member m = arc_plain("f", S_IFREG | 0644);
	struct vss_archive_node n;
	struct vss_err err = VSS_ERR_INIT;

	m.size = 1000;
	m.has_identity = m.has_ctime = identity;
	m.inode = 7;
	assert_ok(vss_archive_begin_member(w, &m, &err), err);
	assert_ok(vss_archive_put_data(w, 0, "abc", 3, &err), err);
	assert_ok(vss_archive_end_member(w, true, &err), err);
	m.path = arc_word("g");
	m.size = 0;
	arc_member(w, &m, "");
	arc_finish(w);
	assert_ok(vss_archive_verify(fd, NULL, NULL, NULL, &err), err);
	struct vss_archive_tree *t = tree_of(fd);
	assert_int_equal(node(t, "g").has_identity, identity);
	n = node(t, "f");
	vss_archive_tree_free(t);
	return n;
}

/* Else it would be unchanged for ever after, with zeros where nothing could be read. */
static void
what_was_not_read_to_its_end_is_not_known_again(void **state)
{
	(void)state;
	for (int identity = 0; identity < 2; identity++) {
		struct vss_archive_node n = node_of_torn(identity);
		assert_true(!n.has_identity && n.has_digest);
		assert_int_equal(n.size, 1000);
	}
}

static void
many_entries_are_found(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_archive_tree *t;
	struct vss_archive_node n;
	struct vss_err err = VSS_ERR_INIT;
	char path[32];

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct vss_member m;

		snprintf(path, sizeof path, "f%u", i);
		m = arc_plain(path, S_IFREG | 0644);
		m.size = i;
		arc_unchanged(w, &m, i % 7);
	}
	arc_finish(w);
	t = tree_of(fd);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "f%u", i);
		n = node(t, path);
		assert_int_equal(n.size, i);
		assert_int_equal(n.in, i % 7);
	}
	assert_int_equal(vss_archive_tree_find(t, "f", &n, &err), 0);
	vss_archive_tree_free(t);
}

static void
a_path_that_comes_twice_is_refused(void **state)
{
	VSS_AUTOCLOSE int fd = arc_memory();
	struct vss_archive_writer *w = arc_begin(fd, 0);
	struct vss_member m = arc_plain("f", S_IFREG | 0644);
	struct vss_err err = VSS_ERR_INIT;
	struct vss_archive_reader *r;

	(void)state;
	arc_file(w, "f", "x", 1);
	arc_unchanged(w, &m, 0);
	arc_finish(w);
	r = arc_open(fd);
	assert_null(vss_archive_tree_new(r, -1, &err));
	assert_int_equal(err.code, VSS_CORRUPT);
	assert_non_null(strstr(err.text, "f: comes twice"));
	vss_archive_reader_free(r);
}

/* What is measured is what the archive has. */
static void
content_is_measured_as_it_is_kept(void **state)
{
	VSS_AUTOCLOSE int fd = arc_small(0);
	VSS_AUTOFREE char *noise = arc_noise(12000, 1);
	struct vss_archive_tree *t = tree_of(fd);
	struct vss_member_extent extents[] = { { 4096, 700 }, { 65536, 300 } };
	struct vss_member plain = arc_plain("d/f", S_IFREG | 0644), holes = arc_plain("d/holes", S_IFREG | 0600);
	struct vss_archive_measure *s;
	struct vss_err err = VSS_ERR_INIT;
	unsigned char sha256[32];

	(void)state;
	plain.size = 9000;
	assert_non_null(s = vss_archive_measure_new(&plain, &err));
	assert_ok(vss_archive_measure_data(s, 0, noise, 5000, &err), err);
	assert_ok(vss_archive_measure_data(s, 5000, noise + 5000, 4000, &err), err);
	assert_ok(vss_archive_measure_end(s, sha256, &err), err);
	vss_archive_measure_free(s);
	assert_memory_equal(sha256, node(t, "d/f").sha256, 32);
	holes.size = 100000;
	holes.sparse = true;
	holes.extents = extents;
	holes.nextents = 2;
	assert_non_null(s = vss_archive_measure_new(&holes, &err));
	assert_ok(vss_archive_measure_data(s, 4096, noise + 9000, 700, &err), err);
	assert_ok(vss_archive_measure_data(s, 65536, noise + 9700, 300, &err), err);
	assert_ok(vss_archive_measure_end(s, sha256, &err), err);
	vss_archive_measure_free(s);
	assert_memory_equal(sha256, node(t, "d/holes").sha256, 32);
	assert_non_null(s = vss_archive_measure_new(&plain, &err));
	assert_int_equal(vss_archive_measure_end(s, sha256, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	vss_archive_measure_free(s);
	vss_archive_tree_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_keeps_many),
		cmocka_unit_test(keys_that_collide_are_told_apart),
		cmocka_unit_test(a_tree_knows_each_kind),
		cmocka_unit_test(a_tree_knows_what_is_elsewhere),
		cmocka_unit_test(what_was_not_read_to_its_end_is_not_known_again),
		cmocka_unit_test(many_entries_are_found),
		cmocka_unit_test(a_path_that_comes_twice_is_refused),
		cmocka_unit_test(content_is_measured_as_it_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
