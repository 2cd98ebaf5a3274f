/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "dump.h"
#include "metadata.h"
#include "topology.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { DUMPS_S = 9 * 60 }; /* all of them: the coordinator waits for ten minutes */

static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE";

const char *
mariadb_code(enum vss_code code)
{
	const char *own = vss_code_name(code);

	if (own)
		return own;
	return code == VSS_BUSY || code == VSS_TIMEOUT ? retryable : "VSS_E_WRITERERROR_NONRETRYABLE";
}

static void
close_taken(struct mariadb_writer *m)
{
	for (size_t i = 0; i < m->ntaken; i++)
		hold_close(&m->taken[i]);
	free(m->taken);
	m->taken = NULL;
	m->ntaken = m->ctaken = m->ndumps = 0;
}

void
mariadb_writer_clear(struct mariadb_writer *m)
{
	close_taken(m);
	vss_strv_free(&m->stopped);
	instances_clear(&m->found);
	config_clear(&m->config);
}

/* One that cannot be taken fails alone; the veto says that something did. */
static void
say_failure(struct vss_sdk *w, const char *logical, const char *name, const struct vss_err *err)
{
	vss_sdk_say(w, "component-failure");
	vss_sdk_word(w, logical);
	vss_sdk_word(w, name);
	vss_sdk_word(w, mariadb_code(err->code));
	vss_sdk_word(w, err->text);
	vss_sdk_said(w);
	vss_sdk_veto(w, "VSS_E_WRITERERROR_PARTIAL_FAILURE", 0, "%s", err->text);
}

static void
take_instance(struct mariadb_writer *m, struct vss_sdk *w, const struct instance *i)
{
	struct vss_err err = VSS_ERR_INIT;
	struct hold h;

	if (i->state == INSTANCE_EMPTY)
		vss_fail(&err, VSS_ABSENT, 0, "instance %s: there is no data in %s", i->config->name, instance_data(i));
	else if (hold_open(&h, i, &m->config, &err) == 0) {
		VSS_PUSH(m->taken, m->ntaken, m->ctaken) = h;
		return;
	}
	say_failure(w, "", i->config->name, &err);
}

static void
take_dump(struct mariadb_writer *m, struct vss_sdk *w, const struct instance *i, const char *database, int64_t deadline)
{
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *logical = vss_strf(MARIADB_DUMPS "/%s", i->config->name);

	if (!vss_sdk_scratch(w)) /* shadow copies alone */
		return;
	VSS_AUTOFREE char *dir = vss_path_join(vss_sdk_scratch(w), i->config->name);
	if (dump_make(i, database, dir, deadline, &err) == 0)
		m->ndumps++;
	else
		say_failure(w, logical, database, &err);
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct mariadb_writer *m = self;
	int64_t deadline = vss_now_mono() + DUMPS_S * VSS_S;
	bool by_component = true;

	close_taken(m);
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *database, *mode = vss_sdk_line_get(w, i, "component-mode");
		const struct instance *of_dump = mariadb_named_dump(m, w, i, &database);
		const struct instance *one = mariadb_named_instance(m, w, i);

		if (mode && strcmp(mode, "no") == 0)
			by_component = false;
		if (of_dump)
			take_dump(m, w, of_dump, database, deadline);
		if (one)
			take_instance(m, w, one);
	}
	for (size_t i = 0; !by_component && i < m->found.n; i++)
		if (m->found.v[i].state != INSTANCE_EMPTY)
			take_instance(m, w, &m->found.v[i]);
	return 0;
}

static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	struct mariadb_writer *m = self;
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < m->ntaken; i++) {
		struct hold *h = &m->taken[i];

		if (h->server && topology_check(w, h->instance, &err) != 0)
			return vss_sdk_fail(w, mariadb_code(err.code), 0, "%s", err.text);
		if (hold_prepare(h, &err) != 0)
			return vss_sdk_fail(w, mariadb_code(err.code), 0, "%s", err.text);
	}
	return 0;
}

