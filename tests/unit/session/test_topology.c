/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/cm.h"
#include "session/topology.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

/*
 * Providers that exist by what they promise alone: `snap` makes the volumes of one file system one instant and is never held,
 * `block` copies each when it likes and may be held, `files` is fuzzy unless held or nobody is there to write, `rock` copies
 * what does not change.
 */
static enum vss_instant
promise_snap(const struct vss_provider_set *ps)
{
	for (size_t i = 1; i < ps->n; i++)
		if (!vss_str_eq(ps->v[i].volume->fs_uuid, ps->v[0].volume->fs_uuid))
			return VSS_INSTANT_MANY;
	return VSS_INSTANT_ONE;
}

static enum vss_instant
promise_block(const struct vss_provider_set *ps)
{
	size_t free = 0;

	for (size_t i = 0; i < ps->n; i++)
		free += !ps->v[i].to_hold;
	return free > 1 && !ps->cgroups ? VSS_INSTANT_MANY : VSS_INSTANT_ONE;
}

static enum vss_instant
promise_files(const struct vss_provider_set *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!ps->v[i].to_hold && !ps->cgroups)
			return VSS_INSTANT_FUZZY;
	return VSS_INSTANT_ONE;
}

static enum vss_instant
promise_rock(const struct vss_provider_set *ps)
{
	(void)ps;
	return VSS_INSTANT_ONE;
}

static enum vss_provider_hold
may(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	(void)ps;
	(void)v;
	return VSS_PROVIDER_HOLD_MAY;
}

static enum vss_provider_hold
wants(const struct vss_provider_set *ps, const struct vss_provider_volume *v)
{
	(void)ps;
	(void)v;
	return VSS_PROVIDER_HOLD_WANTS;
}

static const struct vss_provider_ops snap = { .name = "snap", .promise = promise_snap };
static const struct vss_provider_ops block = { .name = "block", .promise = promise_block, .hold = may };
static const struct vss_provider_ops files = { .name = "files", .promise = promise_files, .hold = wants };
static const struct vss_provider_ops rock = { .name = "rock", .promise = promise_rock, .still = true };

/* "snap:1": the provider, and the file system.  One whose name ends in '-' cannot be held. */
enum { MOST = 8 };
struct scene {
	char fs[MOST][16];
	struct vss_volume volume[MOST];
	struct vss_provider_set set[MOST];
	struct vss_provider_volume like[MOST];
	struct vss_topology_volume v[MOST];
	struct vss_topology t;
};

static bool
can_hold(const struct vss_volume *v, struct vss_err *why)
{
	if (v->fs_uuid[strlen(v->fs_uuid) - 1] != '-')
		return true;
	vss_fail(why, VSS_UNSUPPORTED, 0, "it cannot");
	return false;
}

static const struct vss_provider_ops *
named(const char *word)
{
	static const struct vss_provider_ops *const all[] = { &snap, &block, &files, &rock };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (vss_str_starts(word, all[i]->name))
			return all[i];
	fail_msg("%s", word);
	return NULL;
}

static void
decide(struct scene *s, bool cgroups, const char *const *words)
{
	memset(s, 0, sizeof *s);
	s->t = (struct vss_topology){ .v = s->v, .can_hold = can_hold };
	for (; words[s->t.n]; s->t.n++) {
		size_t i = s->t.n;
		static char mount[] = "/m";
		snprintf(s->fs[i], sizeof s->fs[i], "%s", strchr(words[i], ':') + 1);
		s->volume[i] = (struct vss_volume){ .mount = mount, .fs_uuid = s->fs[i] };
		s->set[i] = (struct vss_provider_set){ .provider = named(words[i]), .cgroups = cgroups };
		s->like[i] = (struct vss_provider_volume){ .volume = &s->volume[i] };
		s->v[i] = (struct vss_topology_volume){ .set = &s->set[i], .like = &s->like[i], .plain = true };
	}
	vss_topology_decide(&s->t);
}

/* What was decided, in one line: the instant of all, then each volume's group, with h when it is held, f when it is fuzzy. */
#define DECIDED(cgroups, ...) decided((cgroups), (const char *const[]){ __VA_ARGS__, NULL })
static const char *
decided(bool cgroups, const char *const *words)
{
	static char line[128];
	struct scene s;
	size_t n;

	decide(&s, cgroups, words);
	n = (size_t)snprintf(line, sizeof line, "%s", vss_instant_word(s.t.instant));
	for (size_t i = 0; i < s.t.n; i++)
		n += (size_t)snprintf(line + n, sizeof line - n, " %u%s%s", s.v[i].group, s.v[i].to_hold ? "h" : "",
			s.v[i].alone == VSS_INSTANT_FUZZY ? "f" : "");
	return line;
}

