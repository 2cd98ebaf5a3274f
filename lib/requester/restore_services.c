/* SPDX-License-Identifier: BSD-2-Clause */
#include "requester/restore_services.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "os/service.h"

#include <stdlib.h>
#include <string.h>

#define RECORD "restore-services"
#define LOCK_MS 5000
#define CHANGE_MS 120000 /* a database may write for a while before it ends */

int
vss_services_add(struct vss_services *s, const char *name, struct vss_err *err)
{
	enum vss_service_state state;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return 0;
	if (vss_service_look(name, &state, err) < 0)
		return -1;
	if (state == VSS_SERVICE_ABSENT)
		return vss_fail(err, VSS_ABSENT, 0, "%s: no such service", name);
	VSS_PUSH(s->v, s->n, s->cap) =
		(struct vss_held_service){ vss_strdup(name), state == VSS_SERVICE_RUNNING, false };
	return 0;
}

bool
vss_services_run(const struct vss_services *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].ran)
			return true;
	return false;
}

/* One name a line: it can hold no line end. */
static int
write_record(struct vss_services *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].ran)
			vss_buf_fmt(&text, "%s\n", s->v[i].name);
	return vss_undo_write(&s->undo, &text, err);
}

/* 1: it is ours. */
static int
open_record(struct vss_services *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT;
	int got = vss_undo_open(RECORD, LOCK_MS, &s->undo, &left, err);

	if (got == 0)
		return vss_fail(err, VSS_BUSY, 0, "another restore has stopped services");
	if (got > 0 && left.len) {
		vss_undo_close(&s->undo, false);
		return vss_fail(err, VSS_BUSY, 0, "services that a killed restore has stopped are not running yet");
	}
	return got;
}

int
vss_services_stop(struct vss_services *s, struct vss_err *err)
{
	struct vss_err late = VSS_ERR_INIT;

	if (!vss_services_run(s))
		return 0;
	if (open_record(s, err) < 0 || write_record(s, err) < 0) {
		vss_undo_close(&s->undo, true);
		return -1;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct vss_held_service *v = &s->v[i];
		if (!v->ran)
			continue;
		v->stopped = true; /* a stop that failed may have stopped it */
		vss_info("service %s: stopped for the restore", v->name);
		if (vss_service_stop(v->name, CHANGE_MS, err) < 0) {
			if (vss_services_start(s, &late) < 0)
				vss_complain("%s", late.text);
			return -1;
		}
	}
	vss_stop_point("restore.services-stopped");
	return 0;
}

int
vss_services_start(struct vss_services *s, struct vss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct vss_held_service *v = &s->v[i];
		struct vss_err why = VSS_ERR_INIT;
		if (!v->stopped)
			continue;
		if (vss_service_start(v->name, CHANGE_MS, &why) == 0) {
			v->stopped = false;
			continue;
		}
		if (rc < 0)
			vss_complain("%s", why.text);
		else
			*err = why;
		rc = -1;
	}
	vss_undo_close(&s->undo, rc == 0);
	return rc < 0 ? vss_wrap(err, "start the service again") : 0;
}

void
vss_services_clear(struct vss_services *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
	if (s->undo.path)
		vss_undo_close(&s->undo, false);
	*s = (struct vss_services)VSS_SERVICES_NONE;
}

void
vss_services_repair(void)
{
	VSS_AUTOBUF struct vss_buf left = VSS_BUF_INIT, still = VSS_BUF_INIT;
	struct vss_undo undo = VSS_UNDO_NONE;
	struct vss_err err = VSS_ERR_INIT;
	int got = vss_undo_open(RECORD, 0, &undo, &left, &err);

	if (got < 0)
		vss_warn("services that a killed restore may have stopped: %s", err.text);
	if (got <= 0)
		return;
	VSS_AUTOFREE char *text = vss_strndup(left.data ? left.data : "", left.len);
	char *rest = text;
	for (char *name; (name = strsep(&rest, "\n"));) {
		if (!*name)
			continue;
		vss_warn("service %s: a restore that was killed had stopped it: it is started", name);
		if (vss_service_start(name, CHANGE_MS, &err) < 0) {
			vss_complain("%s", err.text);
			vss_buf_fmt(&still, "%s\n", name);
		}
	}
	if (still.len && vss_undo_write(&undo, &still, &err) < 0)
		vss_complain("%s", err.text);
	vss_undo_close(&undo, !still.len);
}
