/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/run.h"

#include "base/log.h"
#include "requester/freezes.h"

int
vss_run_to_set(const struct vss_run *r, struct vss_err *err)
{
	struct vss_session *s = r->session;

	if (vss_session_gather_writer_metadata(s, err) < 0 || vss_plan_choose_writers(r->plan, s, r->wishes, err) < 0)
		return -1;
	if (vss_session_start_snapshot_set(s, r->wait_s * 1000, err) < 0)
		return -1;
	if (vss_plan_add_to_set(r->plan, s, r->provider, err) < 0)
		return -1;
	if ((r->increment && vss_increment_begin(r->increment, err) < 0) || vss_session_prepare_for_backup(s, err) < 0)
		return -1;
	if (vss_session_do_snapshot_set(s, err) < 0)
		return -1;
	vss_freezes_note(vss_session_set(s));
	return 0;
}

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
