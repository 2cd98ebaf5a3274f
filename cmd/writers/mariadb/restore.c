/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "aside.h"
#include "locks.h"
#include "metadata.h"
#include "program.h"

#include "base/mem.h"
#include "os/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOP_MS = 5 * 60 * 1000, START_MS = 30 * 60 * 1000 };

/*
 * The copy of a running server is finished by the recovery of the server that is started on it; none can recover what a later
 * one has written, nor what one of the other family has.
 */
static int
check_version(const struct instance *i, const char *saved, struct vss_err *err)
{
	struct version then, now;

	if (!saved || version_parse(saved, &then) != 0)
		return 0;
	if (!i || !i->version || version_parse(i->version, &now) != 0) {
		fprintf(stderr, "no server is here whose version could be compared with %s of the backup\n", saved);
		return 0;
	}
	if (now.mariadb != then.mariadb || now.major < then.major ||
		(now.major == then.major && now.minor < then.minor))
		return vss_fail(err, VSS_UNSUPPORTED, 0,
			"the backup is of version %s, the server here is %s: install that version or a later one",
			saved, i->version);
	if (now.major != then.major || now.minor != then.minor)
		fprintf(stderr,
			"the backup is of version %s, the server here is %s: if it refuses the data, start it once "
			"with the old version\n",
			saved, i->version);
	return 0;
}

static bool
is_used(const struct instance *i, const struct places *p)
{
	bool used = i && server_listens(i->socket);

	for (size_t k = 0; k < p->locks.n && !used; k++)
		used = locks_holder(p->locks.v[k]) != 0;
	return used || (i && instance_user(i) != 0);
}

static int
stop(struct mariadb_writer *m, const struct instance *i, const struct places *p, struct vss_err *err)
{
	const char *service = i ? i->config->service : NULL;
	enum vss_service_state state;

	if (!i || !i->config->stop_service)
		return vss_fail(err, VSS_BUSY, 0,
			"a server runs on %s: stop it first, or let it be stopped (service= and stop-service=yes)",
			p->v[0].dir);
	if (vss_service_look(service, &state, err) != 0)
		return -1;
	if (state == VSS_SERVICE_RUNNING) {
		if (vss_service_stop(service, STOP_MS, err) != 0)
			return -1;
		vss_strv_add(&m->stopped, service);
	}
	if (is_used(i, p))
		return vss_fail(err, VSS_BUSY, 0, "a server still runs on %s, and it is not the service %s",
			p->v[0].dir, service);
	return 0;
}

/* First everything that may refuse, for all instances; then what moves something. */
enum step { LOOK, MOVE };

static int
make_room_for(
	struct mariadb_writer *m, const struct instance *i, const struct places *p, enum step step, struct vss_err *err)
{
	if (step == MOVE)
		return aside_places(p, err);
	return is_used(i, p) ? stop(m, i, p, err) : 0;
}

/* By what the backup says; without that, by what is known here. */
static int
make_room(struct mariadb_writer *m, const struct instance *i, const char *text, enum step step, struct vss_err *err)
{
	struct metadata saved = METADATA_INIT;

	if (!text)
		return i ? make_room_for(m, i, &i->places, step, err)
			 : vss_fail(err, VSS_INVALID, 0,
				   "neither the backup nor the configuration says where its data is");
	int r = metadata_parse(text, &saved, err);
	if (r == 0 && step == LOOK)
		r = check_version(i, saved.version, err);
	if (r == 0)
		r = make_room_for(m, i, &saved.places, step, err);
	metadata_clear(&saved);
	return r;
}

/* The component of an instance, whether it is configured here or not; dumps are files as any other. */
static const char *
instance_name(const struct vss_sdk *w, size_t line)
{
	const char *word = vss_sdk_line_word(w, line, 0), *logical = vss_sdk_line_word(w, line, 2);

	return word && strcmp(word, "component") == 0 && logical && *logical == '\0' ? vss_sdk_line_word(w, line, 3)
										     : NULL;
}

static int
make_all_room(struct vss_sdk *w, struct mariadb_writer *m, enum step step)
{
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *name = instance_name(w, i), *text = vss_sdk_line_get(w, i, "backup-metadata");

		if (name && make_room(m, mariadb_named_instance(m, w, i), text, step, &err) != 0)
			return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "instance %s: %s", name, err.text);
	}
	return 0;
}

static int
start_again(struct vss_sdk *w, struct mariadb_writer *m)
{
	struct vss_err err = VSS_ERR_INIT;
	int r = 0;

	for (size_t i = 0; i < m->stopped.n; i++)
		if (vss_service_start(m->stopped.v[i], START_MS, &err) != 0)
			r = vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0, "%s", err.text);
	vss_strv_free(&m->stopped);
	return r;
}

int
mariadb_pre_restore(struct vss_sdk *w, void *self)
{
	if (make_all_room(w, self, LOOK) == 0)
		return make_all_room(w, self, MOVE);
	start_again(w, self); /* nothing has been touched */
	return -1;
}

/* What came back in part, or not at all, must not be started on. */
static bool
is_whole(const struct vss_sdk *w)
{
	for (size_t i = 0; i < vss_sdk_lines(w); i++)
		if (instance_name(w, i) && !vss_str_eq(vss_sdk_line_get(w, i, "status"), "all"))
			return false;
	return true;
}

int
mariadb_post_restore(struct vss_sdk *w, void *self)
{
	struct mariadb_writer *m = self;

	if (m->stopped.n == 0 || is_whole(w))
		return start_again(w, m);
	return vss_sdk_fail(w, "VSS_E_WRITERERROR_NONRETRYABLE", 0,
		"service %s stays stopped, as not all of its data has come back", m->stopped.v[0]);
}
