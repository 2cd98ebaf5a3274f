/* SPDX-License-Identifier: BSD-2-Clause */
/* What the table of MyWriter (test_mywriter.c) does not have. */
#include "model/restore_select.h"

#include "lib/cm.h"

#include <string.h>

struct part {
	const char *path, *name;
	bool selectable, for_restore, stored;
};

static struct vss_bcd *
make(const struct part *parts, size_t n, struct vss_metadata **m)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_bcd *b = vss_bcd_new();

	*m = vss_metadata_new();
	struct vss_bcd_writer *w = vss_bcd_add_writer(b, *m);
	for (size_t i = 0; i < n; i++) {
		struct vss_component *c =
			vss_metadata_add_component(*m, VSS_CT_FILEGROUP, parts[i].path, parts[i].name, &err);
		c->selectable = parts[i].selectable;
		c->selectable_for_restore = parts[i].for_restore;
		if (parts[i].stored)
			vss_bcd_add_component(w, c, &err);
	}
	return b;
}

/* "wished for" to "how": x wished; e explicit, i implicit, s subcomponent, - out; "!" refused */
static void
check(const struct part *parts, size_t n, const char *wishes, const char *expected)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_metadata *m;
	struct vss_bcd *b = make(parts, n, &m);
	bool wanted[8];
	unsigned char how[8];
	size_t owner[8];
	char letters[9] = "!";

	for (size_t i = 0; i < n; i++)
		wanted[i] = wishes[i] == 'x';
	if (vss_select_for_restore(m, &b->writers[0], wanted, how, owner, &err) == 0)
		for (size_t i = 0; i <= n; i++)
			letters[i] = i < n ? "-eis"[how[i]] : '\0';
	assert_string_equal(letters, expected);
	vss_bcd_free(b);
	vss_metadata_free(m);
}

static void
sets_for_restore_nest(void **state)
{
	static const struct part parts[] = {
		{ NULL, "top", true, false, true },
		{ "top", "a", false, true, false },
		{ "top/a", "b", false, true, false },
		{ "top/a/b", "c", false, false, false },
		{ "top", "d", false, false, false },
	};
	(void)state;
	check(parts, 5, "-x---", "-sii-");
	check(parts, 5, "--x--", "--si-");
	check(parts, 5, "-xx--", "-sii-"); /* listed once: the upper one brings the other */
	check(parts, 5, "x----", "eiiii");
	check(parts, 5, "---x-", "!");
	check(parts, 5, "--xx-", "--si-"); /* a wish that is fulfilled anyhow */
	check(parts, 5, "----x", "!");
	check(parts, 5, "x---x", "eiiii");
}

static void
a_nonselectable_parent_brings_nothing(void **state)
{
	/* the parent is compulsory, the child was left out of the backup */
	static const struct part parts[] = {
		{ NULL, "parent", false, true, true },
		{ "parent", "choice", true, true, false },
		{ "parent", "both", true, false, true },
	};
	(void)state;
	check(parts, 3, "x--", "e--");
	check(parts, 3, "-x-", "!");
	check(parts, 3, "--x", "--e");
}

static void
what_has_to_be_wished_for(void **state)
{
	static const struct part parts[] = {
		{ NULL, "top", true, false, true },
		{ "top", "a", false, true, false },
		{ "top/a", "b", false, false, false },
		{ "top", "c", false, false, false },
		{ NULL, "out", true, true, false },
		{ "out", "d", false, true, false },
		{ "top/a/e/f", "g", false, false, false },
		{ "top/a/e", "f", false, true, false },
	};
	static const size_t with[] = { 0, 1, 1, 0, SIZE_MAX, SIZE_MAX, 7, 7 }; /* the lowest of those that bring it */
	struct vss_metadata *m;
	struct vss_bcd *b = make(parts, 8, &m);
	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_true(vss_restorable_with(m, &b->writers[0], i) == with[i]);
	vss_bcd_free(b);
	vss_metadata_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_for_restore_nest),
		cmocka_unit_test(a_nonselectable_parent_brings_nothing),
		cmocka_unit_test(what_has_to_be_wished_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
