/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/run.h"

#include "base/log.h"
#include "base/mem.h"
#include "provider/provider.h"

#include <stdlib.h>
#include <string.h>

static int
gather(struct vss_session *s, struct vss_plan *p, const struct vss_plan_wishes *w, struct vss_err *err)
{
	if (vss_session_gather_writer_metadata(s, err) < 0)
		return -1;
	return vss_plan_choose_writers(p, s, w, err);
}

int
vss_run_to_set(struct vss_session *s, struct vss_plan *p, const struct vss_plan_wishes *w, const char *provider,
	int wait_s, struct vss_err *err)
{
	if (gather(s, p, w, err) < 0)
		return -1;
	if (vss_session_start_snapshot_set(s, wait_s * 1000, err) < 0)
		return -1;
	if (vss_plan_add_to_set(p, s, provider, err) < 0)
		return -1;
	if (vss_session_prepare_for_backup(s, err) < 0)
		return -1;
	return vss_session_do_snapshot_set(s, err);
}

/* --- what would be --- */

static enum vss_grade
promised_grade(enum vss_instant i)
{
	struct vss_grade_facts f = { .instant = i };
	return vss_grade_of(&f);
}

/* All volumes of the plan that one provider would take, as the set it would be asked for. */
static enum vss_instant
promise_of(const struct vss_provider_ops *ops, const struct vss_plan *p, const struct vss_provider_ops *const *chosen,
	const char *storage)
{
	struct vss_provider_set ps = { .provider = ops, .storage = storage };
	size_t n = 0;
	VSS_AUTOFREE struct vss_provider_volume *v = vss_alloc(p->nvolumes * sizeof *v);

	for (size_t i = 0; i < p->nvolumes; i++)
		if (chosen[i] == ops)
			v[n++].volume = p->volumes[i].volume;
	ps.v = v;
	ps.n = n;
	return ops->promise(&ps);
}

static void
plan_shadow(struct vss_set *set, const struct vss_plan_volume *v, const struct vss_provider_ops *ops, enum vss_instant promise)
{
	struct vss_shadow *s = vss_set_add_shadow(set);

	s->volume = vss_strdup(v->volume->mount);
	s->volume_id = vss_strdup(v->volume->id);
	s->source = vss_strdup(v->volume->source);
	s->fstype = vss_strdup(v->volume->fstype);
	s->provider = vss_strdup(ops->name);
	s->grade = promised_grade(promise);
}

struct vss_set *
vss_run_dry(struct vss_session *s, struct vss_plan *p, const struct vss_plan_wishes *w, const char *provider,
	const char *storage, struct vss_err *err)
{
	VSS_AUTOFREE const struct vss_provider_ops **chosen = NULL;
	bool one = true;

	if (gather(s, p, w, err) < 0)
		return NULL;
	chosen = vss_alloc((p->nvolumes + 1) * sizeof *chosen);
	for (size_t i = 0; i < p->nvolumes; i++) {
		const struct vss_volume *v = p->volumes[i].volume;
		struct vss_provider_set ps = { .storage = storage };
		chosen[i] = vss_provider_for(v, provider, err);
		ps.provider = chosen[i];
		if (!chosen[i] || (chosen[i]->check && chosen[i]->check(&ps, v, err) < 0))
			return NULL;
	}
	struct vss_set *set = vss_set_new();
	set->instant = VSS_INSTANT_ONE;
	for (size_t i = 0; i < p->nvolumes; i++) {
		enum vss_instant promise = promise_of(chosen[i], p, chosen, storage);
		one = one && chosen[i] == chosen[0];
		plan_shadow(set, &p->volumes[i], chosen[i], promise);
		if (promise > set->instant)
			set->instant = promise;
	}
	if (!one && set->instant == VSS_INSTANT_ONE)
		set->instant = VSS_INSTANT_MANY;
	set->grade = promised_grade(set->instant);
	set->count = (unsigned)set->nshadows;
	for (size_t i = 0; i < p->choice.ncomponents; i++) {
		const struct vss_writer *wr = p->choice.components[i].writer;
		if (i && p->choice.components[i - 1].writer == wr)
			continue;
		struct vss_set_writer *sw = vss_set_add_writer(set);
		sw->id = wr->metadata->writer_id;
		sw->instance = wr->metadata->instance_id;
		sw->name = vss_strdup(wr->metadata->name);
		sw->state = wr->state;
	}
	return set;
}

/* --- the end --- */

int
vss_run_mark(struct vss_session *s, const struct vss_plan *p, struct vss_err *err)
{
	for (size_t i = 0; i < p->choice.ncomponents; i++) {
		const struct vss_choice_component *c = &p->choice.components[i];
		if (c->owner != i || !c->writer->taking_part)
			continue;
		if (vss_session_set_backup_succeeded(s, &c->writer->metadata->writer_id, c->component->logical_path,
			    c->component->name, !c->failed, err) < 0)
			return -1;
	}
	return 0;
}

size_t
vss_run_failed_writers(const struct vss_set *set)
{
	size_t n = 0;

	for (size_t i = 0; set && i < set->nwriters; i++) {
		const struct vss_set_writer *w = &set->writers[i];
		if (w->error == VSS_OK && !vss_writer_state_is_failed(w->state))
			continue;
		const char *code = vss_code_name(w->error);
		vss_complain("writer \"%s\": %s: %s (%s)", w->name, vss_writer_state_label(w->state),
			w->message ? w->message : vss_writer_error_label(w->error), code ? code : "no code");
		n++;
	}
	return n;
}
