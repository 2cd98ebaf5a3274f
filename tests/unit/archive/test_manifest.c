/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/arc.h"

#include "archive/manifest_internal.h"

static void
line_of(struct vss_manifest_state *s, const struct vss_member *m, struct vss_buf *out)
{
	struct vss_err err = VSS_ERR_INIT;
	size_t at;

	vss_buf_reset(out);
	assert_ok(vss_manifest_line(s, out, m, &at, &err), err);
	if (at)
		assert_memory_equal(out->data + at, "0000000000", 10);
}

static void
a_line_says_what_a_member_is(void **state)
{
	struct vss_manifest_state s = { .last = VSS_BUF_INIT };
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_member m = arc_plain("a b", S_IFLNK | 0777);
	static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
	VSS_AUTOFREE char *file = vss_strf(
		"./f type=file mode=0600 uid=1 gid=2 uname=o\\040o time=-2.000000007 size=9 sha256=%s\n", zeros);

	(void)state;
	m.link = arc_word("c#d");
	line_of(&s, &m, &b);
	assert_string_equal(
		b.data, "./a\\040b type=link mode=0777 uid=1 gid=2 time=1700000000.123456789 link=c\\043d\n");
	m = arc_plain("f", S_IFREG | 0600);
	m.uname = arc_word("o o");
	m.mtime_s = -2;
	m.mtime_ns = 7;
	m.size = 9;
	line_of(&s, &m, &b);
	assert_string_equal(b.data, file);
	m = arc_plain("h", S_IFREG | 0600);
	m.hardlink = arc_word("x,y\xff");
	line_of(&s, &m, &b);
	assert_string_equal(b.data,
		"./h type=file mode=0600 uid=1 gid=2 time=1700000000.123456789 tags=vss-hardlink:x\\054y\\377\n");
	vss_manifest_state_clear(&s);
}

static void
directories_are_named_before_what_lies_in_them(void **state)
{
	static const struct {
		const char *path, *before;
	} steps[] = { { "a/b/c", "./a type=dir\n./a/b type=dir\n" }, { "a/b/d", "" }, { "a/bb/x", "./a/bb type=dir\n" },
		{ "a", "" }, { "a/y", "" }, { "z", "" }, { "a/y2", "./a type=dir\n" } };
	struct vss_manifest_state s = { .last = VSS_BUF_INIT };
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct vss_member m = arc_plain(steps[i].path, S_IFDIR | 0755);
		VSS_AUTOFREE char *want = vss_strf("%s./%s type=dir mode=0755 uid=1 gid=2 time=1700000000.123456789\n",
			steps[i].before, steps[i].path);

		line_of(&s, &m, &b);
		assert_string_equal(b.data, want);
	}
	vss_manifest_state_clear(&s);
}

static void
what_is_elsewhere_says_where(void **state)
{
	struct vss_manifest_state s = { .last = VSS_BUF_INIT };
	VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
	struct vss_member m = arc_plain("a/b/c", S_IFREG | 0644), next = arc_plain("a/b/d", S_IFDIR | 0700),
			  back = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	m.elsewhere = m.partial = m.has_identity = m.has_ctime = true;
	m.in = 3;
	m.size = 9;
	m.inode = 5;
	m.ctime_s = 7;
	line_of(&s, &m, &b);
	assert_string_equal(b.data, "./a type=dir optional tags=vss-in:3\n./a/b type=dir optional tags=vss-in:3\n"
				    "./a/b/c type=file mode=0644 uid=1 gid=2 time=1700000000.123456789 size=9 optional"
				    " tags=vss-in:3,vss-partial,vss-inode:5,vss-ctime:7.000000000\n");
	b.data[b.len - 1] = 0;
	assert_int_equal(vss_manifest_parse(strstr(b.data, "./a/b/c"), &back, &err), 1);
	assert_true(back.elsewhere && back.partial && back.has_identity && back.has_ctime && !back.has_digest);
	assert_int_equal(back.in, 3);
	assert_int_equal(back.inode, 5);
	assert_int_equal(back.ctime_s, 7);
	vss_member_clear(&back);
	/* A member's lines do not depend on it. */
	line_of(&s, &next, &b);
	assert_true(vss_str_starts(b.data, "./a type=dir\n./a/b type=dir\n./a/b/d type=dir mode=0700 "));
	vss_manifest_state_clear(&s);
}

static void
every_byte_of_a_name_comes_back(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char name[] = { 'x', (char)c, 'y', 0 };
		struct vss_manifest_state s = { .last = VSS_BUF_INIT };
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
		struct vss_member m = arc_plain(name, S_IFLNK | 0777), back = { 0 };
		struct vss_err err = VSS_ERR_INIT;

		if (c == '/')
			continue;
		m.link = m.uname = m.hardlink = name;
		line_of(&s, &m, &b);
		b.data[b.len - 1] = 0;
		assert_int_equal(vss_manifest_parse(b.data, &back, &err), 1);
		assert_string_equal(back.path, name);
		assert_string_equal(back.uname, name);
		assert_string_equal(back.hardlink, name);
		vss_member_clear(&back);
		vss_manifest_state_clear(&s);
	}
}