static void
say_evidence(struct vss_sdk *w, const struct hold *h, const char *what, const char *value)
{
	VSS_AUTOFREE char *key = vss_strf("%s %s", h->instance->config->name, what);

	if (value)
		vss_sdk_evidence(w, key, "%s", value);
}

static void
say_state(struct vss_sdk *w, const struct hold *h)
{
	VSS_AUTOFREE char *position = h->log_file ? vss_strf("%s %s", h->log_file, h->log_position) : NULL;
	VSS_AUTOFREE char *crash = h->server ? NULL : instance_crash(h->instance);

	say_evidence(w, h, "version", h->instance->version);
	say_evidence(w, h, "lock", hold_technique(h));
	say_evidence(w, h, "binlog", position);
	say_evidence(w, h, "gtid", h->gtid);
	say_evidence(w, h, "replica-gtid", h->replica_gtid);
	if (!h->server)
		say_evidence(w, h, "stopped", crash ? crash : "clean");
}

/* One answer for all: what the weakest of them does.  Dumps are complete by now, and need nothing of the volumes. */
static void
say_hold(struct vss_sdk *w, const struct mariadb_writer *m)
{
	bool running = false, stops = true;

	for (size_t i = 0; i < m->ntaken; i++) {
		running = running || m->taken[i].server;
		stops = stops && hold_stops_commits(&m->taken[i]);
	}
	if (running) {
		vss_sdk_hold(w, "log");
		if (stops)
			vss_sdk_answer(w, "commits", "stopped");
	} else if (m->ntaken > 0) {
		vss_sdk_hold(w, "files");
	} else if (m->ndumps > 0) {
		vss_sdk_hold(w, "export");
	}
}

/* A lock of the server's may be two in a row: at most half of the window is for waiting, the rest is for those who copy. */
static unsigned
patience(const struct mariadb_writer *m, const struct vss_sdk *w)
{
	long s = vss_sdk_window_ms(w) / 4000;

	return s < 1 ? 1 : s < (long)m->config.lock_s ? (unsigned)s : m->config.lock_s;
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	struct mariadb_writer *m = self;
	struct vss_err err = VSS_ERR_INIT;

	for (size_t i = 0; i < m->ntaken; i++) {
		if (hold_take(&m->taken[i], patience(m, w), &err) != 0)
			return vss_sdk_veto(w, mariadb_code(err.code), 0, "%s", err.text);
		say_state(w, &m->taken[i]);
	}
	say_hold(w, m);
	return 0;
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct mariadb_writer *m = self;
	struct vss_err err = VSS_ERR_INIT;
	int r = 0;

	(void)reason;
	for (size_t i = m->ntaken; i-- > 0;)
		if (hold_release(&m->taken[i], &err) != 0)
			r = vss_sdk_fail(w, retryable, 0, "%s", err.text);
	return r;
}

static int
on_post_snapshot(struct vss_sdk *w, void *self)
{
	struct mariadb_writer *m = self;

	for (size_t i = 0; i < m->ntaken; i++) {
		VSS_AUTOFREE char *text = metadata_text(&m->taken[i]);

		vss_sdk_say(w, "backup-metadata");
		vss_sdk_word(w, "");
		vss_sdk_word(w, m->taken[i].instance->config->name);
		vss_sdk_word(w, text);
		vss_sdk_said(w);
	}
	if (m->ntaken == 0 && m->ndumps > 0)
		vss_sdk_answer(w, "confirmed", "yes");
	close_taken(m);
	return 0;
}

static int
on_end(struct vss_sdk *w, void *self)
{
	(void)w;
	close_taken(self);
	return 0;
}

const struct vss_sdk_ops mariadb_writer_ops = {
	.identify = mariadb_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_post_snapshot,
	.abort = on_end,
	.backup_shutdown = on_end,
	.pre_restore = mariadb_pre_restore,
	.post_restore = mariadb_post_restore,
};
