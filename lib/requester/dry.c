/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/run.h"

#include "base/mem.h"
#include "provider/provider.h"

#include <stdlib.h>

/* What each volume of the plan would be, by what its provider promises. */
struct dry {
	const struct vss_run *run;
	size_t n;
	const struct vss_provider_ops **chosen;
	enum vss_instant *promise;
};

static int
choose_providers(struct dry *d, struct vss_err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct vss_volume *v = d->run->plan->volumes[i].volume;
		struct vss_provider_set ps = { .storage = d->run->storage };
		ps.provider = d->chosen[i] = vss_provider_for(v, d->run->provider, err);
		if (!ps.provider || (ps.provider->check && ps.provider->check(&ps, v, err) < 0))
			return -1;
	}
	return 0;
}

/* All volumes that one provider would take, as the set it would be asked for. */
static enum vss_instant
promise_of(const struct dry *d, const struct vss_provider_ops *ops)
{
	VSS_AUTOFREE struct vss_provider_volume *v = vss_alloc(d->n * sizeof *v);
	struct vss_provider_set ps = { .provider = ops, .storage = d->run->storage, .v = v };

	for (size_t i = 0; i < d->n; i++)
		if (d->chosen[i] == ops)
			v[ps.n++].volume = d->run->plan->volumes[i].volume;
	return ops->promise(&ps);
}

/* Plain paths on several volumes are one instant only where one provider promises that for all of them. */
static enum vss_instant
instant_with_others(const struct dry *d, size_t i)
{
	const struct vss_plan_volume *all = d->run->plan->volumes;

	for (size_t k = 0; all[i].plain && d->promise[i] == VSS_INSTANT_ONE && k < d->n; k++)
		if (all[k].plain && d->chosen[k] != d->chosen[i])
			return VSS_INSTANT_MANY;
	return d->promise[i];
}

static void
add_shadow(const struct dry *d, size_t i, struct vss_set *set)
{
	const struct vss_volume *v = d->run->plan->volumes[i].volume;
	struct vss_grade_facts f = { .instant = instant_with_others(d, i) };
	struct vss_shadow *s = vss_set_add_shadow(set);

	s->volume = vss_strdup(v->mount);
	s->volume_id = vss_strdup(v->id);
	s->source = vss_strdup(v->source);
	s->fstype = vss_strdup(v->fstype);
	s->provider = vss_strdup(d->chosen[i]->name);
	s->grade = vss_grade_of(&f);
	if (set->grade == VSS_GRADE_NONE || s->grade < set->grade)
		set->grade = s->grade;
	if (f.instant > set->instant)
		set->instant = f.instant;
}

static void
add_writers(const struct vss_choice *c, struct vss_set *set)
{
	const struct vss_writer *last = NULL;

	for (size_t i = 0; i < c->ncomponents; i++) {
		const struct vss_writer *w = c->components[i].writer;
		if (w == last)
			continue;
		struct vss_set_writer *sw = vss_set_add_writer(set);
		sw->id = w->metadata->writer_id;
		sw->instance = w->metadata->instance_id;
		sw->name = vss_strdup(w->metadata->name);
		sw->state = w->state;
		last = w; /* the components of one writer stand together */
	}
}

static int
check_bar(const struct dry *d, const struct vss_set *set, struct vss_err *err)
{
	enum vss_grade bar = d->run->min_grade ? d->run->min_grade : VSS_GRADE_CRASH;

	for (size_t i = 0; i < d->n; i++) {
		enum vss_grade promised = set->shadows[i].grade;
		const char *word = vss_grade_word(promised);
		/* when nothing changes while it is copied, a fuzzy one turns out to be an instant of its own */
		bool may_do = promised == VSS_GRADE_FUZZY && bar <= VSS_GRADE_ORDERED;
		if (d->run->plan->volumes[i].plain && promised < bar && !may_do)
			return vss_fail(err, VSS_GRADE, 0,
				"%s: its copy would only be %s, and %s is wanted (--min-grade %s)",
				set->shadows[i].volume, word, vss_grade_word(bar), word);
	}
	return 0;
}

static struct vss_set *
plan_set(struct dry *d)
{
	struct vss_set *set = vss_set_new();

	for (size_t i = 0; i < d->n; i++)
		d->promise[i] = promise_of(d, d->chosen[i]);
	set->instant = VSS_INSTANT_ONE;
	for (size_t i = 0; i < d->n; i++) {
		add_shadow(d, i, set);
		if (d->chosen[i] != d->chosen[0] && set->instant == VSS_INSTANT_ONE)
			set->instant = VSS_INSTANT_MANY;
	}
	set->count = (unsigned)set->nshadows;
	add_writers(&d->run->plan->choice, set);
	return set;
}

int
vss_run_dry(const struct vss_run *r, struct vss_set **out, struct vss_err *err)
{
	struct dry d = { .run = r };
	int rc = -1;

	if (vss_session_gather_writer_metadata(r->session, err) < 0 ||
		vss_plan_choose_writers(r->plan, r->session, r->wishes, err) < 0 ||
		(r->increment && vss_increment_begin(r->increment, err) < 0))
		return -1;
	d.n = r->plan->nvolumes;
	d.chosen = vss_alloc(d.n * sizeof(void *));
	d.promise = vss_alloc(d.n * sizeof *d.promise);
	if (choose_providers(&d, err) == 0) {
		*out = plan_set(&d);
		rc = check_bar(&d, *out, err);
	}
	free(d.chosen);
	free(d.promise);
	return rc;
}