static void
nothing_is_held_that_is_one_instant_anyway(void **state)
{
	(void)state;
	assert_string_equal(DECIDED(false, "block:1"), "one 0");
	assert_string_equal(DECIDED(false, "snap:1", "snap:1", "snap:1"), "one 0 0 0");
	assert_string_equal(DECIDED(false, "rock:1", "block:2", "rock:3"), "one 0 0 0");
	assert_string_equal(DECIDED(false, "rock:1", "rock:2"), "one 0 0");
}

static void
what_may_be_held_is_when_the_set_is_not_one_instant(void **state)
{
	(void)state;
	assert_string_equal(DECIDED(false, "block:1", "block:2"), "one 0h 0h");
	assert_string_equal(DECIDED(false, "block:1", "snap:2", "block:3"), "one 0h 0 0h");
	assert_string_equal(DECIDED(false, "block:1-", "snap:2"), "many 0 1");
	assert_string_equal(DECIDED(false, "block:1-", "block:2"), "one 0 0h");
}

static void
what_is_fuzzy_without_a_hold_is_held_always(void **state)
{
	(void)state;
	assert_string_equal(DECIDED(false, "files:1"), "one 0h");
	assert_string_equal(DECIDED(false, "files:1", "snap:2", "snap:2"), "one 0h 0 0");
	assert_string_equal(DECIDED(false, "files:1", "block:2"), "one 0h 0");
	assert_string_equal(DECIDED(false, "files:1-"), "fuzzy 0f");
	assert_string_equal(DECIDED(false, "files:1-", "files:2", "rock:3"), "fuzzy 0f 1h 1");
}

static void
one_commit_goes_into_a_hold_and_no_second(void **state)
{
	(void)state;
	assert_string_equal(DECIDED(false, "snap:1", "snap:2"), "many 0 1");
	assert_string_equal(DECIDED(false, "snap:1", "snap:2", "snap:1"), "many 0 1 0");
	assert_string_equal(DECIDED(false, "snap:1", "files:9", "snap:2", "block:8"), "many 0 1h 2 1h");
}

static void
where_nobody_is_there_to_write_all_is_one_instant(void **state)
{
	(void)state;
	assert_string_equal(DECIDED(true, "snap:1", "snap:2", "block:3-", "rock:4"), "one 0 0 0 0");
	assert_string_equal(DECIDED(true, "files:1-", "snap:2"), "one 0 0");
}

static void
plain_paths_are_graded_together_and_refused_with_the_reason(void **state)
{
	struct vss_err err = VSS_ERR_INIT;
	struct scene s;

	(void)state;
	decide(&s, false, (const char *const[]){ "snap:1", "snap:2", NULL });
	assert_int_equal(vss_topology_grade(&s.t, 0), VSS_GRADE_ORDERED);
	s.v[1].plain = false;
	assert_int_equal(vss_topology_grade(&s.t, 0), VSS_GRADE_CRASH);
	s.v[1].plain = true;
	assert_int_equal(vss_topology_check(&s.t, VSS_GRADE_ORDERED, &err), 0);
	assert_int_equal(vss_topology_check(&s.t, VSS_GRADE_CRASH, &err), -1);
	assert_int_equal(err.code, VSS_GRADE);
	assert_non_null(strstr(err.text, "--hold-cgroup"));

	decide(&s, false, (const char *const[]){ "files:1-", "snap:2", NULL });
	assert_int_equal(vss_topology_check(&s.t, VSS_GRADE_ORDERED, &err), 0);
	assert_int_equal(vss_topology_check(&s.t, VSS_GRADE_CRASH, &err), -1);
	assert_non_null(strstr(err.text, "(writes cannot be held: it cannot)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_held_that_is_one_instant_anyway),
		cmocka_unit_test(what_may_be_held_is_when_the_set_is_not_one_instant),
		cmocka_unit_test(what_is_fuzzy_without_a_hold_is_held_always),
		cmocka_unit_test(one_commit_goes_into_a_hold_and_no_second),
		cmocka_unit_test(where_nobody_is_there_to_write_all_is_one_instant),
		cmocka_unit_test(plain_paths_are_graded_together_and_refused_with_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
