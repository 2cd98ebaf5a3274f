/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/time.h"

#include <stdlib.h>

#define ABORT_MS 30000

int
vss_session_prepare_for_backup(struct vss_session *s, struct vss_err *err)
{
	struct vss_writers_event e = { .event = VSS_EVENT_PREPARE_BACKUP };

	if (session_enter(s, CALL_PREPARE_FOR_BACKUP, err) < 0)
		return -1;
	for (size_t i = 0; i < s->nparts; i++)
		s->parts[i].prepared = true;
	if (session_raise(s, &e, err) < 0 || session_judge(s, VSS_EVENT_PREPARE_BACKUP, err) < 0) {
		s->state = SESSION_FAILED;
		return -1;
	}
	s->state = SESSION_PREPARED;
	return 0;
}

static void
replace(char **slot, const char *text)
{
	free(*slot);
	*slot = vss_strdup(text);
}

int
vss_session_set_previous_backup_stamp(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const char *stamp, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_PREVIOUS_BACKUP_STAMP, err) < 0)
		return -1;
	struct vss_bcd_component *c = session_find_component(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	replace(&c->previous_stamp, stamp);
	return 0;
}

int
vss_session_set_backup_options(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const char *options, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_BACKUP_OPTIONS, err) < 0)
		return -1;
	struct vss_bcd_component *c = session_find_component(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	replace(&c->backup_options, options);
	return 0;
}

int
vss_session_set_backup_succeeded(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, bool ok, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_BACKUP_SUCCEEDED, err) < 0)
		return -1;
	struct vss_bcd_component *c = session_find_component(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	c->succeeded = ok;
	c->succeeded_known = true;
	if (!ok)
		session_take_grade(s, c);
	return 0;
}

/* The backup stands; who failed to hear of it is named, the first in the message. */
static int
look_at_completion(struct vss_session *s, struct vss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < s->nparts; i++) {
		const struct vss_writer *w = s->parts[i].writer;
		struct vss_err e = VSS_ERR_INIT;
		if (s->parts[i].left_out || w->state != VSS_WS_FAILED_AT_BACKUP_COMPLETE)
			continue;
		if (rc == 0)
			rc = session_blame(w, VSS_EVENT_BACKUP_COMPLETE, VSS_PARTIAL, err);
		else if (session_blame(w, VSS_EVENT_BACKUP_COMPLETE, VSS_PARTIAL, &e) < 0)
			vss_warn("%s", e.text);
	}
	return rc;
}

int
vss_session_backup_complete(struct vss_session *s, struct vss_err *err)
{
	/* What the archive holds is durable by now: an interruption must not keep that from the writers. */
	struct vss_writers_event e = { .event = VSS_EVENT_BACKUP_COMPLETE, .ignore_interrupt = true };

	if (session_enter(s, CALL_BACKUP_COMPLETE, err) < 0)
		return -1;
	vss_stop_point("session.before-complete");
	s->state = SESSION_COMPLETED;
	if (session_raise(s, &e, err) < 0)
		return -1;
	vss_stop_point("session.completed");
	return look_at_completion(s, err);
}

static bool
may_be_aborted(void *ctx, const struct vss_writer *w)
{
	const struct session_part *p = session_part_of(ctx, w);
	return p && p->prepared && !p->left_out && w->alive;
}

static bool
has_aborted(void *ctx, const struct vss_writer *w)
{
	session_stamp(ctx, "writer", session_writer_name(w), "aborted", vss_now_mono());
	return true;
}

void
session_abort_writers(struct vss_session *s)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_writers_event e = { .event = VSS_EVENT_ABORT,
		.filter = may_be_aborted,
		.on_answer = has_aborted,
		.ctx = s,
		.timeout_ms = ABORT_MS,
		.ignore_interrupt = true };

	if (s->post_snapshot)
		return;
	if (session_raise(s, &e, &err) < 0)
		vss_warn("abort: %s", err.text);
}

int
vss_session_abort_backup(struct vss_session *s, struct vss_err *err)
{
	if (session_enter(s, CALL_ABORT_BACKUP, err) < 0)
		return -1;
	if (s->state == SESSION_ABORTED)
		return 0;
	/* W55: before a PrepareForBackup there is nobody to tell. */
	session_abort_writers(s);
	if (s->state == SESSION_CREATED)
		session_release_copies(s); /* W61 */
	making_free(s->making);
	s->making = NULL;
	s->state = SESSION_ABORTED;
	return 0;
}
