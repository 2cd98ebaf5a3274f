/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/session_internal.h"

#include "base/mem.h"
#include "model/logical.h"

#include <stdlib.h>

/* W41: of several instances the one of the same name; instance IDs mean nothing any more. */
static struct vss_writer *
running_writer(const struct vss_session *s, const struct vss_bcd_writer *bw)
{
	struct vss_writer *any = NULL;

	for (size_t i = 0; s->writers && i < vss_writers_count(s->writers); i++) {
		struct vss_writer *w = vss_writers_at(s->writers, i);
		if (!w->metadata || !w->alive || !vss_uuid_eq(&w->metadata->writer_id, &bw->writer_id))
			continue;
		if (vss_str_eq(w->metadata->instance_name, bw->instance_name))
			return w;
		any = any ? any : w;
	}
	return any;
}

struct vss_bcd_writer *
session_stored_writer(const struct vss_session *s, const struct vss_metadata *m)
{
	struct vss_bcd_writer *any = NULL;

	for (size_t i = 0; i < s->bcd->nwriters; i++) {
		struct vss_bcd_writer *bw = &s->bcd->writers[i];
		if (!vss_uuid_eq(&bw->writer_id, &m->writer_id))
			continue;
		if (vss_str_eq(bw->instance_name, m->instance_name))
			return bw;
		any = any ? any : bw;
	}
	return any;
}

struct vss_bcd_writer *
session_writer_of_component(const struct vss_session *s, const struct vss_uuid *id, const struct vss_bcd_component *c)
{
	for (size_t i = 0; i < s->bcd->nwriters; i++) {
		struct vss_bcd_writer *bw = &s->bcd->writers[i];
		if (vss_uuid_eq(&bw->writer_id, id) && c >= bw->components && c < bw->components + bw->ncomponents)
			return bw;
	}
	return NULL;
}

int
vss_session_set_selected_for_restore(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_SELECTED_FOR_RESTORE, err) < 0)
		return -1;
	struct vss_bcd_component *c = session_find_component(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	const struct vss_bcd_writer *bw = session_writer_of_component(s, writer, c);
	struct vss_writer *w = running_writer(s, bw);
	if (!w)
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "writer \"%s\": is not running here", bw->name);
	if (!session_part_of(s, w))
		session_add_part(s, w);
	c->selected_for_restore = true;
	return 0;
}

/* The first that failed gives the message; the components of all of them say so in the document (R8). */
static int
look_at_writers(struct vss_session *s, enum vss_event event, enum vss_code code, struct vss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < s->nparts; i++) {
		const struct vss_writer *w = s->parts[i].writer;
		if (!session_writer_failed(w))
			continue;
		struct vss_bcd_writer *bw = session_stored_writer(s, w->metadata);
		for (size_t k = 0; bw && k < bw->ncomponents; k++) {
			struct vss_bcd_component *c = &bw->components[k];
			if (!c->selected_for_restore || c->failure != VSS_OK)
				continue;
			c->failure = w->error ? w->error : VSS_E_WRITER_NOT_RESPONDING;
			if (!c->failure_message)
				c->failure_message = vss_strdup(w->message);
		}
		if (rc == 0)
			rc = session_blame(w, event, code, err);
	}
	return rc;
}

/* What the backup noted there is history. */
static void
forget_failures(struct vss_bcd *b)
{
	for (size_t i = 0; i < b->nwriters; i++) {
		for (size_t k = 0; k < b->writers[i].ncomponents; k++) {
			struct vss_bcd_component *c = &b->writers[i].components[k];
			c->failure = VSS_OK;
			free(c->failure_message);
			c->failure_message = NULL;
		}
	}
}

int
vss_session_pre_restore(struct vss_session *s, struct vss_err *err)
{
	struct vss_writers_event e = { .event = VSS_EVENT_PRE_RESTORE };

	if (session_enter(s, CALL_PRE_RESTORE, err) < 0)
		return -1;
	forget_failures(s->bcd);
	/* W60, R15: from here on the end is PostRestore, whatever happens. */
	s->state = SESSION_PRE_RESTORED;
	if (session_raise(s, &e, err) < 0)
		return -1;
	return look_at_writers(s, VSS_EVENT_PRE_RESTORE, VSS_GRADE, err);
}

int
vss_session_set_file_restore_status(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, enum vss_file_restore_status st, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_FILE_RESTORE_STATUS, err) < 0)
		return -1;
	struct vss_bcd_component *c = session_find_component(s, writer, logical_path, name, err);
	if (!c)
		return -1;
	if (!c->selected_for_restore) {
		VSS_AUTOFREE char *full = vss_logical_full(logical_path, name, '/');
		return vss_fail(err, VSS_E_OBJECT_NOT_FOUND, 0, "component %s: was not selected for restore", full);
	}
	c->restore_status = st;
	return 0;
}

int
vss_session_spare_post_restore(struct vss_session *s, const struct vss_uuid *writer, struct vss_err *err)
{
	if (session_enter(s, CALL_SET_FILE_RESTORE_STATUS, err) < 0) /* as that one: between the two events */
		return -1;
	for (size_t i = 0; i < s->nparts; i++)
		if (vss_uuid_eq(&s->parts[i].writer->metadata->writer_id, writer))
			s->parts[i].writer->taking_part = false;
	return 0;
}

int
vss_session_post_restore(struct vss_session *s, struct vss_err *err)
{
	struct vss_writers_event e = { .event = VSS_EVENT_POST_RESTORE, .ignore_interrupt = true };

	if (session_enter(s, CALL_POST_RESTORE, err) < 0)
		return -1;
	s->state = SESSION_POST_RESTORED;
	if (session_raise(s, &e, err) < 0)
		return -1;
	return look_at_writers(s, VSS_EVENT_POST_RESTORE, VSS_PARTIAL, err);
}
