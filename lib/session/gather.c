/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "model/logical.h"

#include <stdlib.h>

int
vss_session_gather_writer_metadata(struct vss_session *s, struct vss_err *err)
{
	if (session_enter(s, CALL_GATHER_WRITER_METADATA, err) < 0)
		return -1;
	if (!s->writerless) {
		struct vss_writers_options o = {
			.scratch_dir = s->scratch_dir,
			.enabled = s->o.writer_enabled,
			.ctx = s->o.ctx,
		};
		s->writers = vss_writers_start(&o, err);
		if (!s->writers)
			return -1;
	}
	s->state = s->state == SESSION_RESTORE_NEW ? SESSION_RESTORE_GATHERED : SESSION_GATHERED;
	return 0;
}

struct vss_writers *
vss_session_writers(struct vss_session *s)
{
	return s->writers;
}

struct vss_bcd_writer *
session_bcd_writer(const struct vss_session *s, const struct vss_writer *w)
{
	return vss_bcd_find_writer(s->bcd, &w->metadata->writer_id, &w->metadata->instance_id);
}

struct vss_bcd_writer *
session_record_of(const struct vss_session *s, const struct vss_writer *w)
{
	struct vss_bcd_writer *bw = session_bcd_writer(s, w);
	return bw ? bw : session_stored_writer(s, w->metadata);
}

struct session_part *
session_add_part(struct vss_session *s, struct vss_writer *w)
{
	struct vss_set_writer *sw = vss_set_add_writer(s->set);

	sw->id = w->metadata->writer_id;
	sw->instance = w->metadata->instance_id;
	sw->name = vss_strdup(w->metadata->name);
	sw->state = w->state;
	w->taking_part = true;
	VSS_PUSH(s->parts, s->nparts, s->cparts) = (struct session_part){ .writer = w };
	return &s->parts[s->nparts - 1];
}

/* C10, and the row of C9 that forbids: a nonselectable component below a selectable one never comes alone. */
static int
check_choice(const struct vss_metadata *m, const struct vss_component *c, struct vss_err *err)
{
	for (size_t i = 0; i < m->ncomponents; i++) {
		const struct vss_component *above = &m->components[i];
		if (!above->selectable || !vss_component_is_ancestor(above, c))
			continue;
		if (!c->selectable)
			return vss_fail(
				err, VSS_INVALID, 0, "component %s: only together with %s", c->name, above->name);
	}
	return 0;
}

/* C9: what comes with an explicit ancestor must not be explicit itself. */
static int
check_ancestors(const struct vss_metadata *m, const struct vss_bcd_writer *bw, const struct vss_component *c,
	struct vss_err *err)
{
	for (size_t i = 0; bw && i < bw->ncomponents; i++) {
		const struct vss_component *taken =
			vss_metadata_find(m, bw->components[i].logical_path, bw->components[i].name);
		if (taken && taken->selectable && vss_component_is_ancestor(taken, c))
			return vss_fail(err, VSS_E_OBJECT_ALREADY_EXISTS, 0, "component %s: comes with %s already",
				c->name, taken->name);
	}
	return 0;
}

int
vss_session_add_component(
	struct vss_session *s, struct vss_writer *w, const struct vss_component *c, bool named, struct vss_err *err)
{
	if (session_enter(s, CALL_ADD_COMPONENT, err) < 0)
		return -1;
	if (!w->metadata || !vss_metadata_find(w->metadata, c->logical_path, c->name))
		return vss_fail(
			err, VSS_E_OBJECT_NOT_FOUND, 0, "component %s: the writer has none of that name", c->name);

	struct vss_bcd_writer *bw = session_bcd_writer(s, w);
	if (check_choice(w->metadata, c, err) < 0 || check_ancestors(w->metadata, bw, c, err) < 0)
		return -1;
	if (!bw)
		bw = vss_bcd_add_writer(s->bcd, w->metadata);
	if (!vss_bcd_add_component(bw, c, err))
		return -1;
	struct session_part *p = session_part_of(s, w);
	if (!p)
		p = session_add_part(s, w);
	p->named = p->named || named;
	return 0;
}

struct vss_bcd_component *
session_find_component(const struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, struct vss_err *err)
{
	for (size_t i = 0; i < s->bcd->nwriters; i++) {
		if (!vss_uuid_eq(&s->bcd->writers[i].writer_id, writer))
			continue;
		struct vss_bcd_component *c = vss_bcd_find_component(&s->bcd->writers[i], logical_path, name);
		if (c)
			return c;
	}
	VSS_AUTOFREE char *full = vss_logical_full(logical_path, name, '/');
	vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "component %s: not in the components document", full);
	return NULL;
}
