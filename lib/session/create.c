/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"
#include "os/dirs.h"

#include <stdlib.h>
#include <unistd.h>

static int
prepare_providers(struct vss_session *s, struct vss_err *err)
{
	session_find_spans(s);
	session_decide(s);
	if (session_check_promises(s, err) < 0)
		return -1;
	session_decide_recovery(s);
	session_stamp(s, "set", NULL, "begun", vss_now_mono());
	if (session_hold_start(s, err) < 0)
		return -1;
	if (making_start(s->making, err) < 0 || session_run_phase(s, PHASE_BEGIN_PREPARE, INT64_MAX, err) < 0)
		return -1;
	session_stamp(s, "set", NULL, "prepared", vss_now_mono());
	vss_stop_point("session.after-begin-prepare");
	return 0;
}

static int
prepare_writers(struct vss_session *s, struct vss_err *err)
{
	struct vss_writers_event e = { .event = VSS_EVENT_PREPARE_SNAPSHOT };

	if (session_raise(s, &e, err) < 0 || session_judge(s, VSS_EVENT_PREPARE_SNAPSHOT, err) < 0)
		return -1;
	vss_stop_point("session.prepared");
	return 0;
}

/* --- The result --- */

static void
describe_shadow(const struct vss_session *s, const struct vss_provider_volume *pv, const struct vss_provider_ops *ops,
	struct vss_shadow *sh)
{
	const struct vss_volume *v = pv->volume;

	sh->id = pv->shadow_id;
	sh->volume = vss_strdup(v->mount);
	sh->volume_id = vss_strdup(v->id);
	sh->subpath = vss_strdup(v->subpath);
	sh->source = vss_strdup(v->source);
	sh->fstype = vss_strdup(v->fstype);
	sh->fs_uuid = vss_strdup(v->fs_uuid);
	sh->provider = vss_strdup(ops->name);
	sh->place = vss_strdup(pv->place);
	sh->attributes = s->o.context | pv->attributes;
	if (ops->type == VSS_PROV_HARDWARE)
		sh->attributes |= VSS_ATTR_HARDWARE_ASSISTED;
	if (making_provider(s->making, ops)->writable)
		sh->attributes |= VSS_ATTR_AUTORECOVER;
	if (v->network)
		sh->attributes |= VSS_ATTR_FILE_SHARE;
	sh->instant = pv->fuzzy ? VSS_INSTANT_FUZZY : VSS_INSTANT_ONE;
	sh->domain = vss_strdup(pv->domain);
	sh->mark = pv->mark;
	sh->held = pv->held;
	sh->still = pv->still;
	sh->proof_key = vss_strdup(pv->proof_key);
	sh->proof_value = pv->proof_value;
}

static char *
device_path(const struct vss_shadow *sh, struct vss_err *err)
{
	char id[VSS_UUID_TEXT];

	vss_uuid_text(&sh->id, id);
	return vss_run_path("shadows", id, err);
}

static void
describe_in_document(struct vss_session *s, const struct vss_shadow *sh)
{
	VSS_PUSH(s->bcd->volumes, s->bcd->nvolumes, s->bcd->cvolumes) = (struct vss_bcd_volume){
		.mount = vss_strdup(sh->volume),
		.id = vss_strdup(sh->volume_id),
		.fstype = vss_strdup(sh->fstype),
		.provider = vss_strdup(sh->provider),
		.shadow = sh->id,
	};
}

/* The copies exist: from here on the set knows them, in the order of s->volumes. */
static int
describe_set(struct vss_session *s, struct vss_err *err)
{
	struct vss_set *set = s->set;

	for (size_t i = 0; i < s->nvolumes; i++) {
		const struct vss_provider_volume *pv = making_at(s->making, i);
		struct vss_shadow *sh = vss_set_add_shadow(set);
		describe_shadow(s, pv, making_ops(s->making, i), sh);
		session_stamp(s, "volume", sh->volume, "committed", pv->committed_ns);
		session_stamp_effort(s, pv);
		sh->device = device_path(sh, err);
		if (!sh->device)
			return -1;
		describe_in_document(s, sh);
	}
	set->count = (unsigned)set->nshadows;
	return 0;
}

/*
 * From the first freeze asked to the last thaw answered; the commit has left its own duration there for a set
 * without writers.
 */
