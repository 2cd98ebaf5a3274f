/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/components.h"

#include "lib/cm.h"

#include <string.h>

/* The test vector of the documentation ("MyWriter"): name, path, selectable. */
static const struct {
	const char *name, *path;
	bool selectable;
} my_writer[] = {
	{ "Executables", "", false },
	{ "ConfigFiles", "Executables", false },
	{ "LicenseInfo", NULL, true },
	{ "Security", "", true },
	{ "UserInfo", "Security", false },
	{ "Certificates", "Security", false },
	{ "writerData", "", true },
	{ "Set1", "writerData", false },
	{ "Jan", "writerData\\Set1", false },
	{ "Dec", "writerData\\Set1", false },
	{ "Set2", "writerData", false },
	{ "Jan", "writerData\\Set2", false },
	{ "Dec", "writerData\\Set2", false },
	{ "Query", "writerData\\QueryLogs", false },
	{ "Usage", "writerData", true },
	{ "Jan", "writerData\\Usage", false },
	{ "Dec", "writerData\\Usage", false },
};
#define COMPONENTS (sizeof my_writer / sizeof *my_writer)

static int
set_up(void **state)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;
	for (size_t i = 0; i < COMPONENTS; i++) {
		struct vss_component *c =
			vss_metadata_add_component(m, VSS_CT_FILEGROUP, my_writer[i].path, my_writer[i].name, &err);
		assert_non_null(c);
		c->selectable = my_writer[i].selectable;
	}
	*state = m;
	return 0;
}

static int
tear_down(void **state)
{
	vss_metadata_free(*state);
	return 0;
}

/* Each component gives one letter: e explicit, i implicit, - out. `names` are "path/name" separated by blanks. */
static const char *
choose(const struct vss_metadata *m, const char *names, struct vss_err *err)
{
	static char letters[COMPONENTS + 1];
	bool wanted[COMPONENTS] = { false };
	unsigned char out[COMPONENTS];
	char copy[200];

	strncpy(copy, names, sizeof copy - 1);
	copy[sizeof copy - 1] = '\0';
	for (char *name = strtok(copy, " "); name; name = strtok(NULL, " ")) {
		char *slash = strrchr(name, '/');
		if (slash)
			*slash = '\0';
		struct vss_component *c = vss_metadata_find(m, slash ? name : NULL, slash ? slash + 1 : name);
		assert_non_null(c);
		wanted[c - m->components] = true;
	}
	if (vss_select_for_backup(m, wanted, out, err) < 0)
		return NULL;
	for (size_t i = 0; i < COMPONENTS; i++)
		letters[i] = "-ei"[out[i]];
	return letters;
}

/* columns: Executables ConfigFiles LicenseInfo | Security UserInfo Certificates | writerData Set1 J D Set2 J D Query
 * Usage J D */

static void
one_choice_draws_in_the_compulsory_ones(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_string_equal(choose(*state, "LicenseInfo", &err), "eee--------------");
}

static void
a_choice_brings_its_descendants_implicitly(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_string_equal(choose(*state, "Security", &err), "ee-eii-----------");
	assert_string_equal(choose(*state, "writerData", &err), "ee----eiiiiiiiiii");
}

static void
a_selectable_child_goes_out_when_its_parent_is_chosen(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_string_equal(choose(*state, "writerData writerData/Usage", &err), "ee----eiiiiiiiiii");
}

static void
a_selectable_child_may_be_chosen_without_its_parent(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_string_equal(choose(*state, "writerData/Usage", &err), "ee------------eii");
}

static void
nothing_chosen_leaves_the_writer_out(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_string_equal(choose(*state, "", &err), "-----------------");
}

static void
a_compulsory_component_may_be_asked_for(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_string_equal(choose(*state, "Executables", &err), "ee---------------");
	assert_string_equal(choose(*state, "Executables/ConfigFiles", &err), "ee---------------");
}

static void
a_child_of_a_selectable_parent_is_never_chosen_alone(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	assert_null(choose(*state, "Security/UserInfo", &err));
	assert_int_equal(err.code, VSS_USAGE);
	assert_string_equal(err.text, "component /Security/UserInfo: cannot be chosen on its own, only with /Security");
	/* no component "QueryLogs" stands between, yet it belongs to writerData */
	assert_null(choose(*state, "writerData/QueryLogs/Query", &err));
	/* with its parent the wish is fulfilled */
	assert_string_equal(choose(*state, "Security Security/UserInfo", &err), "ee-eii-----------");
}

static void
ancestors_are_found_by_elements(void **state)
{
	(void)state;
	char writer[] = "writer", data[] = "writerData", top[] = "", deep[] = "\\writer/x\\", name[] = "n";
	struct vss_component a = { .name = writer }, b = { .logical_path = data, .name = name },
			     c = { .logical_path = top, .name = name }, d = { .logical_path = deep, .name = name };
	assert_false(vss_component_is_ancestor(&a, &b));
	assert_false(vss_component_is_ancestor(&a, &c));
	assert_false(vss_component_is_ancestor(&a, &a));
	assert_true(vss_component_is_ancestor(&a, &d));
	assert_false(vss_component_is_ancestor(&d, &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_choice_draws_in_the_compulsory_ones),
		cmocka_unit_test(a_choice_brings_its_descendants_implicitly),
		cmocka_unit_test(a_selectable_child_goes_out_when_its_parent_is_chosen),
		cmocka_unit_test(a_selectable_child_may_be_chosen_without_its_parent),
		cmocka_unit_test(nothing_chosen_leaves_the_writer_out),
		cmocka_unit_test(a_compulsory_component_may_be_asked_for),
		cmocka_unit_test(a_child_of_a_selectable_parent_is_never_chosen_alone),
		cmocka_unit_test(ancestors_are_found_by_elements),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
