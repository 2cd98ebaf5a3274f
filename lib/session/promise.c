/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"

#include <stdlib.h>

/* The volumes of the session as the topology asks for them. */
static void
fill_topology(struct vss_session *s)
{
	struct vss_topology *t = &s->topology;

	free(t->v);
	t->v = vss_alloc((s->nvolumes + 1) * sizeof *t->v);
	t->n = s->nvolumes;
	t->can_hold = vss_session_can_hold;
	for (size_t i = 0; i < s->nvolumes; i++)
		t->v[i] = (struct vss_topology_volume){
			.set = making_provider(s->making, making_ops(s->making, i)),
			.like = making_at(s->making, i),
			.plain = s->volumes[i].plain,
		};
}

/* What the volumes will be together is decided before anybody is asked to stand still (design: Consistency grades). */
void
session_decide(struct vss_session *s)
{
	struct making *m = s->making;

	fill_topology(s);
	vss_topology_decide(&s->topology);
	free(m->held);
	m->held = vss_alloc((s->nvolumes + 1) * sizeof *m->held);
	m->nheld = 0;
	for (size_t i = 0; i < s->nvolumes; i++) {
		making_at(m, i)->to_hold = s->topology.v[i].to_hold;
		if (s->topology.v[i].to_hold)
			m->held[m->nheld++] = m->volumes[i].volume;
	}
	for (size_t i = 0; i < m->nproviders; i++) {
		struct vss_provider_set *ps = m->providers[i];
		ps->held = m->held;
		ps->nheld = m->nheld;
		ps->must_be_one = ps->n > 1 && ps->provider->promise(ps) == VSS_INSTANT_ONE;
	}
}

/* What the volumes of `group` have become. */
static enum vss_instant
delivered(const struct vss_session *s, unsigned group)
{
	VSS_AUTOFREE struct vss_instant_facts *f = vss_alloc((s->nvolumes + 1) * sizeof *f);
	unsigned n = 0;

	for (size_t i = 0; i < s->nvolumes; i++)
		if (s->topology.v[i].group == group)
			f[n++] = session_facts(s, i);
	return vss_instant_of(f, n);
}

/* A writer has chosen its technique by it: what was promised is delivered, or there is no set. */
int
session_check_delivered(const struct vss_session *s, struct vss_err *err)
{
	for (size_t i = 0; i < s->nvolumes; i++) {
		const struct vss_topology_volume *v = &s->topology.v[i];
		if (v->alone == VSS_INSTANT_FUZZY || delivered(s, v->group) == VSS_INSTANT_ONE)
			continue;
		return vss_fail(err, VSS_E_UNEXPECTED_PROVIDER_ERROR, 0,
			"%s: its copy is not of the one instant that was promised (VSS_E_UNEXPECTED_PROVIDER_ERROR)",
			s->volumes[i].volume->mount);
	}
	return 0;
}
