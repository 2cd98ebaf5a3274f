/* SPDX-License-Identifier: BSD-2-Clause */
#include "provider/lvm_internal.h"

#include "base/mem.h"
#include "base/str.h"
#include "lib/cm.h"
#include "os/durable.h"

#include <string.h>
#include <sys/sysmacros.h>

/* What lvm 2.03.16 printed in a guest, tests/data/lvm. */

#define GROUP "RI1nbM-Ejq7-eT0a-bNLa-n0A3-T00r-SfFBUo"
#define COPY "vss-0a0b0c0d-1111-4222-8333-444455556666"

static struct vss_lvm_report
recorded(const char *name)
{
	VSS_AUTOBUF struct vss_buf json = VSS_BUF_INIT;
	VSS_AUTOFREE char *path = vss_strf(VSS_SOURCE_DIR "/tests/data/lvm/%s.json", name);
	struct vss_lvm_report r;
	struct vss_err err = VSS_ERR_INIT;

	assert_int_equal(vss_read_file(path, 1 << 20, &json, &err), 0);
	assert_int_equal(vss_lvm_report_parse(&json, &r, &err), 0);
	return r;
}

static const struct vss_lvm_lv *
copy_in(const struct vss_lvm_report *r)
{
	const struct vss_lvm_lv *lv = vss_lvm_by_name(r, GROUP, COPY);
	assert_non_null(lv);
	return lv;
}

static void
a_machine_without_volumes_has_an_empty_report(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("none");

	assert_int_equal(r.n, 0);
	assert_false(vss_lvm_has_group(&r, GROUP));
	vss_lvm_report_free(&r);
}

static void
a_thick_copy_and_its_origin(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("thick-sealed");
	const struct vss_lvm_lv *origin = vss_lvm_by_uuid(&r, "ctNcHA-pj7y-owa3-rKc5-QIyV-aOmr-7GXjOr");
	const struct vss_lvm_lv *copy = copy_in(&r);

	assert_non_null(origin);
	assert_string_equal(origin->name, "a");
	assert_int_equal(origin->size, 300 << 20);
	assert_int_equal(origin->vg_free, 1765801984);
	assert_int_equal(origin->vg_extent, 4 << 20);
	assert_int_equal(origin->vg_metadata_free, 519168);
	assert_true(origin->is_open && origin->is_active && !origin->is_thick_copy && !origin->thin &&
		    !origin->is_read_only);
	assert_null(origin->origin);
	assert_int_equal(origin->data, -1);

	assert_true(copy->is_thick_copy && copy->is_active && copy->is_read_only && !copy->is_invalid && !copy->thin);
	assert_string_equal(copy->origin_uuid, origin->uuid);
	assert_int_equal(copy->size, 60 << 20);
	assert_int_equal(copy->data, 1161);
	assert_int_equal(copy->dev, makedev(253, 3));
	assert_int_equal(copy->tags.n, 3);
	assert_string_equal(copy->tags.v[1], "vss.x.1");
	vss_lvm_report_free(&r);
}

static void
a_copy_is_found_by_its_own_id_and_tells_its_set(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("thick-sealed");
	struct vss_uuid id, set;
	char text[VSS_UUID_TEXT];

	assert_int_equal(vss_uuid_parse(COPY + strlen("vss-"), &id), 0);
	assert_ptr_equal(vss_lvm_copy(&r, GROUP, &id), copy_in(&r));
	assert_null(vss_lvm_copy(&r, "RI1nbM-Ejq7-eT0a-bNLa-n0A3-T00r-SfFBUx", &id));
	assert_true(vss_lvm_is_copy(copy_in(&r), &set) && vss_uuid_eq(&id, &set));
	assert_int_equal(vss_lvm_tagged(copy_in(&r), "vss.set.", &set), 0);
	vss_uuid_text(&set, text);
	assert_string_equal(text, "99999999-1111-4222-8333-444455556666");
	assert_int_equal(vss_lvm_tagged(copy_in(&r), "vss.making.", &set), -1);
	assert_false(vss_lvm_is_copy(vss_lvm_by_name(&r, GROUP, "a"), &set));
	vss_lvm_report_free(&r);
}

