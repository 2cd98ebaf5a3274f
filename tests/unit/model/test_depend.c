/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/depend.h"

#include "base/buf.h"
#include "base/mem.h"

#include "lib/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writers A, B and C with components; a dependency is "WRITER PATH NAME" of the one before it. */
static const struct {
	char writer;
	const char *path, *name;
	bool selectable, for_restore, stored;
	const char *depends[3];
} parts[] = {
	{ 'A', NULL, "app", true, false, true, { "B||data", NULL } },
	{ 'A', NULL, "round", true, false, true, { "B||round", NULL } },
	{ 'A', NULL, "plain", true, false, true, { NULL } },
	{ 'A', NULL, "lost", true, false, true, { "B||none", "D||any", NULL } },
	{ 'A', NULL, "far", true, false, true, { "B|\\\\host\\|data", "B||\\\\host\\data", NULL } },
	{ 'B', NULL, "data", true, false, true, { NULL } },
	{ 'B', "data", "logs", false, true, false, { "C||archive", NULL } },
	{ 'B', "data/logs", "old", false, false, false, { NULL } },
	{ 'B', NULL, "round", true, false, true, { "A||round", "C|deep/more|leaf", NULL } },
	{ 'C', NULL, "base", false, false, true, { NULL } },
	{ 'C', NULL, "archive", true, false, true, { "B|data/logs|old", NULL } },
	{ 'C', NULL, "deep", true, false, true, { NULL } },
	{ 'C', "deep", "more", true, true, false, { NULL } },
	{ 'C', "deep/more", "leaf", false, false, false, { NULL } },
	{ 'C', NULL, "once", true, false, false, { "A||plain", NULL } },
	{ 'C', NULL, "late", true, false, true, { "A||app", NULL } },
};
#define PARTS (sizeof parts / sizeof *parts)
#define WRITERS 3

static struct vss_uuid
id_of(char letter)
{
	struct vss_uuid id;
	memset(&id, letter, sizeof id);
	return id;
}

struct world {
	struct vss_metadata *m[WRITERS];
	struct vss_depend_writer v[WRITERS];
	struct vss_bcd *bcd;
	struct vss_buf missing;
	bool give_up;
};

static void
add_part(struct world *w, size_t i)
{
	struct vss_err err = VSS_ERR_INIT;
	size_t at = (size_t)(parts[i].writer - 'A');
	struct vss_component *c =
		vss_metadata_add_component(w->m[at], VSS_CT_FILEGROUP, parts[i].path, parts[i].name, &err);

	c->selectable = parts[i].selectable;
	c->selectable_for_restore = parts[i].for_restore;
	for (const char *const *d = parts[i].depends; *d; d++) {
		VSS_AUTOFREE char *copy = vss_strdup(*d);
		char *path = strchr(copy, '|') + 1, *name = strchr(path, '|') + 1;
		struct vss_uuid id = id_of(*copy);
		name[-1] = '\0';
		vss_component_add_dependency(c, &id, path, name);
	}
	if (parts[i].stored)
		vss_bcd_add_component(&w->bcd->writers[at], c, &err);
}

static void
make(struct world *w, bool restore)
{
	memset(w, 0, sizeof *w);
	w->bcd = vss_bcd_new();
	for (size_t i = 0; i < WRITERS; i++) {
		struct vss_metadata *m = vss_metadata_new();
		m->writer_id = id_of((char)('A' + (int)i));
		w->v[i].m = w->m[i] = m;
		w->v[i].wanted = vss_alloc(PARTS * sizeof(bool));
		vss_bcd_add_writer(w->bcd, m);
	}
	for (size_t i = 0; i < PARTS; i++)
		add_part(w, i);
	for (size_t i = 0; restore && i < WRITERS; i++)
		w->v[i].stored = &w->bcd->writers[i];
}

static void
clear(struct world *w)
{
	for (size_t i = 0; i < WRITERS; i++) {
		vss_metadata_free(w->m[i]);
		free(w->v[i].wanted);
	}
	vss_bcd_free(w->bcd);
	vss_buf_free(&w->missing);
}

static bool *
wish(struct world *w, size_t i)
{
	size_t at = (size_t)(parts[i].writer - 'A');
	return &w->v[at].wanted[vss_metadata_find(w->m[at], parts[i].path, parts[i].name) - w->m[at]->components];
}

static int
note_missing(void *ctx, const struct vss_metadata *m, const struct vss_component *c, const struct vss_dependency *d,
	bool remote, struct vss_err *err)
{
	struct world *w = ctx;
	(void)m;
	vss_buf_fmt(&w->missing, "%s needs %s%s;", c->name, d->name, remote ? " of another machine" : "");
	return w->give_up ? vss_fail(err, VSS_UNSUPPORTED, 0, "needs %s", d->name) : 0;
}

