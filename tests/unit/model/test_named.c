/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/named.h"

#include "lib/cm.h"

#include <string.h>

static void
the_first_colon_before_a_separator_divides(void **state)
{
	static const struct {
		const char *text, *writer, *component;
	} rows[] = {
		{ "MyWriter", "MyWriter", NULL },
		{ "MyWriter:/a/b", "MyWriter", "/a/b" },
		{ "MyWriter:\\a\\b", "MyWriter", "\\a\\b" },
		{ "a: b", "a: b", NULL },
		{ "a:b:/c:/d", "a:b", "/c:/d" },
		{ "a:", "a:", NULL },
		{ "a:/", "a", "/" },
		{ "{6f5c5a5c-0000-0000-0000-000000000001}:/x", "{6f5c5a5c-0000-0000-0000-000000000001}", "/x" },
		{ ":/x", "", "/x" },
		{ "", "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_named n;
		vss_named_parse(&n, rows[i].text);
		assert_string_equal(n.writer, rows[i].writer);
		if (rows[i].component)
			assert_string_equal(n.component, rows[i].component);
		else
			assert_null(n.component);
		vss_named_clear(&n);
		assert_null(n.writer);
	}
}

static const struct {
	const char *path, *name;
	bool selectable;
} tree[] = {
	{ NULL, "data", true },
	{ "data", "set", false },
	{ "data/logs", "query", false },
	{ "more/deep", "top", true },
	{ "more/deep/top", "child", false },
	{ "more/deep\\top", "own", true },
	{ "more", "plain", false },
	{ "more/plain", "below", false },
	{ "moreover", "x", true },
};
#define N (sizeof tree / sizeof *tree)

static void
a_full_path_means_a_component_or_what_is_below_a_path_element(void **state)
{
	static const struct {
		const char *text, *marks; /* x: marked */
	} rows[] = {
		{ "/data", "x--------" },
		{ "data", "x--------" },
		{ "\\data\\set", "-x-------" },
		{ "/data/logs", "--x------" }, /* no component; one below it, C7 */
		{ "/more/deep", "---x-----" }, /* its children come with it */
		{ "/more", "---x--xx-" },
		{ "/more/deep/top/", "---x-----" },
		{ "/", "x--x--xxx" },
		{ "/dat", "---------" },
		{ "/more/dee", "---------" },
		{ "/data/set/none", "---------" },
		{ "/DATA", "---------" },
	};
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;
	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct vss_component *c =
			vss_metadata_add_component(m, VSS_CT_FILEGROUP, tree[i].path, tree[i].name, &err);
		c->selectable = tree[i].selectable;
	}
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		bool marks[N] = { false };
		char letters[N + 1] = "";
		bool any = vss_named_mark(m, rows[r].text, marks);
		for (size_t i = 0; i < N; i++)
			letters[i] = marks[i] ? 'x' : '-';
		assert_string_equal(letters, rows[r].marks);
		assert_int_equal(any, strchr(letters, 'x') != NULL);
	}
	vss_metadata_free(m);
}

static void
marks_that_are_there_stay(void **state)
{
	struct vss_metadata *m = vss_metadata_new();
	struct vss_err err = VSS_ERR_INIT;
	bool marks[2] = { true, false };
	(void)state;
	vss_metadata_add_component(m, VSS_CT_FILEGROUP, NULL, "a", &err);
	vss_metadata_add_component(m, VSS_CT_FILEGROUP, NULL, "b", &err);
	assert_true(vss_named_mark(m, "/b", marks));
	assert_true(marks[0] && marks[1]);
	assert_false(vss_named_mark(m, "/c", marks));
	vss_metadata_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_colon_before_a_separator_divides),
		cmocka_unit_test(a_full_path_means_a_component_or_what_is_below_a_path_element),
		cmocka_unit_test(marks_that_are_there_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
