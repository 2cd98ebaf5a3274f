/* SPDX-License-Identifier: BSD-2-Clause */
#include "copies/limits.h"

#include "lib/box.h"
#include "model/vocabulary.h"

static void
sizes_are_words_shares_or_unbounded(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		int rc;
		uint64_t bytes;
		unsigned percent;
	} cases[] = {
		{ "320M", 0, VSS_LIMIT_MIN, 0 },
		{ "335544320", 0, VSS_LIMIT_MIN, 0 },
		{ "335544319", -1, 0, 0 },
		{ "2TB", 0, UINT64_C(2) << 40, 0 },
		{ "20%", 0, VSS_LIMIT_NONE, 20 },
		{ "100%", 0, VSS_LIMIT_NONE, 100 },
		{ "101%", -1, 0, 0 },
		{ "0%", -1, 0, 0 },
		{ "%", -1, 0, 0 },
		{ "UNBOUNDED", 0, VSS_LIMIT_NONE, 0 },
		{ "unbounded", 0, VSS_LIMIT_NONE, 0 },
		{ "0", 0, 0, 0 },
		{ "", -1, 0, 0 },
		{ "-1", -1, 0, 0 },
		{ "lots", -1, 0, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vss_limit l = VSS_LIMIT_INIT;
		struct vss_err err = VSS_ERR_INIT;
		assert_int_equal(vss_limit_parse_size(cases[i].word, &l, &err), cases[i].rc);
		if (cases[i].rc) {
			assert_int_equal(err.code, VSS_USAGE);
			continue;
		}
		assert_true(l.max_bytes == cases[i].bytes);
		assert_int_equal(l.percent, cases[i].percent);
	}
}

static void
a_share_is_of_the_storage(void **state)
{
	(void)state;
	struct vss_limit l = VSS_LIMIT_INIT;

	assert_true(vss_limit_bytes(&l, 1000) == VSS_LIMIT_NONE);
	l.percent = 20;
	assert_true(vss_limit_bytes(&l, 1000) == 200);
	assert_true(vss_limit_bytes(&l, 199) == 39);
	assert_true(vss_limit_bytes(&l, UINT64_MAX) == UINT64_MAX / 5);
	assert_true(vss_limit_bytes(&l, 0) == VSS_LIMIT_NONE); /* nobody knows of what */
	l.percent = 0;
	l.max_bytes = 7;
	assert_true(vss_limit_bytes(&l, 0) == 7);
}

static void
the_storage_itself_comes_before_any(void **state)
{
	(void)state;
	struct vss_limit v[] = { { "id-1", NULL, "", NULL, 1, 0, 1 }, { "id-1", NULL, "/x", "id-3", 2, 0, 2 },
		{ "id-2", NULL, "/x", NULL, 3, 0, 3 } };
	struct vss_limits l = { v, 3, 3 };

	assert_ptr_equal(vss_limits_for(&l, "ID-1", "/x"), &v[1]);
	assert_ptr_equal(vss_limits_for(&l, "id-1", "/y"), &v[0]);
	assert_ptr_equal(vss_limits_for(&l, "id-2", "/x"), &v[2]);
	assert_null(vss_limits_for(&l, "id-2", "/y"));
	assert_ptr_equal(vss_limits_association(&l, "ID-1"), &v[1]);
	assert_null(vss_limits_association(&l, "id-2"));
}

static void
so_many_copies_and_no_more(void **state)
{
	(void)state;
	struct vss_limit keep = VSS_LIMIT_INIT;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(vss_limit_check_number(NULL, "/a", 511, 0, VSS_CTX_APP_ROLLBACK, &err), 0);
	assert_int_equal(vss_limit_check_number(NULL, "/a", 512, 0, VSS_CTX_APP_ROLLBACK, &err), -1);
	assert_int_equal(err.code, VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED);
	assert_int_equal(vss_limit_check_number(NULL, "/a", 64, 64, VSS_CTX_NAS_ROLLBACK, &err), 0);
	assert_int_equal(vss_limit_check_number(NULL, "/a", 64, 63, VSS_CTX_CLIENT_ACCESSIBLE, &err), 0);
	assert_int_equal(vss_limit_check_number(NULL, "/a", 64, 64, VSS_CTX_CLIENT_ACCESSIBLE_WRITERS, &err), -1);
	/* older ones go for it */
	keep.max_copies = 512;
	assert_int_equal(vss_limit_check_number(&keep, "/a", 512, 0, VSS_CTX_APP_ROLLBACK, &err), 0);
	assert_int_equal(vss_limit_check_number(&keep, "/a", 64, 64, VSS_CTX_CLIENT_ACCESSIBLE, &err), -1);
	keep.max_copies = 64;
	assert_int_equal(vss_limit_check_number(&keep, "/a", 64, 64, VSS_CTX_CLIENT_ACCESSIBLE, &err), 0);
}

/* Both as the volume of copies and as the one that they are on; others keep theirs. */
static void
limits_follow_the_volume(void **state)
{
	struct vss_limit of = VSS_LIMIT_INIT, on = VSS_LIMIT_INIT, other = VSS_LIMIT_INIT;
	struct vss_limits l = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	setenv("VSS_LIMITS_DIR", *state, 1);
	of.volume_id = "old", of.place = "/x", of.max_bytes = VSS_LIMIT_MIN;
	on.volume_id = "b", on.place = "/y", on.on = "old", on.percent = 20;
	other.volume_id = "c", other.place = "", other.max_copies = 3;
	assert_int_equal(vss_limit_write(&of, &err), 0);
	assert_int_equal(vss_limit_write(&on, &err), 0);
	assert_int_equal(vss_limit_write(&other, &err), 0);
	assert_int_equal(vss_limits_follow("OLD", "new", &err), 0);
	assert_int_equal(vss_limits_follow("old", "again", &err), 0); /* there is none any more */
	assert_int_equal(vss_limits_follow("c", "C", &err), 0);
	assert_int_equal(vss_limits_read(&l, &err), 0);
	assert_int_equal(l.n, 3);
	assert_null(vss_limits_for(&l, "old", "/x"));
	assert_true(vss_limits_for(&l, "new", "/x")->max_bytes == VSS_LIMIT_MIN);
	assert_string_equal(vss_limits_association(&l, "b")->on, "new");
	assert_int_equal(vss_limits_association(&l, "b")->percent, 20);
	assert_true(vss_limits_for(&l, "c", "/z")->max_copies == 3);
	vss_limits_free(&l);
	unsetenv("VSS_LIMITS_DIR");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_words_shares_or_unbounded),
		cmocka_unit_test(a_share_is_of_the_storage),
		cmocka_unit_test(the_storage_itself_comes_before_any),
		cmocka_unit_test(so_many_copies_and_no_more),
		cmocka_unit_test_setup_teardown(limits_follow_the_volume, box_make, box_drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
