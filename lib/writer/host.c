/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/host.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "writer/host_internal.h"

#include <stdlib.h>

size_t
vss_writers_count(const struct vss_writers *ws)
{
	return ws->shown;
}

size_t
vss_writers_all(const struct vss_writers *ws)
{
	return ws->n;
}

struct vss_writer *
vss_writers_at(struct vss_writers *ws, size_t i)
{
	return &ws->v[i]->pub;
}

/* One that cannot be started is in the list with its reason: it failed at identify. */
static void
start_one(struct vss_writers *ws, const struct vss_registration *r, const char *scratch_dir)
{
	struct vss_err err = VSS_ERR_INIT;
	struct host_writer *w = host_new(r);

	VSS_PUSH(ws->v, ws->n, ws->cap) = w;
	if (r->masked) {
		w->absent = vss_strf("switched off by %s", r->file);
	} else if (r->refused) {
		host_note_failure(w, VSS_EVENT_IDENTIFY, VSS_E_WRITERERROR_NONRETRYABLE, r->refused);
	} else if (host_spawn(w, r, scratch_dir, &err) != 0) {
		vss_warn("writer %s: not started: %s", r->name, err.text);
		host_note_failure(w, VSS_EVENT_IDENTIFY,
			r->socket ? VSS_E_WRITER_NOT_RESPONDING : VSS_E_WRITERERROR_NONRETRYABLE, err.text);
	}
}

static bool
is_well(void *ctx, const struct vss_writer *w)
{
	(void)ctx;
	return w->alive && w->error == VSS_OK;
}

static int
identify_all(struct vss_writers *ws, int timeout_ms, struct vss_err *err)
{
	static const enum vss_event first[] = { VSS_EVENT_HELLO, VSS_EVENT_IDENTIFY };

	for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
		const struct vss_writers_event e = { .event = first[i], .filter = is_well, .timeout_ms = timeout_ms };

		if (vss_writers_raise(ws, &e, err) != 0)
			return -1;
	}
	return 0;
}

/* What it published is worth nothing. */
static void
reject(struct host_writer *w, enum vss_code code, const char *message)
{
	host_note_failure(w, VSS_EVENT_IDENTIFY, code, message);
	w->pub.state = vss_state_after(VSS_EVENT_IDENTIFY, false);
	w->pub.metadata = NULL;
	vss_metadata_free(w->metadata);
	w->metadata = NULL;
}

/* All have answered: who broke down behind the answer, and whose files cannot be copied? */
static int
judge(struct vss_writers *ws, struct vss_err *err)
{
	struct vss_mount_list mounts;

	if (vss_mounts(&mounts, err) != 0)
		return -1;
	for (size_t i = 0; i < ws->n; i++) {
		struct host_writer *w = ws->v[i];
		struct vss_err why = VSS_ERR_INIT;

		if (!w->metadata)
			continue;
		if (!w->pub.alive)
			reject(w, w->pub.error, w->message);
		else if (host_check_places(w->metadata, &mounts, w->scratch, &why) != 0)
			reject(w, VSS_E_WRITERERROR_NONRETRYABLE, why.text);
	}
	vss_mount_list_free(&mounts);
	return 0;
}

/* The absent ones stand behind the others, in their order, and hear nothing more. */
static void
set_absent_aside(struct vss_writers *ws)
{
	struct host_writer **sorted = vss_realloc(NULL, ws->n ? ws->n : 1, sizeof(struct host_writer *));
	size_t at;

	for (size_t i = 0; i < ws->n; i++)
		if (!ws->v[i]->absent)
			sorted[ws->shown++] = ws->v[i];
	at = ws->shown;
	for (size_t i = 0; i < ws->n; i++) {
		struct host_writer *w = ws->v[i];

		if (!w->absent)
			continue;
		host_hang_up(w);
		w->pub.alive = false;
		w->pub.absent = w->absent;
		w->pub.state = VSS_WS_UNKNOWN;
		sorted[at++] = w;
	}
	free(ws->v);
	ws->v = sorted;
	ws->cap = ws->n;
}

struct vss_writers *
vss_writers_start(const struct vss_writers_options *o, struct vss_err *err)
{
	struct vss_registrations registered = { 0 };

	if (vss_registrations_read(&registered, err) != 0)
		return NULL;
	struct vss_writers *ws = vss_alloc(sizeof *ws);
	for (size_t i = 0; i < registered.n; i++)
		if (!o->enabled || o->enabled(o->ctx, registered.v[i].name))
			start_one(ws, &registered.v[i], o->scratch_dir);
	vss_registrations_free(&registered);
	if (identify_all(ws, o->identify_timeout_ms, err) != 0 || judge(ws, err) != 0) {
		vss_writers_end(ws);
		return NULL;
	}
	set_absent_aside(ws);
	return ws;
}

static bool
may_part(void *ctx, const struct vss_writer *w)
{
	(void)ctx;
	return w->alive && (w->frozen_ns == 0 || w->thawed_ns != 0);
}

static bool
any_process(const struct vss_writers *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i]->child.pid > 0)
			return true;
	return false;
}

void
vss_writers_end(struct vss_writers *ws)
{
	const struct vss_writers_event bye = { .event = VSS_EVENT_BYE, .filter = may_part, .ignore_interrupt = true };
	struct vss_err err = VSS_ERR_INIT;

	if (!ws)
		return;
	vss_writers_raise(ws, &bye, &err); /* cannot fail: it is not interrupted, and writers' failures are theirs */
	for (size_t i = 0; i < ws->n; i++)
		host_hang_up(ws->v[i]);
	/* Longer than the signals need: what is left then hangs in the kernel. */
	int64_t limit = vss_now_mono() + 4 * HOST_GRACE_MS * VSS_MS;
	while (any_process(ws) && vss_now_mono() < limit)
		host_turn(ws, -1, limit, false);
	for (size_t i = 0; i < ws->n; i++) {
		vss_child_end(&ws->v[i]->child, 0);
		host_free(ws->v[i]);
	}
	free(ws->v);
	free(ws->polls);
	free(ws->owners);
	free(ws);
}