/* The wishes and the result as "A/app B/data ...", in the order of the table. */
static void
check(bool restore, const char *wishes, const char *expected, const char *missing)
{
	struct world w;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOBUF struct vss_buf got = VSS_BUF_INIT;

	make(&w, restore);
	for (size_t i = 0; i < PARTS; i++) {
		char name[40];
		snprintf(name, sizeof name, "%c/%s ", parts[i].writer, parts[i].name);
		*wish(&w, i) = strstr(wishes, name) != NULL;
	}
	assert_int_equal(vss_depend_follow(w.v, WRITERS, note_missing, &w, &err), 0);
	for (size_t i = 0; i < PARTS; i++)
		if (*wish(&w, i))
			vss_buf_fmt(&got, "%c/%s ", parts[i].writer, parts[i].name);
	assert_string_equal(got.data ? got.data : "", expected);
	assert_string_equal(w.missing.data ? w.missing.data : "", missing);
	clear(&w);
}

static void
a_chosen_component_forces_what_it_depends_on(void **state)
{
	(void)state;
	check(false, "", "", "");
	check(false, "A/plain ", "A/plain ", "");
	/* data brings logs, which depends on archive, which depends on what comes with data already */
	check(false, "A/app ", "A/app B/data C/archive ", "");
	check(false, "C/once ", "A/plain C/once ", "");
	/* what was forced behind one's back is followed, too */
	check(false, "C/late ", "A/app B/data C/archive C/late ", "");
}

static void
a_circle_is_followed_once_round(void **state)
{
	(void)state;
	/* leaf is had by choosing the lowest selectable one above it */
	check(false, "A/round ", "A/round B/round C/more ", "");
	check(false, "B/round ", "A/round B/round C/more ", "");
	check(false, "B/round C/deep ", "A/round B/round C/deep ", "");
}

static void
what_nobody_can_fulfil_is_reported_once(void **state)
{
	(void)state;
	check(false, "A/lost ", "A/lost ", "lost needs none;lost needs any;");
	check(false, "A/far ", "A/far ",
		"far needs data of another machine;far needs \\\\host\\data of another machine;");
	check(false, "A/lost A/app ", "A/app A/lost B/data C/archive ", "lost needs none;lost needs any;");
}

static void
at_a_restore_what_was_backed_up_counts(void **state)
{
	(void)state;
	/* old was implicit; it comes back with logs, and logs alone depends on archive */
	check(true, "C/archive ", "B/logs C/archive ", "");
	check(true, "B/logs ", "B/logs C/archive ", "");
	check(true, "A/app ", "A/app B/data C/archive ", "");
	check(true, "B/round ", "A/round B/round C/more ", "");
	check(true, "A/lost ", "A/lost ", "lost needs none;lost needs any;");
}

static void
a_writer_without_a_part_cannot_fulfil_anything(void **state)
{
	struct world w;
	struct vss_err err = VSS_ERR_INIT;
	(void)state;
	make(&w, false);
	*wish(&w, 0) = true;
	w.v[1].m = NULL;
	assert_int_equal(vss_depend_follow(w.v, WRITERS, note_missing, &w, &err), 0);
	assert_string_equal(w.missing.data, "app needs data;");
	assert_int_equal(vss_depend_follow(w.v, WRITERS, NULL, NULL, &err), 0);
	w.give_up = true;
	assert_int_equal(vss_depend_follow(w.v, WRITERS, note_missing, &w, &err), -1);
	assert_string_equal(err.text, "needs data");
	clear(&w);
}

static void
a_wish_that_cannot_be_granted_is_refused_as_ever(void **state)
{
	struct world w;
	struct vss_err err = VSS_ERR_INIT;
	(void)state;
	make(&w, false);
	*wish(&w, 6) = true; /* logs, below data */
	assert_int_equal(vss_depend_follow(w.v, WRITERS, NULL, NULL, &err), -1);
	assert_int_equal(err.code, VSS_USAGE);
	clear(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chosen_component_forces_what_it_depends_on),
		cmocka_unit_test(a_circle_is_followed_once_round),
		cmocka_unit_test(what_nobody_can_fulfil_is_reported_once),
		cmocka_unit_test(at_a_restore_what_was_backed_up_counts),
		cmocka_unit_test(a_writer_without_a_part_cannot_fulfil_anything),
		cmocka_unit_test(a_wish_that_cannot_be_granted_is_refused_as_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
