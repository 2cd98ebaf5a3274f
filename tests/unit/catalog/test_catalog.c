/* SPDX-License-Identifier: BSD-2-Clause */
#include "catalog/catalog.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "lib/box.h"
#include "os/durable.h"

#include <errno.h>
#include <time.h>

/* Two places and a state directory in a box of their own; warnings are collected. */
struct bench {
	char *box;
	struct vss_catalog_place places[2];
	struct vss_buf warnings;
};

static void
collect(void *ctx, enum vss_log_level level, const char *text)
{
	struct vss_buf *b = ctx;
	if (level <= VSS_LOG_WARN)
		vss_buf_fmt(b, "%s\n", text);
}

static int
set_up(void **state)
{
	struct bench *b = vss_alloc(sizeof *b);
	void *box;
	if (box_make(&box) < 0)
		return -1;
	b->box = box;
	static const char *const names[] = { "a", "b" };
	for (size_t i = 0; i < 2; i++) {
		VSS_AUTOFREE char *path = vss_strf("%s/%s", b->box, names[i]);
		if (mkdir(path, 0700) < 0)
			return -1;
		b->places[i] = (struct vss_catalog_place){ open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), names[i] };
	}
	VSS_AUTOFREE char *states = vss_strf("%s/state", b->box);
	setenv("VSS_STATE_DIR", states, 1);
	vss_log_set_sink(collect, &b->warnings);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;
	void *box = b->box;
	vss_log_set_sink(NULL, NULL);
	unsetenv("VSS_STATE_DIR");
	close(b->places[0].dirfd);
	close(b->places[1].dirfd);
	vss_buf_free(&b->warnings);
	free(b);
	return box_drop(&box);
}

static struct vss_set *
new_set(const char *note)
{
	struct vss_set *s = vss_set_new();
	vss_uuid_random(&s->id);
	s->created_ns = 1767225599000000000;
	s->note = vss_strdup(note);
	return s;
}

static char *
name_of(const struct vss_set *s)
{
	char id[VSS_UUID_TEXT];
	vss_uuid_text(&s->id, id);
	return vss_strf("%s.xml", id);
}

static bool
has(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
cache_has(const struct bench *b, const struct vss_set *s)
{
	VSS_AUTOFREE char *name = name_of(s), *path = vss_strf("%s/state/sets/%s", b->box, name);
	return access(path, F_OK) == 0;
}

static void
put(int dirfd, const char *name, const char *text)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_int_equal(vss_write_file_at(dirfd, name, text, strlen(text), 0600, &err), 0);
}

/* The notes of what is found, sorted by age and ID, with a comma behind each. */
static char *
found(const struct bench *b, int rc)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set_list l = { 0 };
	struct vss_buf notes = VSS_BUF_INIT;
	assert_int_equal(vss_catalog_scan(b->places, 2, &l, &err), rc);
	vss_set_list_sort(&l);
	for (size_t i = 0; i < l.n; i++)
		vss_buf_fmt(&notes, "%s,", l.v[i]->note);
	vss_set_list_free(&l);
	return vss_buf_take(&notes);
}

static void
expect_found(const struct bench *b, const char *want)
{
	VSS_AUTOFREE char *notes = found(b, 0);
	assert_string_equal(notes, want);
}

