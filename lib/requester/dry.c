/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/run.h"

#include "base/mem.h"
#include "provider/provider.h"
#include "requester/forecast_internal.h"
#include "session/topology.h"

#include <stdlib.h>
#include <sys/statvfs.h>

/* What each volume of the plan would be, decided as a session does it. */
struct dry {
	const struct vss_run *run;
	size_t n;
	struct vss_provider_set *sets; /* of each volume: the provider that was chosen, and the wishes */
	struct vss_provider_volume *volumes;
	struct vss_topology topology;
	struct vss_forecast *forecast;
};

static int
choose_providers(struct dry *d, struct vss_err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct vss_plan_volume *pv = &d->run->plan->volumes[i];
		const struct vss_volume *v = pv->volume;
		struct vss_provider_set *ps = &d->sets[i];
		*ps = (struct vss_provider_set){ .storage = d->run->storage, .cgroups = d->run->cgroups };
		ps->provider = vss_provider_for(v, vss_plan_provider_for(pv, d->run->provider), err);
		if (!ps->provider || (ps->provider->check && ps->provider->check(ps, v, err) < 0))
			return -1;
	}
	return 0;
}

static void
decide(struct dry *d)
{
	struct vss_topology *t = &d->topology;

	t->n = d->n;
	t->can_hold = vss_session_can_hold;
	for (size_t i = 0; i < d->n; i++) {
		d->volumes[i].volume = d->run->plan->volumes[i].volume;
		t->v[i] = (struct vss_topology_volume){
			.set = &d->sets[i],
			.like = &d->volumes[i],
			.plain = d->run->plan->volumes[i].plain,
		};
	}
	vss_topology_decide(t);
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
	const struct vss_topology_volume *tv = &d->topology.v[i];
	const struct vss_provider_ops *ops = d->sets[i].provider;
	struct vss_forecast *f = d->forecast;
	struct vss_forecast_volume v = {
		.volume = vss_strdup(pv->volume->mount),
		.id = vss_strdup(pv->volume->id),
		.provider = vss_strdup(ops->name),
		.instant = tv->alone,
		.group = tv->group,
		.held = tv->to_hold,
		.grade = vss_topology_grade(&d->topology, i),
		.plain = pv->plain,
		.in_storage = !ops->self_made,
		.used_bytes = pv->volume->network ? 0 : used_on(pv->volume->mount),
	};

	if (f->grade == VSS_GRADE_NONE || v.grade < f->grade)
		f->grade = v.grade;
	VSS_PUSH(f->volumes, f->nvolumes, f->cvolumes) = v;
}

static int
foretell(struct dry *d, struct vss_forecast **out, struct vss_err *err)
{
	const struct vss_run *r = d->run;

	if (choose_providers(d, err) < 0)
		return -1;
	decide(d);
	d->forecast = *out = vss_alloc(sizeof **out);
	d->forecast->instant = d->topology.instant;
	for (size_t i = 0; i < d->n; i++)
		add_volume(d, i);
	vss_forecast_describe(d->forecast, r->plan);
	vss_forecast_freeze(d->forecast);
	/* in the words of the set that would be refused */
	return vss_topology_check(&d->topology, r->min_grade ? r->min_grade : VSS_GRADE_CRASH, err);
}

int
vss_run_dry(const struct vss_run *r, struct vss_forecast **out, struct vss_err *err)
{
	if (vss_session_gather_writer_metadata(r->session, err) < 0 ||
		vss_plan_choose_writers(r->plan, r->session, r->wishes, err) < 0 ||
		(r->increment && vss_increment_begin(r->increment, err) < 0))
		return -1;
	size_t n = r->plan->nvolumes;
	VSS_AUTOFREE struct vss_provider_set *sets = vss_alloc((n + 1) * sizeof *sets);
	VSS_AUTOFREE struct vss_provider_volume *volumes = vss_alloc((n + 1) * sizeof *volumes);
	VSS_AUTOFREE struct vss_topology_volume *decided = vss_alloc((n + 1) * sizeof *decided);
	struct dry d = { .run = r, .n = n, .sets = sets, .volumes = volumes, .topology.v = decided };

	return foretell(&d, out, err);
}
