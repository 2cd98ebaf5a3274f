/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"

/* What the set knows of a volume, which may be mounted elsewhere by now, or be gone. */
static struct vss_volume *
volume_of(const struct vss_shadow *sh)
{
	struct vss_volume *v = vss_alloc(sizeof *v);

	v->mount = vss_strdup(sh->volume);
	v->id = vss_strdup(sh->volume_id ? sh->volume_id : "");
	v->source = vss_strdup(sh->source);
	v->fstype = vss_strdup(sh->fstype);
	v->fs_uuid = vss_strdup(sh->fs_uuid);
	v->subpath = vss_strdup(sh->subpath ? sh->subpath : "");
	return v;
}

struct vss_session *
vss_session_new_for_set(const struct vss_set *set, struct vss_bcd *bcd)
{
	struct vss_session *s = vss_alloc(sizeof *s);

	s->set = vss_set_copy(set);
	s->bcd = bcd;
	s->state = SESSION_CREATED;
	s->existing = s->writerless = true;
	s->ownerfd = -1;
	for (size_t i = 0; i < set->nshadows; i++)
		VSS_PUSH(s->volumes, s->nvolumes, s->cvolumes) =
			(struct session_volume){ .volume = volume_of(&set->shadows[i]), .plain = true };
	return s;
}