static void
a_saved_set_lies_in_every_place_and_in_the_cache(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one");
	VSS_AUTOFREE char *name = name_of(s);
	struct stat st;
	assert_int_equal(vss_catalog_save(s, b->places, 2, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fstatat(b->places[i].dirfd, name, &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_true(cache_has(b, s));
	expect_found(b, "one,");

	assert_int_equal(vss_catalog_remove(&s->id, b->places, 2, &err), 0);
	assert_false(has(b->places[0].dirfd, name) || has(b->places[1].dirfd, name) || cache_has(b, s));
	assert_int_equal(vss_catalog_remove(&s->id, b->places, 2, &err), 0); /* absence is fine */
	expect_found(b, "");
	vss_set_free(s);
}

static void
the_list_comes_back_without_the_cache(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one"), *t = new_set("two");
	struct vss_set_list l = { 0 };
	t->created_ns++;
	assert_int_equal(vss_catalog_save(s, b->places, 1, &err), 0);
	assert_int_equal(vss_catalog_save(t, b->places + 1, 1, &err), 0);
	VSS_AUTOCLOSE int box = open(b->box, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(vss_remove_tree(box, "state", &err), 0);

	assert_int_equal(vss_catalog_cached(&l, &err), 0);
	assert_int_equal(l.n, 0);
	expect_found(b, "one,two,");
	assert_int_equal(vss_catalog_scan(b->places, 2, &l, &err), 0);
	assert_int_equal(vss_catalog_refresh(&l, &err), 0);
	vss_set_list_free(&l);
	assert_int_equal(vss_catalog_cached(&l, &err), 0);
	assert_int_equal(l.n, 2);
	vss_set_list_free(&l);
	vss_set_free(s);
	vss_set_free(t);
}

static void
the_newest_of_two_documents_of_a_set_wins(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("old");
	VSS_AUTOFREE char *name = name_of(s);
	for (size_t newest = 0; newest < 2; newest++) {
		const struct timespec old[2] = { { 1000, 0 }, { 1000, 1 } }, young[2] = { { 1000, 0 }, { 1000, 2 } };
		free(s->note);
		s->note = vss_strdup("old");
		assert_int_equal(vss_catalog_save(s, &b->places[!newest], 1, &err), 0);
		free(s->note);
		s->note = vss_strdup("new");
		assert_int_equal(vss_catalog_save(s, &b->places[newest], 1, &err), 0);
		assert_int_equal(utimensat(b->places[!newest].dirfd, name, old, 0), 0);
		assert_int_equal(utimensat(b->places[newest].dirfd, name, young, 0), 0);
		expect_found(b, "new,");
	}
	vss_set_free(s);
}

static void
what_cannot_be_read_is_told_once_and_kept(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("good");
	assert_int_equal(vss_catalog_save(s, b->places, 1, &err), 0);
	put(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml", "not XML");
	expect_found(b, "good,");
	assert_non_null(strstr(
		b->warnings.data, "a: 00000000-0000-4000-8000-000000000001.xml: shadow copy set document: line 1: "));
	assert_non_null(strstr(b->warnings.data, "; kept as 00000000-0000-4000-8000-000000000001.xml.unreadable\n"));
	assert_true(has(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml.unreadable"));
	assert_false(has(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml"));
	vss_buf_reset(&b->warnings);
	expect_found(b, "good,");
	assert_int_equal(b->warnings.len, 0);
	vss_set_free(s);
}

static void
one_set_aside_is_never_overwritten(void **state)
{
	struct bench *b = *state;
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	put(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml.unreadable", "first");
	put(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml", "second");
	expect_found(b, "");
	assert_int_equal(vss_read_file_at(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml.unreadable", 99,
				 &text, &err),
		0);
	assert_string_equal(text.data, "first");
	assert_true(has(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml"));
}

static void
a_document_of_a_newer_version_stays_where_it_is(void **state)
{
	struct bench *b = *state;
	put(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml",
		"<SHADOW_COPY_SET xmlns='urn:x-vss-tools:documents:1' version='2'/>");
	expect_found(b, "");
	assert_non_null(strstr(b->warnings.data, "format version 2; this program knows 1\n"));
	assert_true(has(b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml"));
}

static void
a_document_under_another_name_is_refused(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one");
	VSS_AUTOFREE char *name = name_of(s);
	assert_int_equal(vss_catalog_save(s, b->places, 1, &err), 0);
	assert_int_equal(
		renameat(b->places[0].dirfd, name, b->places[0].dirfd, "00000000-0000-4000-8000-000000000001.xml"), 0);
	expect_found(b, "");
	assert_non_null(strstr(b->warnings.data, "holds another set; kept as"));
	vss_set_free(s);
}

static void
other_files_are_none_of_ours(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	static const char *const names[] = { "README.xml", "{00000000-0000-4000-8000-000000000001}.xml", ".vss-x.tmp",
		"00000000-0000-4000-8000-00000000000A.xml", "00000000-0000-4000-8000-000000000001.xml.bak", "x" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put(b->places[0].dirfd, names[i], "x");
	expect_found(b, "");
	assert_int_equal(b->warnings.len, 0);
	assert_int_equal(mkdirat(b->places[0].dirfd, "00000000-0000-4000-8000-00000000000b.xml", 0700), 0);
	assert_int_equal(symlinkat("x", b->places[0].dirfd, "00000000-0000-4000-8000-00000000000c.xml"), 0);
	expect_found(b, "");
	assert_non_null(strstr(b->warnings.data, "00000000-0000-4000-8000-00000000000b.xml: "));
	struct vss_set_list none = { 0 };
	assert_int_equal(vss_catalog_refresh(&none, &err), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(has(b->places[0].dirfd, names[i]));
}

static void
a_save_that_fails_leaves_nothing_new_behind(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one");
	VSS_AUTOFREE char *name = name_of(s);
	assert_int_equal(mkdirat(b->places[1].dirfd, name, 0700), 0); /* in the way */
	assert_int_equal(vss_catalog_save(s, b->places, 2, &err), -1);
	assert_non_null(strstr(err.text, "set document: b: "));
	assert_false(has(b->places[0].dirfd, name));
	assert_false(cache_has(b, s));
	assert_int_equal(unlinkat(b->places[1].dirfd, name, AT_REMOVEDIR), 0);

	/* one that was there before stays: the set has not gone */
	assert_int_equal(vss_catalog_save(s, b->places, 1, &err), 0);
	assert_int_equal(mkdirat(b->places[1].dirfd, name, 0700), 0);
	assert_int_equal(vss_catalog_save(s, b->places, 2, &err), -1);
	assert_true(has(b->places[0].dirfd, name));
	vss_set_free(s);
}

static void
without_a_cache_a_set_is_saved_beside_its_copies(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one");
	VSS_AUTOFREE char *path = vss_strf("%s/state", b->box);
	vss_write_file(path, "in the way", 10, 0600, &err);
	assert_int_equal(vss_catalog_save(s, b->places, 1, &err), 0);
	assert_non_null(strstr(b->warnings.data, "set document: cache: "));
	expect_found(b, "one,");
	/* but somewhere it has to be */
	assert_int_equal(vss_catalog_save(s, NULL, 0, &err), -1);
	vss_set_free(s);
}

static void
what_the_cache_keeps_does_not_keep_a_set(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one");
	VSS_AUTOFREE char *name = name_of(s);
	VSS_AUTOFREE char *cached = vss_strf("%s/state/sets/%s", b->box, name);
	assert_int_equal(vss_catalog_save(s, b->places, 1, &err), 0);
	assert_int_equal(unlink(cached), 0);
	assert_int_equal(mkdir(cached, 0700), 0); /* in the way */
	assert_int_equal(vss_catalog_remove(&s->id, b->places, 1, &err), 0);
	assert_non_null(strstr(b->warnings.data, "cache: remove "));
	assert_false(has(b->places[0].dirfd, name));
	/* but where nothing else knows of it, it has not gone */
	assert_int_equal(vss_catalog_remove(&s->id, NULL, 0, &err), -1);
	vss_set_free(s);
}

static void
the_cache_holds_exactly_what_it_is_given(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("gone"), *t = new_set("kept");
	struct vss_set_list l = { 0 };
	assert_int_equal(vss_catalog_save(s, NULL, 0, &err), 0);
	VSS_PUSH(l.v, l.n, l.cap) = t;
	assert_int_equal(vss_catalog_refresh(&l, &err), 0);
	assert_true(cache_has(b, t));
	assert_false(cache_has(b, s));

	VSS_AUTOFREE char *name = name_of(t), *path = vss_strf("%s/state/sets/%s", b->box, name);
	struct stat before, after;
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(vss_catalog_refresh(&l, &err), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino); /* what has not changed is not written again */
	vss_set_list_free(&l);
	vss_set_free(s);
}

static void
a_place_that_cannot_be_listed_hides_no_other(void **state)
{
	struct bench *b = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_set *s = new_set("one");
	assert_int_equal(vss_catalog_save(s, b->places + 1, 1, &err), 0);
	int good = b->places[0].dirfd;
	b->places[0].dirfd = -1;
	VSS_AUTOFREE char *notes = found(b, -1);
	b->places[0].dirfd = good;
	assert_string_equal(notes, "one,");
	vss_set_free(s);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_saved_set_lies_in_every_place_and_in_the_cache),
		TEST(the_list_comes_back_without_the_cache),
		TEST(the_newest_of_two_documents_of_a_set_wins),
		TEST(what_cannot_be_read_is_told_once_and_kept),
		TEST(one_set_aside_is_never_overwritten),
		TEST(a_document_of_a_newer_version_stays_where_it_is),
		TEST(a_document_under_another_name_is_refused),
		TEST(other_files_are_none_of_ours),
		TEST(a_save_that_fails_leaves_nothing_new_behind),
		TEST(without_a_cache_a_set_is_saved_beside_its_copies),
		TEST(what_the_cache_keeps_does_not_keep_a_set),
		TEST(the_cache_holds_exactly_what_it_is_given),
		TEST(a_place_that_cannot_be_listed_hides_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
