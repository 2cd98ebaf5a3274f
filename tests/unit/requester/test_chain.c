/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/chain.h"

#include "requester/chains.h"

static const unsigned on_full[] = { 1, 0 }, on_both[] = { 1, 2, 0 };
static const struct chained_as full = { 1, VSS_BT_FULL, NULL, NULL }, first = { 2, VSS_BT_INCREMENTAL, NULL, on_full },
			       second = { 3, VSS_BT_INCREMENTAL, NULL, on_both },
			       other = { 4, VSS_BT_FULL, NULL, NULL }, copy = { 5, VSS_BT_COPY, NULL, NULL },
			       foreign = { 6, VSS_BT_FULL, "there", NULL }, logs = { 7, VSS_BT_LOG, NULL, NULL };

/* One with nothing of interest in it. */
static void
make(int box, const char *name, const struct chained_as *as)
{
	struct chained c;

	chained_begin(&c, box, name, as);
	arc_file(c.w, "f", "x", 1);
	chained_end(&c);
}

static void
make_all(int box)
{
	make(box, "1.tar.zst", &full);
	make(box, "2.tar.zst", &first);
	make(box, "3.tar.zst", &second);
	make(box, "4.tar.zst", &other);
	make(box, "5.tar.zst", &copy);
	make(box, "6.tar.zst", &foreign);
	make(box, "7.tar.zst", &logs);
}

/* Open what is named, in the box, with blanks between. */
static int
open_named(void **state, const char *names, struct vss_chain *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv archives = VSS_STRV_INIT;
	VSS_AUTOFREE char *copied = vss_strdup(names);

	for (char *rest = NULL, *name = strtok_r(copied, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		vss_strv_take(&archives, strcmp(name, "-") == 0 ? vss_strdup(name) : box_path(state, name));
	*out = (struct vss_chain){ 0 };
	return vss_chain_open(out, &archives, true, NULL, err);
}

static void
is_found(void **state, const char *names, const char *last_names)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;
	struct vss_chain c;

	assert_ok(open_named(state, names, &c, &err), err);
	for (size_t i = 0; i < c.n; i++) {
		vss_buf_str(&got, vss_path_base(c.v[i].path));
		vss_buf_str(&got, i + 1 < c.n ? " " : "");
	}
	assert_string_equal(got.data, last_names);
	vss_chain_close(&c);
}

static void
is_refused(void **state, const char *names, enum vss_code code, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_chain c;

	assert_int_equal(open_named(state, names, &c, &err), -1);
	vss_chain_close(&c);
	if (err.code != code || !strstr(err.text, text))
		fail_msg("%s: code %d: %s", names, (int)err.code, err.text);
}

static void
an_archive_that_stands_alone_is_a_chain_of_one(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_chain c;
	int box = box_open(state);

	make_all(box);
	assert_ok(open_named(state, "1.tar.zst", &c, &err), err);
	assert_int_equal(c.n, 1);
	assert_null(c.tree);
	assert_null(c.v[0].bcd);
	assert_int_equal(vss_chain_has(&c, 0, "whatever"), 1);
	vss_chain_close(&c);
	close(box);
}

static void
what_an_increment_builds_on_is_found_beside_it(void **state)
{
	int box = box_open(state);

	make_all(box);
	is_found(state, "2.tar.zst", "1.tar.zst 2.tar.zst");
	is_found(state, "3.tar.zst", "1.tar.zst 2.tar.zst 3.tar.zst");
	is_found(state, "1.tar.zst 2.tar.zst 3.tar.zst", "1.tar.zst 2.tar.zst 3.tar.zst");
	close(box);
}

static void
it_is_known_by_its_id_and_not_by_its_name(void **state)
{
	int box = box_open(state);

	make_all(box);
	assert_int_equal(renameat(box, "1.tar.zst", box, "moved.tar.zst"), 0);
	assert_int_equal(renameat(box, "4.tar.zst", box, "1.tar.zst"), 0);
	is_found(state, "3.tar.zst", "moved.tar.zst 2.tar.zst 3.tar.zst");
	close(box);
}

static void
what_is_missing_is_named(void **state)
{
	int box = box_open(state);

	make_all(box);
	assert_int_equal(unlinkat(box, "2.tar.zst", 0), 0);
	is_refused(state, "3.tar.zst", VSS_E_OBJECT_NOT_FOUND,
		"3.tar.zst builds on the incremental backup {c0de0000-0000-0000-0000-000000000002} (2.tar.zst), which "
		"is "
		"not there: put it into ");
	close(box);
}

static void
one_that_is_damaged_is_missing(void **state)
{
	int box = box_open(state);

	make_all(box);
	int fd = openat(box, "1.tar.zst", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 200), 0);
	close(fd);
	is_refused(state, "2.tar.zst", VSS_E_OBJECT_NOT_FOUND, "full backup {c0de");
	close(box);
}

