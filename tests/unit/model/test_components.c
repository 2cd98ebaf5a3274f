/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/components.h"

#include "base/mem.h"
#include "lib/cm.h"

struct things {
	struct vss_metadata *m;
	struct vss_bcd *b;
};

static int
set_up(void **state)
{
	static struct things t;
	struct vss_err err = VSS_ERR_INIT;
	t.m = vss_metadata_new();
	t.b = vss_bcd_new();
	vss_uuid_random(&t.m->writer_id);
	vss_uuid_random(&t.m->instance_id);
	t.m->name = vss_strdup("Test Writer");
	t.m->schema = VSS_BS_COPY;
	assert_non_null(vss_metadata_add_component(t.m, VSS_CT_DATABASE, "a\\b", "c", &err));
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct things *t = *state;
	vss_metadata_free(t->m);
	vss_bcd_free(t->b);
	return 0;
}

static void
writers_are_found_by_class_and_instance(void **state)
{
	struct things *t = *state;
	struct vss_uuid other;
	vss_uuid_random(&other);
	struct vss_bcd_writer *w = vss_bcd_add_writer(t->b, t->m);
	assert_string_equal(w->name, "Test Writer");
	assert_null(w->instance_name);
	assert_int_equal(w->schema, VSS_BS_COPY);
	assert_ptr_equal(vss_bcd_find_writer(t->b, &t->m->writer_id, NULL), w);
	assert_ptr_equal(vss_bcd_find_writer(t->b, &t->m->writer_id, &t->m->instance_id), w);
	assert_null(vss_bcd_find_writer(t->b, &t->m->writer_id, &other));
	assert_null(vss_bcd_find_writer(t->b, &other, NULL));
}

static void
a_component_is_added_once(void **state)
{
	struct things *t = *state;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_bcd_writer *w = vss_bcd_add_writer(t->b, t->m);
	struct vss_bcd_component *c = vss_bcd_add_component(w, &t->m->components[0], &err);
	assert_non_null(c);
	assert_int_equal(c->type, VSS_CT_DATABASE);
	assert_false(c->succeeded_known);
	assert_null(vss_bcd_add_component(w, &t->m->components[0], &err));
	assert_int_equal(err.code, VSS_E_OBJECT_ALREADY_EXISTS);
	assert_ptr_equal(vss_bcd_find_component(w, "/a/b", "c"), c);
	assert_null(vss_bcd_find_component(w, "/a", "c"));
}

static void
volumes_are_kept_in_order(void **state)
{
	struct things *t = *state;
	vss_bcd_add_volume(t->b, "/a")->provider = vss_strdup("btrfs");
	vss_bcd_add_volume(t->b, "/b");
	assert_int_equal(t->b->nvolumes, 2);
	assert_string_equal(t->b->volumes[0].mount, "/a");
	assert_string_equal(t->b->volumes[1].mount, "/b");
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(writers_are_found_by_class_and_instance),
		TEST(a_component_is_added_once),
		TEST(volumes_are_kept_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
