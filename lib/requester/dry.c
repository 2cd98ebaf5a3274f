/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/run.h"

#include "base/mem.h"
#include "provider/provider.h"
#include "requester/forecast_internal.h"

#include <stdlib.h>
#include <sys/statvfs.h>

/* What each volume of the plan would be, by what its provider promises. */
struct dry {
	const struct vss_run *run;
	size_t n;
	const struct vss_provider_ops **chosen;
	struct vss_forecast *forecast;
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

/* The provider's promise for volume `i` with those of `group` that come before it. */
static enum vss_instant
promise_with(const struct dry *d, size_t i, unsigned group)
{
	VSS_AUTOFREE struct vss_provider_volume *v = vss_alloc((i + 1) * sizeof *v);
	struct vss_provider_set ps = { .provider = d->chosen[i], .storage = d->run->storage, .v = v };

	for (size_t k = 0; k < i; k++)
		if (d->chosen[k] == d->chosen[i] && d->forecast->volumes[k].group == group)
			v[ps.n++].volume = d->run->plan->volumes[k].volume;
	v[ps.n++].volume = d->run->plan->volumes[i].volume;
	return d->chosen[i]->promise(&ps);
}

/* Volumes of one provider that it promises to copy at one instant together; they were put into groups one after the other. */
static unsigned
group_of(const struct dry *d, size_t i)
{
	const struct vss_forecast_volume *all = d->forecast->volumes;
	unsigned next = 0;

	for (size_t k = 0; k < i; k++) {
		if (d->chosen[k] == d->chosen[i] && promise_with(d, i, all[k].group) == VSS_INSTANT_ONE)
			return all[k].group;
		if (all[k].group >= next)
			next = all[k].group + 1;
	}
	return next;
}

static uint64_t
used_on(const char *mount)
{
	struct statvfs fs;

	return statvfs(mount, &fs) < 0 ? 0 : (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize;
}

static void
add_volume(const struct dry *d, size_t i)
{
	const struct vss_plan_volume *pv = &d->run->plan->volumes[i];
	struct vss_forecast *f = d->forecast;
	struct vss_forecast_volume v = {
		.volume = vss_strdup(pv->volume->mount),
		.id = vss_strdup(pv->volume->id),
		.provider = vss_strdup(d->chosen[i]->name),
		.instant = promise_with(d, i, UINT32_MAX), /* alone: no group has that number */
		.group = group_of(d, i),
		.plain = pv->plain,
		.in_storage = !d->chosen[i]->self_made,
		.used_bytes = pv->volume->network ? 0 : used_on(pv->volume->mount),
	};

	VSS_PUSH(f->volumes, f->nvolumes, f->cvolumes) = v;
}

/* Plain files on several volumes belong together: they are one instant only where all of them are of one group. */
static enum vss_instant
instant_with_others(const struct vss_forecast *f, size_t i)
{
	const struct vss_forecast_volume *all = f->volumes;

	for (size_t k = 0; all[i].plain && all[i].instant == VSS_INSTANT_ONE && k < f->nvolumes; k++)
		if (all[k].plain && all[k].group != all[i].group)
			return VSS_INSTANT_MANY;
	return all[i].instant;
}

static void
grade_volumes(struct vss_forecast *f)
{
	f->instant = VSS_INSTANT_ONE;
	for (size_t i = 0; i < f->nvolumes; i++) {
		struct vss_grade_facts facts = { .instant = instant_with_others(f, i) };
		f->volumes[i].grade = vss_grade_of(&facts);
		if (f->grade == VSS_GRADE_NONE || f->volumes[i].grade < f->grade)
			f->grade = f->volumes[i].grade;
		if (f->volumes[i].group != f->volumes[0].group && f->instant == VSS_INSTANT_ONE)
			f->instant = VSS_INSTANT_MANY;
		if (f->volumes[i].instant > f->instant)
			f->instant = f->volumes[i].instant;
	}
}

/* In the words of the set that would be refused. */
static int
check_bar(const struct dry *d, struct vss_err *err)
{
	enum vss_grade bar = d->run->min_grade ? d->run->min_grade : VSS_GRADE_CRASH;

	for (size_t i = 0; i < d->n; i++) {
		const struct vss_forecast_volume *v = &d->forecast->volumes[i];
		/* when nothing changes while it is copied, a fuzzy one turns out to be an instant of its own */
		bool may_do = v->grade == VSS_GRADE_FUZZY && bar <= VSS_GRADE_ORDERED;
		if (v->plain && v->grade < bar && !may_do)
			return vss_session_refuse_grade(v->volume, v->grade, bar, err);
	}
	return 0;
}

int
vss_run_dry(const struct vss_run *r, struct vss_forecast **out, struct vss_err *err)
{
	struct dry d = { .run = r };

	if (vss_session_gather_writer_metadata(r->session, err) < 0 ||
		vss_plan_choose_writers(r->plan, r->session, r->wishes, err) < 0 ||
		(r->increment && vss_increment_begin(r->increment, err) < 0))
		return -1;
	d.n = r->plan->nvolumes;
	VSS_AUTOFREE const struct vss_provider_ops **chosen = vss_alloc(d.n * sizeof(void *));
	d.chosen = chosen;
	if (choose_providers(&d, err) < 0)
		return -1;
	d.forecast = *out = vss_alloc(sizeof **out);
	for (size_t i = 0; i < d.n; i++)
		add_volume(&d, i);
	grade_volumes(d.forecast);
	vss_forecast_describe(d.forecast, r->plan);
	vss_forecast_freeze(d.forecast);
	return check_bar(&d, err);
}
