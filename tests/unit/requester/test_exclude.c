/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/exclude.h"

#include "lib/box.h"

/* Directories that are not there: what they are called is all that counts. */
static struct vss_exclude_list *
list_of(struct vss_exclude_lists *l, const char *line)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_exclude_list *one = &VSS_PUSH(l->v, l->n, l->cap);

	*one = (struct vss_exclude_list){ .name = vss_strdup("x"), .file = vss_strdup("/x.conf") };
	assert_int_equal(vss_exclude_add(one, line, &err), 0);
	return one;
}

static void
a_line_names_files_by_directory_and_name(void **state)
{
	static const struct {
		const char *line, *dir, *name;
		size_t depth; /* 0: no match */
	} rows[] = {
		{ "/no/a/x", "/no/a", "x", 5 },
		{ "/no/a/x", "/no/a", "xx", 0 },
		{ "/no/a/x", "/no/a/b", "x", 0 },
		{ "/no/a/x", "/no", "x", 0 },
		{ "/no/a/x", "/no/ab", "x", 0 },
		{ "/no/a/*", "/no/a", ".x", 5 },
		{ "/no/a/?x", "/no/a", ".x", 5 },
		{ "/no/a/*.*", "/no/a", "x", 5 },
		{ "/no/a/[x]", "/no/a", "x", 0 },
		{ "/no/a/[x]", "/no/a", "[x]", 5 },
		{ "/no/a/x /s", "/no/a", "x", 5 },
		{ "/no/a/x /s", "/no/a/b/c", "x", 5 },
		{ "/no/a/x /s", "/no/ab", "x", 0 },
		{ "/no/a/x  /s", "/no/a/b", "x", 5 },
		{ "/no/a/x y", "/no/a", "x y", 5 },
		{ "/no/*/x", "/no/a", "x", 5 },
		{ "/no/*/x", "/no", "x", 0 },
		{ "/no/*/x", "/no/a/b", "x", 0 },
		{ "/no/*/x /s", "/no/a/b", "x", 5 },
		{ "/no/a?/b*/x /s", "/no/ac/bbb/d", "x", 10 },
		{ "/no/a?/b*/x /s", "/no/a/bbb/d", "x", 0 },
		{ "/no/a?/b/x", "/no/ac/b", "x", 8 },
		{ "/no/a?/b/x", "/no/ac/bb", "x", 0 },
		{ "/*/x", "/no", "x", 3 },
		{ "/x", "/", "x", 1 },
		{ "/x", "/no", "x", 0 },
		{ "/x /s", "/no/a", "x", 1 },
		{ "/* /s", "/no/a", "x", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct vss_exclude_lists l = { 0 };
		size_t depth = 0;
		const struct vss_exclude *x =
			vss_exclude_matches(list_of(&l, rows[i].line), rows[i].dir, rows[i].name, &depth);
		if (!!x != !!rows[i].depth || depth != rows[i].depth)
			fail_msg("'%s' and %s/%s: %zu, not %zu", rows[i].line, rows[i].dir, rows[i].name, depth,
				rows[i].depth);
		vss_exclude_free(&l);
	}
}

static void
lines_that_name_no_files_are_refused(void **state)
{
	static const char *const lines[] = { "x", "*", "x /s", "/", "/no/", "/no/ /s", "//no/x", "/no//x", "/no/./x",
		"/no/../x", "/no/..", " /s" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct vss_exclude_list l = { 0 };
		struct vss_err err = VSS_ERR_INIT;
		assert_int_equal(vss_exclude_add(&l, lines[i], &err), -1);
		assert_int_equal(err.code, VSS_INVALID);
		assert_int_equal(l.n, 0);
	}
}

static void
a_list_is_in_force_while_its_writer_takes_no_part(void **state)
{
	struct vss_writer w = { .taking_part = true };
	struct vss_exclude_list l = { 0 };

	(void)state;
	assert_true(vss_exclude_is_in_force(&l));
	l.writer = &w;
	assert_false(vss_exclude_is_in_force(&l));
	w.taking_part = false; /* it failed and was left out */
	assert_true(vss_exclude_is_in_force(&l));
	l.off = true;
	assert_false(vss_exclude_is_in_force(&l));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_files_by_directory_and_name),
		cmocka_unit_test(lines_that_name_no_files_are_refused),
		cmocka_unit_test(a_list_is_in_force_while_its_writer_takes_no_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