static void
a_chain_that_is_none_is_refused_naming_both(void **state)
{
	static const struct {
		const char *names;
		enum vss_code code;
		const char *text;
	} bad[] = {
		{ "2.tar.zst 1.tar.zst", VSS_USAGE, "1.tar.zst has to be named before " },
		{ "1.tar.zst 3.tar.zst 2.tar.zst", VSS_USAGE, "2.tar.zst has to be named before " },
		{ "2.tar.zst 1.tar.zst 3.tar.zst", VSS_USAGE, "1.tar.zst has to be named before " },
		{ "1.tar.zst 1.tar.zst 2.tar.zst", VSS_USAGE, "are the same backup" },
		{ "1.tar.zst 2.tar.zst 2.tar.zst", VSS_USAGE, "are the same backup" },
		{ "1.tar.zst 3.tar.zst", VSS_USAGE, "(2.tar.zst), too" },
		{ "2.tar.zst 3.tar.zst", VSS_USAGE, "(1.tar.zst), too" },
		{ "4.tar.zst 2.tar.zst", VSS_INVALID, "2.tar.zst does not build on " },
		{ "1.tar.zst 4.tar.zst 2.tar.zst", VSS_INVALID, "2.tar.zst does not build on " },
		{ "6.tar.zst 2.tar.zst", VSS_INVALID, "is of the machine \"there\"" },
		{ "1.tar.zst 5.tar.zst 2.tar.zst", VSS_INVALID, "5.tar.zst is a copy, which nothing builds on" },
		{ "1.tar.zst 5.tar.zst", VSS_INVALID, "5.tar.zst stands by itself" },
		{ "1.tar.zst 7.tar.zst", VSS_INVALID, "7.tar.zst holds logs and stands by itself: restore it apart" },
		{ "1.tar.zst 7.tar.zst 2.tar.zst", VSS_INVALID, "7.tar.zst holds logs, which nothing builds on" },
		{ "1.tar.zst 4.tar.zst", VSS_INVALID, "4.tar.zst is a full backup" },
		{ "1.tar.zst -", VSS_USAGE, "standard input" },
		{ "- 2.tar.zst", VSS_USAGE, "standard input" },
	};
	int box = box_open(state);

	make_all(box);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		is_refused(state, bad[i].names, bad[i].code, bad[i].text);
	close(box);
}

/* Three archives, with what each sort of line says about where a file is. */
static void
make_states(int box)
{
	struct vss_err err = VSS_ERR_INIT;
	struct chained c;
	struct vss_member_extent at = { 2, 3 };
	struct vss_member parts = arc_plain("parts", S_IFREG | 0644);

	parts.size = 10;
	parts.partial = parts.sparse = true;
	parts.extents = &at;
	parts.nextents = 1;
	chained_begin(&c, box, "1.tar.zst", &full);
	arc_file(c.w, "kept", "kept", 4);
	arc_file(c.w, "gone", "gone", 4);
	arc_file(c.w, "parts", "0123456789", 10);
	chained_end(&c);
	chained_begin(&c, box, "2.tar.zst", &first);
	chained_unchanged(&c, "kept", 4, 0);
	arc_file(c.w, "later", "later", 5);
	arc_member(c.w, &parts, "abc");
	assert_ok(vss_archive_put_unchanged(c.w, &parts, 0, &err), err);
	chained_end(&c);
	chained_begin(&c, box, "3.tar.zst", &second);
	chained_unchanged(&c, "kept", 4, 0);
	chained_unchanged(&c, "later", 5, 1);
	assert_ok(vss_archive_put_unchanged(c.w, &parts, 0, &err), err);
	arc_file(c.w, "own", "own", 3);
	chained_end(&c);
}

