/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/requester.h"

#include "requester/chains.h"

/* Archives that say of each other what is not so: each is whole by itself. */

static const unsigned on_full[] = { 1, 0 };
static const struct chained_as full = { 1, VSS_BT_FULL, NULL, NULL },
			       increment = { 2, VSS_BT_INCREMENTAL, NULL, on_full };

static void
make_full(void **state)
{
	VSS_AUTOCLOSE int box = box_open(state);
	struct chained c;

	chained_begin(&c, box, "1.tar.zst", &full);
	arc_dir(c.w, "dir");
	arc_file(c.w, "f", "x", 1);
	chained_end(&c);
}

static void
note(void *ctx, const char *text)
{
	vss_buf_str(ctx, text);
	vss_buf_ch(ctx, '\n');
}

/* Verify the increment with its chain: what is said of it has `text` in it; NULL: it is good. */
static void
verify(void **state, const char *text)
{
	VSS_AUTOFREE char *one = box_path(state, "1.tar.zst");
	VSS_AUTOFREE char *two = box_path(state, "2.tar.zst");
	VSS_AUTOBUF struct vss_buf said = VSS_BUF_INIT;
	const struct vss_verify alone = { .bad = note, .ctx = &said },
				all = { .chain = true, .bad = note, .ctx = &said };
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(vss_verify_backup(one, &alone, &err), 0);
	assert_int_equal(vss_verify_backup(two, &alone, &err), 0);
	assert_int_equal(vss_verify_backup(two, &all, &err), text ? 1 : 0);
	if (text && (!said.len || !strstr(said.data, text) || !strstr(said.data, "2.tar.zst: ")))
		fail_msg("%s, not %s", said.len ? said.data : "nothing", text);
}

static void
begin(void **state, struct chained *c)
{
	VSS_AUTOCLOSE int box = box_open(state);

	make_full(state);
	chained_begin(c, box, "2.tar.zst", &increment);
}

static void
what_is_there_is_good(void **state)
{
	struct chained c;

	begin(state, &c);
	chained_unchanged(&c, "f", 1, 0);
	chained_end(&c);
	verify(state, NULL);
}

static void
what_is_not_in_its_base_is_named(void **state)
{
	struct chained c;

	begin(state, &c);
	chained_unchanged(&c, "g", 1, 0);
	chained_end(&c);
	verify(state, "g: not in the archive that it is said to be in");
}

static void
what_is_another_in_its_base_is_named(void **state)
{
	struct vss_member m = arc_plain("f", S_IFREG | 0644);
	struct chained c;

	begin(state, &c);
	chained_unchanged(&c, "dir", 0, 0);
	m.size = 1;
	m.has_digest = true;
	arc_unchanged(c.w, &m, 0);
	chained_end(&c);
	verify(state, "f: another in the archive that it is said to be in");
	verify(state, "dir: another in the archive that it is said to be in");
}

static void
what_builds_on_itself_is_named(void **state)
{
	struct chained c;

	begin(state, &c);
	chained_unchanged(&c, "f", 1, 1);
	chained_end(&c);
	verify(state, "f: said to be in an archive that does not come before this one");
}

static void
ranges_without_a_base_are_named(void **state)
{
	struct vss_member_extent range = { 0, 1 };
	struct vss_member m = arc_plain("f", S_IFREG | 0644);
	struct chained c;

	begin(state, &c);
	m.size = 1;
	m.partial = m.sparse = true;
	m.extents = &range;
	m.nextents = 1;
	arc_member(c.w, &m, "y");
	chained_end(&c);
	verify(state, "f: has ranges of it, and does not say where the rest is");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(what_is_there_is_good),
		BOX_TEST(what_is_not_in_its_base_is_named),
		BOX_TEST(what_is_another_in_its_base_is_named),
		BOX_TEST(what_builds_on_itself_is_named),
		BOX_TEST(ranges_without_a_base_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
