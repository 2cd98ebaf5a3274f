/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/store_internal.h"

#include "lib/box.h"

static char place[] = "/place";

static struct vss_store
claimed(void **state, const char *provider)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_store s = { .place = vss_strdup(place), .rootfd = box_open(state) };

	assert_int_equal(vss_store_claim(&s, provider, &err), 0);
	return s;
}

static int
drop_nothing(int dirfd, const char *name, struct vss_err *err)
{
	(void)dirfd, (void)name, (void)err;
	return 0;
}

static const struct vss_store_kind kind = { .provider = "one", .drop = drop_nothing };

static void
storage_is_found_by_whom_it_belongs_to(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_store s = claimed(state, "one");
	int fd = vss_store_find(s.rootfd, "one", &err);

	assert_true(fd >= 0);
	assert_true(s.fresh);
	assert_true(vss_is_shadow_storage(s.rootfd, VSS_SHADOW_STORAGE));
	assert_int_equal(vss_store_find(s.rootfd, "another", &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	close(fd);
	vss_store_close(&s);
}

static void
another_provider_cannot_claim_it(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_store s = claimed(state, "one"), other = { .place = place, .rootfd = s.rootfd };

	assert_int_equal(vss_store_claim(&other, "another", &err), -1);
	assert_int_equal(err.code, VSS_EXISTS);
	vss_store_close(&s);
}

static void
one_set_is_made_in_it_at_a_time(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_store s = claimed(state, "one"), other = { .place = place, .rootfd = s.rootfd };

	assert_int_equal(vss_store_claim(&other, "one", &err), -1);
	assert_int_equal(err.code, VSS_E_SNAPSHOT_SET_IN_PROGRESS);
	assert_int_equal(vss_store_tidy(s.rootfd, place, &kind, &err), 0);
	assert_true(vss_is_shadow_storage(s.rootfd, VSS_SHADOW_STORAGE));
	vss_store_close(&s);
}

static void
what_is_gone_already_is_tidied_without_a_word(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);

	assert_int_equal(vss_store_tidy(box, place, &kind, &err), 0);
	assert_int_equal(err.code, VSS_OK);
}

static void
what_others_could_have_put_there_is_not_trusted(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	struct vss_store s = { .place = place, .rootfd = box };

	box_mkdir(box, VSS_SHADOW_STORAGE); /* 0755 */
	assert_int_equal(vss_store_claim(&s, "one", &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_int_equal(vss_store_find(box, "one", &err), -1);
	assert_int_equal(err.code, VSS_DENIED);
	assert_int_equal(unlinkat(box, VSS_SHADOW_STORAGE, AT_REMOVEDIR), 0);

	box_mkdir(box, "elsewhere");
	assert_int_equal(symlinkat("elsewhere", box, VSS_SHADOW_STORAGE), 0);
	assert_int_equal(vss_store_claim(&s, "one", &err), -1);
	assert_int_equal(vss_store_find(box, "one", &err), -1);
}

static void
a_mark_that_a_crash_left_empty_is_written_by_the_next(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);

	assert_int_equal(mkdirat(box, VSS_SHADOW_STORAGE, 0700), 0);
	box_write(box, VSS_SHADOW_STORAGE "/" VSS_SHADOW_MARK, "");
	assert_int_equal(vss_store_find(box, "one", &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
	struct vss_store s = claimed(state, "one");
	VSS_AUTOCLOSE int fd = vss_store_find(box, "one", &err);
	assert_true(fd >= 0);
	vss_store_close(&s);
}

static void
tidying_spares_copies_marks_documents_and_what_is_not_ours(void **state)
{
	static const char id[] = "1362baf8-8e31-40b5-871c-0bcbc77d214b";
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	const char *const names[] = { "", ".making", ".xml", ".xml.unreadable" };

	for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
		struct vss_store s = claimed(state, "one");
		VSS_AUTOFREE char *name = i ? vss_strf(VSS_SHADOW_STORAGE "/%s%s", id, names[i - 1])
					    : vss_strdup(VSS_SHADOW_STORAGE "/mine");
		vss_store_close(&s);
		box_write(box, name, "");
		assert_int_equal(vss_store_tidy(box, place, &kind, &err), 0);
		assert_true(vss_is_shadow_storage(box, VSS_SHADOW_STORAGE));
		assert_int_equal(unlinkat(box, name, 0), 0);
		assert_int_equal(vss_store_tidy(box, place, &kind, &err), 0);
		assert_false(vss_is_shadow_storage(box, VSS_SHADOW_STORAGE));
	}
}

static void
a_mark_of_a_set_reads_back_as_it_was_written(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	struct vss_uuid shadows[3];
	struct vss_making m = { .shadows = shadows, .n = 3 }, got;

	vss_uuid_random(&m.set);
	vss_uuid_random(&m.owner);
	for (size_t i = 0; i < 3; i++)
		vss_uuid_random(&shadows[i]);
	assert_int_equal(vss_making_write(box, &m, &err), 0);
	assert_int_equal(vss_making_read(box, &m.set, &got, &err), 0);
	assert_true(vss_uuid_eq(&got.owner, &m.owner) && vss_uuid_eq(&got.set, &m.set));
	assert_int_equal(got.n, 3);
	assert_memory_equal(got.shadows, shadows, sizeof shadows);
	vss_making_clear(&got);
	assert_int_equal(vss_making_remove(box, &m.set, &err), 0);
	assert_int_equal(vss_making_remove(box, &m.set, &err), 0);
	assert_int_equal(vss_making_read(box, &m.set, &got, &err), -1);
	assert_int_equal(err.code, VSS_ABSENT);
}

static void
a_mark_with_a_strange_line_is_refused(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOCLOSE int box = box_open(state);
	struct vss_uuid set;
	struct vss_making got;
	char name[VSS_UUID_TEXT + 8];

	vss_uuid_random(&set);
	vss_store_set_name(&set, ".making", name);
	box_write(box, name, "owner=1362baf8-8e31-40b5-871c-0bcbc77d214b\nshadow=../../etc\n");
	assert_int_equal(vss_making_read(box, &set, &got, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(storage_is_found_by_whom_it_belongs_to),
		BOX_TEST(another_provider_cannot_claim_it),
		BOX_TEST(one_set_is_made_in_it_at_a_time),
		BOX_TEST(what_is_gone_already_is_tidied_without_a_word),
		BOX_TEST(what_others_could_have_put_there_is_not_trusted),
		BOX_TEST(a_mark_that_a_crash_left_empty_is_written_by_the_next),
		BOX_TEST(tidying_spares_copies_marks_documents_and_what_is_not_ours),
		BOX_TEST(a_mark_of_a_set_reads_back_as_it_was_written),
		BOX_TEST(a_mark_with_a_strange_line_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
