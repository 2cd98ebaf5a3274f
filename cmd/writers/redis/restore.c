/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "aside.h"

#include "base/mem.h"
#include "base/time.h"
#include "os/service.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { SERVICE_MS = 60000, LEAVE_MS = 30000, TURN_MS = 20 };

/* The administrator has said that it may be; and one that is asked to leave may write a dump first. */
static int
stop_service(struct redis_writer *s, const struct config_instance *i, const char *dir, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + LEAVE_MS * VSS_MS;

	if (vss_service_stop(i->service, SERVICE_MS, err) != 0)
		return vss_wrap(err, "instance %s: service %s", i->name, i->service);
	if (!vss_strv_has(&s->stopped, i->service))
		vss_strv_add(&s->stopped, i->service);
	while (instance_lives(&s->config, i, dir)) {
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_BUSY, 0, "instance %s: runs on, though service %s is stopped", i->name,
				i->service);
		poll(NULL, 0, TURN_MS);
	}
	return 0;
}

static int
see_it_stopped(struct redis_writer *s, const char *name, const char *dir, struct vss_err *err)
{
	const struct config_instance *i = config_find(&s->config, name);

	if (!instance_lives(&s->config, i, dir))
		return 0;
	if (i && i->stop_service)
		return stop_service(s, i, dir, err);
	return vss_fail(err, VSS_BUSY, 0,
		"instance %s: the server runs: stop it, or say service= and stop-service=yes in %s", name,
		s->config_path);
}

/*
 * Redis loads the AOF alone when appendonly is on, and the dump alone when it is off: restored beside
 * the wrong setting, it would come up without what was restored.
 */
static int
check_setting(const struct config_instance *i, const struct layout *was, struct vss_err *err)
{
	if (!i || !i->conf || i->own.layout.aof_on == was->aof_on)
		return 0;
	if (was->aof_on)
		return vss_fail(err, VSS_INVALID, 0,
			"instance %s: was backed up with an AOF, which Redis does not load with the appendonly no of "
			"%s",
			i->name, i->conf);
	return vss_fail(err, VSS_INVALID, 0,
		"instance %s: was backed up without AOF, and Redis does not load a dump with the appendonly yes of %s: "
		"say no "
		"there, start it, then CONFIG SET appendonly yes",
		i->name, i->conf);
}

/* Where its files were at the time of the backup, which is where they go. */
static int
place_of(const struct redis_writer *s, const struct vss_sdk *w, size_t line, struct layout *out, struct vss_err *err)
{
	const char *note = vss_sdk_line_get(w, line, "backup-metadata"), *name = redis_component(w, line);

	if (note)
		return layout_from_note(note, out, err) == 0
			       ? 0
			       : vss_wrap(err, "instance %s: the note in the backup", name);
	for (size_t i = 0; i < s->nfound; i++)
		if (strcmp(s->found[i].config->name, name) == 0)
			layout_copy(out, &s->found[i].layout);
	return out->dir ? 0 : vss_fail(err, VSS_ABSENT, 0, "instance %s: nothing says where its files are", name);
}

static int
make_room(struct redis_writer *s, const struct vss_sdk *w, size_t line, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf where = VSS_BUF_INIT;
	const char *name = redis_component(w, line);
	struct layout place = { 0 };
	int r = place_of(s, w, line, &place, err);

	if (r == 0)
		r = see_it_stopped(s, name, place.dir, err);
	if (r == 0)
		r = check_setting(config_find(&s->config, name), &place, err);
	if (r == 0)
		r = set_files_aside(&place, &where, err);
	if (where.len > 0)
		fprintf(stderr, "instance %s: its old files are in %s\n", name, where.data);
	layout_clear(&place);
	return r;
}

int
redis_pre_restore(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		struct vss_err err = VSS_ERR_INIT;

		if (redis_component(w, i) && make_room(s, w, i, &err) != 0)
			return vss_sdk_fail(w, REDIS_NONRETRYABLE, 0, "%s", err.text);
	}
	return 0;
}

static bool
is_all_back(const struct vss_sdk *w)
{
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *status = vss_sdk_line_get(w, i, "status");

		if (status && strcmp(status, "all") != 0)
			return false;
	}
	return true;
}

/* What came back in part is not to be started: it would write to it. */
int
redis_post_restore(struct vss_sdk *w, void *self)
{
	struct redis_writer *s = self;
	bool all_back = is_all_back(w);

	for (size_t i = 0; i < s->stopped.n; i++) {
		struct vss_err err = VSS_ERR_INIT;

		if (!all_back)
			return vss_sdk_fail(w, REDIS_NONRETRYABLE, 0,
				"service %s stays stopped: not everything was restored", s->stopped.v[i]);
		if (vss_service_start(s->stopped.v[i], SERVICE_MS, &err) != 0)
			return vss_sdk_fail(w, REDIS_NONRETRYABLE, 0, "service %s: %s", s->stopped.v[i], err.text);
	}
	vss_strv_free(&s->stopped);
	return 0;
}