static void
malformed_lines_are_refused(void **state)
{
	static const char *const bad[] = { "", " ", "/a mode=0644 type=file", "./../a mode=0644 type=file",
		"./a mode=0644", "./a type=what mode=0644", "./a type=file mode=09", "./a type=file mode=77777",
		"./a\\9 type=file mode=0644", "./a\\000 type=file mode=0644", "./a type=file mode=0644 time=1",
		"./a type=file mode=0644 time=1.5", "./a type=file mode=0644 sha256=12",
		"./a type=char mode=0644 device=5", "./a type=file mode=0644 uid=-1", "./a type=file mode=0644 size=1x",
		"./a type=file mode=0644 uname=", "./a type=file mode=0644 tags=vss-sparse-sha256:1",
		"./a type=file mode=0644 tags=vss-in:65536", "./a type=file mode=0644 tags=vss-in:x",
		"./a type=file mode=0644 tags=other,vss-in:1", "./.vss/a type=file mode=0644 tags=vss-in:1",
		"./.vss/partial/a type=file mode=0644 tags=vss-in:1", "./a type=file mode=0644 tags=vss-partial",
		"./a type=dir mode=0644 tags=vss-in:1,vss-partial", "./.vss/partial/a type=dir mode=0755",
		"./a type=file mode=0644 tags=vss-inode:5", "./a type=file mode=0644 tags=vss-ctime:1.000000000",
		"./a type=file mode=0644 tags=vss-inode:-5,vss-ctime:1.000000000",
		"./a type=file mode=0644 tags=vss-inode:5,vss-ctime:1.5" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		VSS_AUTOFREE char *line = vss_strdup(bad[i]);
		struct vss_member m = { 0 };
		struct vss_err err = VSS_ERR_INIT;

		if (vss_manifest_parse(line, &m, &err) != -1)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(err.code, VSS_CORRUPT);
		vss_member_clear(&m);
	}
}

static void
unknown_keywords_and_tags_are_passed_over(void **state)
{
	VSS_AUTOFREE char *line =
		vss_strdup("./a type=file new mode=0644 newer=x tags=one,two:2,vss-hardlink:b,vss-later:c");
	struct vss_member m = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	(void)state;
	assert_int_equal(vss_manifest_parse(line, &m, &err), 1);
	assert_string_equal(m.hardlink, "b");
	vss_member_clear(&m);
}

static void
the_first_member_that_differs_is_named(void **state)
{
	(void)state;
	for (int change = 0; change < 4; change++) {
		struct vss_manifest_state s = { .last = VSS_BUF_INIT };
		struct vss_err err = VSS_ERR_INIT;
		struct vss_manifest_check *c = vss_manifest_check_new(&err);
		VSS_AUTOBUF struct vss_buf stored = VSS_BUF_INIT;
		VSS_AUTOBUF struct vss_buf b = VSS_BUF_INIT;
		int failed = 0;

		vss_buf_str(&stored, VSS_MANIFEST_HEAD);
		for (char name[] = "a"; *name < 'e'; ++*name) {
			struct vss_member m = arc_plain(name, S_IFREG | 0644);

			assert_ok(vss_manifest_check_member(c, &m, &err), err);
			m.uid += change == 1 && *name == 'c';
			line_of(&s, &m, &b);
			if (change != 2 || *name != 'd')
				vss_buf_add(&stored, b.data, b.len);
		}
		if (change == 3)
			vss_buf_str(&stored, "./e type=dir\n");
		for (size_t i = 0; !failed && i < stored.len; i += 7)
			failed = vss_manifest_check_text(
				c, stored.data + i, stored.len - i < 7 ? stored.len - i : 7, &err);
		if (!failed)
			failed = vss_manifest_check_end(c, &err);
		assert_int_equal(failed, change ? -1 : 0);
		if (change == 1)
			assert_non_null(strstr(err.text, " c: "));
		if (change == 3)
			assert_non_null(strstr(err.text, " e: "));
		vss_manifest_check_free(c);
		vss_manifest_state_clear(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_what_a_member_is),
		cmocka_unit_test(directories_are_named_before_what_lies_in_them),
		cmocka_unit_test(what_is_elsewhere_says_where),
		cmocka_unit_test(every_byte_of_a_name_comes_back),
		cmocka_unit_test(malformed_lines_are_refused),
		cmocka_unit_test(unknown_keywords_and_tags_are_passed_over),
		cmocka_unit_test(the_first_member_that_differs_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
