/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/topology.h"

#include "base/mem.h"

#include <stdlib.h>

enum { NO_GROUP = -1 };

static const struct vss_provider_ops *
ops_of(const struct vss_topology *t, size_t i)
{
	return t->v[i].set->provider;
}

static enum vss_provider_hold
hold_of(const struct vss_topology *t, size_t i)
{
	const struct vss_provider_ops *ops = ops_of(t, i);

	return ops->hold ? ops->hold(t->v[i].set, t->v[i].like) : VSS_PROVIDER_HOLD_NEVER;
}

/* What the provider of volume `i` promises of it and of those volumes that are in `group` already. */
static enum vss_instant
promise_of(const struct vss_topology *t, size_t i, const int *groups, int group)
{
	VSS_AUTOFREE struct vss_provider_volume *v = vss_alloc(t->n * sizeof *v);
	struct vss_provider_set ps = *t->v[i].set;

	ps.v = v;
	ps.n = 0;
	for (size_t k = 0; k < t->n; k++) {
		bool in = k == i || (group != NO_GROUP && groups[k] == group && ops_of(t, k) == ps.provider);
		if (!in)
			continue;
		v[ps.n] = *t->v[k].like;
		v[ps.n++].to_hold = t->v[k].to_hold;
	}
	return ps.provider->promise(&ps);
}

/* The same at every moment of the commits: it goes with any other. */
static bool
stands_still(const struct vss_topology *t, size_t i)
{
	return t->v[i].alone == VSS_INSTANT_ONE && (t->v[i].to_hold || t->v[i].set->cgroups || ops_of(t, i)->still);
}

/* Volumes that are neither held nor still, by what their providers can make one instant; the number of groups. */
static int
group_commits(const struct vss_topology *t, int *groups)
{
	int n = 0;

	for (size_t i = 0; i < t->n; i++)
		groups[i] = NO_GROUP;
	for (size_t i = 0; i < t->n; i++) {
		if (stands_still(t, i))
			continue;
		int tried = NO_GROUP;
		for (size_t k = 0; groups[i] == NO_GROUP && t->v[i].alone == VSS_INSTANT_ONE && k < i; k++) {
			if (groups[k] <= tried || ops_of(t, k) != ops_of(t, i))
				continue; /* asked already: groups have their numbers in the order of volumes */
			tried = groups[k];
			if (promise_of(t, i, groups, tried) == VSS_INSTANT_ONE)
				groups[i] = tried;
		}
		if (groups[i] == NO_GROUP)
			groups[i] = n++;
	}
	return n;
}

static void
ask_alone(struct vss_topology *t, size_t i)
{
	bool fuzzy = promise_of(t, i, NULL, NO_GROUP) == VSS_INSTANT_FUZZY;

	t->v[i].alone = fuzzy ? VSS_INSTANT_FUZZY : VSS_INSTANT_ONE;
}

static void
hold_where(struct vss_topology *t, enum vss_provider_hold wish)
{
	for (size_t i = 0; i < t->n; i++) {
		struct vss_err why = VSS_ERR_INIT;
		if (t->v[i].to_hold || hold_of(t, i) != wish)
			continue;
		t->v[i].to_hold = t->can_hold(t->v[i].like->volume, &why);
		if (!t->v[i].to_hold && t->why_not.code == VSS_OK)
			t->why_not = why;
		ask_alone(t, i);
	}
}

/* What stands still goes with the only commit, when there is only one; more than one have nothing but it in common. */
static int
group_of_still(const struct vss_topology *t, const int *groups, int commits)
{
	for (size_t i = 0; commits == 1 && i < t->n; i++)
		if (groups[i] == 0 && t->v[i].alone == VSS_INSTANT_ONE)
			return 0;
	return commits;
}

static void
number(struct vss_topology *t, const int *groups, int commits)
{
	int still = group_of_still(t, groups, commits), next = 0;
	VSS_AUTOFREE int *numbers = vss_alloc(((size_t)commits + 1) * sizeof *numbers);

	for (int g = 0; g <= commits; g++)
		numbers[g] = NO_GROUP;
	for (size_t i = 0; i < t->n; i++) {
		int g = groups[i] == NO_GROUP ? still : groups[i];
		if (numbers[g] == NO_GROUP)
			numbers[g] = next++;
		t->v[i].group = (unsigned)numbers[g];
		if (t->v[i].alone == VSS_INSTANT_FUZZY)
			t->instant = VSS_INSTANT_FUZZY;
	}
	if (t->instant == VSS_INSTANT_ONE && next > 1)
		t->instant = VSS_INSTANT_MANY;
}

void
vss_topology_decide(struct vss_topology *t)
{
	VSS_AUTOFREE int *groups = vss_alloc((t->n + 1) * sizeof *groups);

	t->instant = VSS_INSTANT_ONE;
	t->why_not = (struct vss_err)VSS_ERR_INIT;
	for (size_t i = 0; i < t->n; i++) {
		t->v[i].to_hold = false;
		ask_alone(t, i);
	}
	hold_where(t, VSS_PROVIDER_HOLD_WANTS);
	int commits = group_commits(t, groups);
	if (commits > 1) {
		hold_where(t, VSS_PROVIDER_HOLD_MAY);
		commits = group_commits(t, groups);
	}
	number(t, groups, commits);
}

enum vss_grade
vss_topology_grade(const struct vss_topology *t, size_t i)
{
	struct vss_grade_facts f = { .instant = t->v[i].alone };

	for (size_t k = 0; t->v[i].plain && f.instant == VSS_INSTANT_ONE && k < t->n; k++)
		if (t->v[k].plain && t->v[k].group != t->v[i].group)
			f.instant = VSS_INSTANT_MANY;
	return vss_grade_of(&f);
}

int
vss_topology_refuse(const char *volume, enum vss_grade is, enum vss_grade wanted, struct vss_err *err)
{
	const char *word = vss_grade_word(is), *bar = vss_grade_word(wanted);

	if (is == VSS_GRADE_FUZZY)
		return vss_fail(err, VSS_GRADE, 0,
			"%s: its files can only be copied one after the other (fuzzy), and %s is wanted: keep them on "
			"btrfs, ext4 or XFS, or accept it (--min-grade fuzzy)",
			volume, bar);
	return vss_fail(err, VSS_GRADE, 0,
		"%s: its copy is only %s, because the volumes of the set are not one instant, and %s is wanted: "
		"name the processes that write (--hold-cgroup PATH), take them one at a time or accept it "
		"(--min-grade %s)",
		volume, word, bar, word);
}

int
vss_topology_check(const struct vss_topology *t, enum vss_grade bar, struct vss_err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		enum vss_grade best = vss_topology_grade(t, i);
		if (!t->v[i].plain || best >= bar || (best == VSS_GRADE_FUZZY && bar <= VSS_GRADE_ORDERED))
			continue;
		vss_topology_refuse(t->v[i].like->volume->mount, best, bar, err);
		if (t->why_not.code != VSS_OK) {
			struct vss_err said = *err;
			vss_fail(err, VSS_GRADE, 0, "%s (writes cannot be held: %s)", said.text, t->why_not.text);
		}
		return -1;
	}
	return 0;
}
