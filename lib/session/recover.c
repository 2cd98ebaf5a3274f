/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

/*
 * Auto-recovery: writers may change the new copies in PostSnapshot, and then they are sealed (S23 to S27).
 */

/* C24, C25. */
static bool
asks_for_recovery(const struct vss_session *s, const struct vss_component *c)
{
	uint32_t wanted = VSS_CF_BACKUP_RECOVERY;

	if (s->o.context & VSS_ATTR_ROLLBACK_RECOVERY)
		wanted |= VSS_CF_APP_ROLLBACK_RECOVERY;
	return c->flags & wanted;
}

/* An explicit component, or one that comes with it (C8, C12). */
static bool
component_recovers(const struct vss_session *s, const struct vss_metadata *m, const struct vss_bcd_component *bc)
{
	const struct vss_component *c = vss_metadata_find(m, bc->logical_path, bc->name);

	if (!c || asks_for_recovery(s, c))
		return c != NULL;
	for (size_t i = 0; c->selectable && i < m->ncomponents; i++)
		if (vss_component_is_ancestor(c, &m->components[i]) && asks_for_recovery(s, &m->components[i]))
			return true;
	return false;
}

static bool
part_recovers(const struct vss_session *s, const struct session_part *p)
{
	const struct vss_bcd_writer *bw = session_bcd_writer(s, p->writer);

	for (size_t k = 0; bw && !p->left_out && k < bw->ncomponents; k++)
		if (component_recovers(s, p->writer->metadata, &bw->components[k]))
			return true;
	return false;
}

void
session_decide_recovery(struct vss_session *s)
{
	bool wanted = false;

	for (size_t i = 0; i < s->nparts; i++)
		wanted = wanted || part_recovers(s, &s->parts[i]);
	if (s->o.context & VSS_ATTR_NO_AUTORECOVERY) /* S26 */
		wanted = false;
	for (size_t i = 0; i < s->making->nproviders; i++) {
		struct vss_provider_set *ps = s->making->providers[i];
		ps->writable = wanted && ps->provider->writable;
	}
}