static void
each_path_comes_from_where_the_last_archive_says(void **state)
{
	static const struct {
		const char *path;
		int in[3];
	} cases[] = {
		{ "kept", { 1, 0, 0 } }, { "gone", { 0, 0, 0 } }, { "later", { 0, 1, 0 } }, { "own", { 0, 0, 1 } },
		{ "parts", { 1, 1, 1 } }, /* whole in the first, and ranges in whichever has them */
	};
	struct vss_err err = VSS_ERR_INIT;
	struct vss_chain c;
	int box = box_open(state);

	make_states(box);
	assert_ok(open_named(state, "3.tar.zst", &c, &err), err);
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
		for (size_t i = 0; i < 3; i++)
			if ((int)vss_chain_has(&c, i, cases[k].path) != cases[k].in[i])
				fail_msg("%s in %zu", cases[k].path, i);
	assert_int_equal(c.trouble.code, VSS_OK);
	assert_false(vss_chain_goes_over(&c, 0, "parts"));
	assert_true(vss_chain_goes_over(&c, 1, "parts"));
	assert_false(vss_chain_goes_over(&c, 1, "later"));
	vss_chain_spoil(&c, "later");
	vss_chain_spoil(&c, "parts");
	assert_false(vss_chain_is_spoiled(&c, "later")); /* nothing is put over it */
	assert_true(vss_chain_is_spoiled(&c, "parts"));
	vss_chain_close(&c);
	close(box);
}

/* The second one says that two files are in the first, which has one of them. */
static void
what_is_said_to_be_elsewhere_must_be_there(void **state)
{
	struct chained c;
	int box = box_open(state);

	make(box, "1.tar.zst", &full);
	chained_begin(&c, box, "2.tar.zst", &first);
	chained_unchanged(&c, "f", 1, 0);
	chained_unchanged(&c, "nowhere", 1, 0);
	chained_end(&c);
	is_refused(state, "2.tar.zst", VSS_CORRUPT, "2.tar.zst says that nowhere is in ");
	chained_begin(&c, box, "2.tar.zst", &first);
	chained_unchanged(&c, "f", 1, 1);
	chained_end(&c);
	is_refused(state, "2.tar.zst", VSS_CORRUPT, "in archive 1 of a chain of 2");
	close(box);
}

static void
an_archive_is_told_from_other_files(void **state)
{
	int box = box_open(state);
	VSS_AUTOFREE char *archive = box_path(state, "1.tar.zst"), *text = box_path(state, "text");
	VSS_AUTOFREE char *frame = box_path(state, "frame"), *none = box_path(state, "none");
	static const char hello[] = "\x28\xb5\x2f\xfd\x20\x05\x29\0\0hello"; /* of zstd, whole */

	make_all(box);
	box_write(box, "text", "not an archive");
	box_write(box, "frame", "");
	int fd = openat(box, "frame", O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, hello, sizeof hello - 1), sizeof hello - 1);
	close(fd);
	assert_true(vss_is_archive(archive));
	assert_false(vss_is_archive(text));
	assert_false(vss_is_archive(frame));
	assert_false(vss_is_archive(none));
	assert_false(vss_is_archive(*state));
	fd = openat(box, "1.tar.zst", O_WRONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, -30, SEEK_END) > 0, 1);
	assert_int_equal(write(fd, "damage", 6), 6);
	close(fd);
	assert_true(vss_is_archive(archive));
	close(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(an_archive_that_stands_alone_is_a_chain_of_one),
		BOX_TEST(what_an_increment_builds_on_is_found_beside_it),
		BOX_TEST(it_is_known_by_its_id_and_not_by_its_name),
		BOX_TEST(what_is_missing_is_named),
		BOX_TEST(one_that_is_damaged_is_missing),
		BOX_TEST(a_chain_that_is_none_is_refused_naming_both),
		BOX_TEST(each_path_comes_from_where_the_last_archive_says),
		BOX_TEST(what_is_said_to_be_elsewhere_must_be_there),
		BOX_TEST(an_archive_is_told_from_other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