static void
measure_freeze(struct vss_session *s)
{
	int64_t end = 0;

	for (size_t i = 0; i < s->nparts; i++) {
		const struct vss_writer *w = s->parts[i].writer;
		if (w->taking_part && w->thawed_ns > end)
			end = w->thawed_ns;
	}
	if (end > s->freeze_asked)
		s->set->freeze_ms = (double)(end - s->freeze_asked) / VSS_MS;
}

static int
post_snapshot(struct vss_session *s, struct vss_err *err)
{
	struct vss_writers_event e = { .event = VSS_EVENT_POST_SNAPSHOT };

	s->post_snapshot = true;
	if (session_raise(s, &e, err) < 0)
		return -1;
	return session_judge(s, VSS_EVENT_POST_SNAPSHOT, err);
}

static int
seal(struct vss_session *s, struct vss_err *err)
{
	return session_run_phase(s, PHASE_POST_FINAL_COMMIT, INT64_MAX, err);
}

static int
save(struct vss_session *s, struct vss_err *err)
{
	if (!(s->o.context & VSS_ATTR_NO_AUTO_RELEASE))
		s->set->owner = s->making->owner;
	else if (session_keep_documents(s, err) < 0)
		return -1;
	session_stamp(s, "set", NULL, "created", vss_now_mono());
	vss_stop_point("session.before-save");
	if (session_save(s, err) < 0)
		return -1;
	vss_stop_point("session.saved");
	return 0;
}

/* The set stands.  Its owner lives on in the session when the copies are to go with it; the creation lock goes now. */
static void
finish(struct vss_session *s)
{
	struct making *m = s->making;

	for (size_t i = 0; i < m->nproviders; i++)
		m->providers[i]->provider->done(m->providers[i]);
	if (!vss_uuid_is_nil(&s->set->owner)) {
		s->owner = m->owner;
		s->ownerfd = vss_take_fd(&m->ownerfd);
	}
	session_keep_lost(s);
	making_free(m);
	s->making = NULL;
}

/*
 * The order of design section 6, and its undo.  A rung does nothing when there is nothing to undo: thawed
 * writers are not thawed again, and nobody hears Abort after PostSnapshot (W59).
 */
static int
create(struct vss_session *s, struct vss_err *err)
{
	if (prepare_providers(s, err) < 0)
		goto abort_providers;
	if (prepare_writers(s, err) < 0) {
		/*
		 * W54: a failed PrepareForSnapshot raises no Abort; the requester does, or lets BackupShutdown
		 * say it.
		 */
		if (err->code != VSS_INTERRUPTED)
			goto abort_providers;
		goto abort_writers;
	}
	if (session_run_phase(s, PHASE_FLUSH, INT64_MAX, err) < 0)
		goto abort_writers;
	vss_log_hold(); /* and write to no file until all have thawed */
	if (session_freeze_writers(s, err) < 0 || session_commit(s, err) < 0 || session_thaw_writers(s, err) < 0)
		goto thaw;
	session_hold_end(s);
	vss_log_release();
	measure_freeze(s);
	if (session_check_delivered(s, err) < 0 || describe_set(s, err) < 0 || session_surface(s, err) < 0)
		goto unsurface;
	if (post_snapshot(s, err) < 0 || seal(s, err) < 0)
		goto unsurface;
	session_grade(s);
	if (session_check_bars(s, err) < 0 || save(s, err) < 0)
		goto unsurface;
	finish(s);
	return 0;

unsurface:
	session_unsurface(s);
thaw:
	session_hold_end(s); /* before anything that may have to wait */
	session_thaw_at_once(s);
	vss_log_release();
abort_writers:
	session_abort_writers(s);
abort_providers:
	session_hold_end(s);
	session_abort_providers(s);
	return -1;
}

/* What was not made must not be shown as if it were there. */
static void
forget_copies(struct vss_session *s)
{
	while (s->set->nshadows)
		vss_set_remove_shadow(s->set, 0);
	s->set->owner = (struct vss_uuid){ 0 };
	making_free(s->making);
	s->making = NULL;
}

int
vss_session_do_snapshot_set(struct vss_session *s, struct vss_err *err)
{
	if (session_enter(s, CALL_DO_SNAPSHOT_SET, err) < 0)
		return -1;
	int rc = create(s, err);
	session_record(s);
	if (rc < 0)
		forget_copies(s);
	s->state = rc < 0 ? SESSION_FAILED : SESSION_CREATED;
	return rc;
}