static void
one_that_has_overflowed_is_invalid(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("overflow");

	assert_true(copy_in(&r)->is_invalid);
	assert_int_equal(copy_in(&r)->data, 10000);
	assert_false(vss_lvm_by_name(&r, GROUP, "a")->is_invalid);
	vss_lvm_report_free(&r);
}

static void
thin_volumes_their_pool_and_a_copy_that_is_not_active(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("thin");
	const struct vss_lvm_lv *pool = vss_lvm_by_name(&r, GROUP, "tp"), *t = vss_lvm_by_name(&r, GROUP, "t");

	assert_true(pool && pool->is_pool && !pool->thin);
	assert_int_equal(pool->data, 1617);
	assert_int_equal(pool->metadata, 1069);
	assert_true(t && t->thin && !t->is_pool);
	assert_string_equal(t->pool, "tp");
	assert_true(copy_in(&r)->thin && !copy_in(&r)->is_active && !copy_in(&r)->is_thick_copy);
	assert_int_equal(copy_in(&r)->dev, 0);
	assert_int_equal(copy_in(&r)->data, -1);
	assert_string_equal(copy_in(&r)->origin, "t");
	vss_lvm_report_free(&r);
}

static void
a_merge_that_waits_is_seen_at_the_origin_and_hides_the_copy(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("thick-merging");

	assert_true(vss_lvm_by_name(&r, GROUP, "a")->is_merging);
	assert_null(vss_lvm_by_name(&r, GROUP, COPY));
	vss_lvm_report_free(&r);
}

static void
a_thick_snapshot_is_told_from_a_thin_one(void **state)
{
	(void)state;
	struct vss_lvm_report r = recorded("roles");

	for (size_t i = 0; i < r.n; i++)
		assert_int_equal(r.v[i].is_thick_copy, strcmp(r.v[i].name, "s1") == 0);
	vss_lvm_report_free(&r);
}

static void
refused(const char *text)
{
	VSS_AUTOBUF struct vss_buf json = VSS_BUF_INIT;
	struct vss_lvm_report r;
	struct vss_err err = VSS_ERR_INIT;

	vss_buf_str(&json, text);
	assert_int_equal(vss_lvm_report_parse(&json, &r, &err), -1);
	assert_int_equal(err.code, VSS_INVALID);
	vss_lvm_report_free(&r);
}

static void
what_is_no_report_is_refused(void **state)
{
	(void)state;
	refused("");
	refused("  WARNING: something\n{\"report\":[]}");
	refused("{}");
	refused("{\"report\":[{\"lv\":[{\"lv_name\":\"a\"}]}]}");
	refused("{\"report\":[{\"lv\":[{\"lv_name\":\"a\",\"lv_uuid\":\"x\",\"vg_name\":\"v\",\"vg_uuid\":\"../../"
		"etc\"}]}]}");
}

static void
the_uuid_of_a_group_is_fit_for_a_path(void **state)
{
	(void)state;
	assert_true(vss_lvm_is_place(GROUP));
	assert_false(vss_lvm_is_place(""));
	assert_false(vss_lvm_is_place("RI1nbM-Ejq7-eT0a-bNLa-n0A3-T00r-SfFBU"));
	assert_false(vss_lvm_is_place("RI1nbM-Ejq7-eT0a-bNLa-n0A3-T00r-SfFB/o"));
	assert_false(vss_lvm_is_place("7f4b8c52-1f0e-4a5d-9a37-5a0b6c1f6a02"));
}

static void
the_kernels_name_doubles_what_separates(void **state)
{
	(void)state;
	VSS_AUTOFREE char *name = vss_dm_name("my-vg", COPY);
	assert_string_equal(name, "my--vg-vss--0a0b0c0d--1111--4222--8333--444455556666");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_without_volumes_has_an_empty_report),
		cmocka_unit_test(a_thick_copy_and_its_origin),
		cmocka_unit_test(a_copy_is_found_by_its_own_id_and_tells_its_set),
		cmocka_unit_test(one_that_has_overflowed_is_invalid),
		cmocka_unit_test(thin_volumes_their_pool_and_a_copy_that_is_not_active),
		cmocka_unit_test(a_merge_that_waits_is_seen_at_the_origin_and_hides_the_copy),
		cmocka_unit_test(a_thick_snapshot_is_told_from_a_thin_one),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(the_uuid_of_a_group_is_fit_for_a_path),
		cmocka_unit_test(the_kernels_name_doubles_what_separates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
