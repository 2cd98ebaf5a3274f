/* SPDX-License-Identifier: BSD-2-Clause */
/* What the table of MyWriter (test_mywriter.c) does not have. */
#include "model/components.h"

#include "lib/cm.h"

#include <string.h>

/* Sets in sets, of three levels: name, path, selectable. */
static const struct {
	const char *name, *path;
	bool selectable;
} nested[] = {
	{ "top", NULL, true },
	{ "inner", "top/by", true },
	{ "leaf", "top/by/inner", false },
	{ "topmost", NULL, false }, /* the beginning of its name is another's */
	{ "plain", "topmost", false },
};
#define COMPONENTS (sizeof nested / sizeof *nested)

static struct vss_metadata *
make(void)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < COMPONENTS; i++) {
		struct vss_component *c =
			vss_metadata_add_component(m, VSS_CT_FILEGROUP, nested[i].path, nested[i].name, &err);
		assert_non_null(c);
		c->selectable = nested[i].selectable;
	}
	return m;
}

/* x: wished for; e: explicit, i: implicit, -: out; "!": refused */
static void
sets_nest(void **state)
{
	static const struct {
		const char *wishes, *expected;
	} rows[] = {
		{ "x----", "eiiee" },
		{ "-x---", "-eiee" },
		{ "xx---", "eiiee" }, /* the inner one goes out of the document: Z4 */
		{ "--x--", "!" },
		{ "-xx--", "-eiee" },
		{ "----x", "---ee" },
	};
	struct vss_metadata *m = make();
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct vss_err err = VSS_ERR_INIT;
		bool wanted[COMPONENTS];
		unsigned char out[COMPONENTS];
		char letters[COMPONENTS + 1] = "!";
		for (size_t i = 0; i < COMPONENTS; i++)
			wanted[i] = rows[r].wishes[i] == 'x';
		if (vss_select_for_backup(m, wanted, out, &err) == 0)
			for (size_t i = 0; i <= COMPONENTS; i++)
				letters[i] = i < COMPONENTS ? "-ei"[out[i]] : '\0';
		assert_string_equal(letters, rows[r].expected);
	}
	vss_metadata_free(m);
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
		cmocka_unit_test(sets_nest),
		cmocka_unit_test(ancestors_are_found_by_elements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
