/* SPDX-License-Identifier: BSD-2-Clause */
#include "quiet.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TURN_MS = 20 };

static int
check(const struct instance *i, struct vss_err *err)
{
	const char *name = i->config->name;

	if (i->state == INSTANCE_DIED)
		return vss_fail(err, VSS_INVALID, 0,
			"instance %s: the server died, its socket or pidfile is still there: start it, or ignore it",
			name);
	if (i->state == INSTANCE_RUNNING && !i->layout.aof_on && !i->layout.saves)
		return vss_fail(err, VSS_INVALID, 0,
			"instance %s: keeps nothing on disk (appendonly no, save \"\"): switch one on, or ignore it",
			name);
	return 0;
}

struct quiet *
quiet_new(const struct config *c, struct instance *i, struct vss_err *err)
{
	if (check(i, err) != 0)
		return NULL;
	struct quiet *q = vss_alloc(sizeof *q);
	*q = (struct quiet){ .instance = *i, .settings = SETTINGS_INIT };
	*i = (struct instance){ .config = q->instance.config };
	q->means = q->instance.state == INSTANCE_STOPPED ? MEANS_STOPPED
		   : q->instance.layout.aof_on		 ? MEANS_LOG
							 : MEANS_DUMP;
	if (q->means == MEANS_STOPPED)
		return q;
	q->server = server_open(c, q->instance.config, err);
	if (q->server)
		return q;
	quiet_free(q);
	return NULL;
}

void
quiet_free(struct quiet *q)
{
	struct vss_err err = VSS_ERR_INIT;

	if (!q)
		return;
	if (q->server && settings_give_back(&q->settings, q->server, &err) != 0)
		fprintf(stderr, "%s; the next run tries again\n", err.text);
	settings_clear(&q->settings);
	server_close(q->server);
	instance_clear(&q->instance);
	free(q);
}

/* One turn of waiting for something in the server. */
static int
wait_turn(const struct quiet *q, const char *what, const struct patience *p, struct vss_err *err)
{
	const char *name = q->instance.config->name;

	if (vss_sdk_is_called(p->talk))
		return vss_fail(err, VSS_INTERRUPTED, 0, "instance %s: nobody waits for %s any more", name, what);
	if (vss_now_mono() >= p->deadline)
		return vss_fail(err, VSS_TIMEOUT, 0, "instance %s: %s did not end in time", name, what);
	poll(NULL, 0, TURN_MS);
	return 0;
}

/* With both fields at 0 no child writes, and none is promised. */
static int
await(struct quiet *q, const char *running, const char *scheduled, const struct patience *p, struct vss_err *err)
{
	for (;;) {
		VSS_AUTOFREE char *info = server_info(q->server, "persistence", err);

		if (!info)
			return -1;
		if (info_is(info, running, "0") && (!scheduled || info_is(info, scheduled, "0")))
			return 0;
		if (wait_turn(q, scheduled ? "an AOF rewrite" : "a dump", p, err) != 0)
			return -1;
	}
}

static int
await_rewrites(struct quiet *q, const struct patience *p, struct vss_err *err)
{
	return await(q, "aof_rewrite_in_progress", "aof_rewrite_scheduled", p, err);
}

static int
check_field(const struct quiet *q, const char *info, const char *field, const char *what, struct vss_err *err)
{
	if (info_is(info, field, "ok"))
		return 0;
	return vss_fail(err, VSS_SYSTEM, 0, "instance %s: %s (%s): see the server's log", q->instance.config->name,
		what, field);
}

static int
prepare_log(struct quiet *q, const struct patience *p, struct vss_err *err)
{
	if (settings_take(&q->settings, q->instance.config->name, q->server, err) != 0 ||
		await_rewrites(q, p, err) != 0)
		return -1;
	VSS_AUTOFREE char *info = server_info(q->server, "persistence", err);
	return info ? check_field(q, info, "aof_last_write_status", "it could not write its AOF", err) : -1;
}

/* The time of the last dump has whole seconds: only in a later second can a new one be told from it. */
static int
begin_dump(struct quiet *q, const struct patience *p, long long *before, struct vss_err *err)
{
	long long now;

	for (;;) {
		if (await(q, "rdb_bgsave_in_progress", NULL, p, err) != 0 || await_rewrites(q, p, err) != 0 ||
			server_last_save(q->server, before, err) != 0 || server_time(q->server, &now, err) != 0)
			return -1;
		struct vss_err why = VSS_ERR_INIT;
		if (now > *before && server_save(q->server, &why) == 0)
			return 0;
		if (why.code != VSS_OK && why.code != VSS_BUSY) {
			*err = why;
			return -1;
		}
		if (wait_turn(q, "another dump", p, err) != 0)
			return -1;
	}
}

static int
prepare_dump(struct quiet *q, const struct patience *p, struct vss_err *err)
{
	long long before;

	if (begin_dump(q, p, &before, err) != 0 || await(q, "rdb_bgsave_in_progress", NULL, p, err) != 0)
		return -1;
	VSS_AUTOFREE char *info = server_info(q->server, "persistence", err);
	if (!info || check_field(q, info, "rdb_last_bgsave_status", "it could not save", err) != 0 ||
		server_last_save(q->server, &q->saved, err) != 0)
		return -1;
	if (q->saved != before)
		return 0;
	return vss_fail(err, VSS_SYSTEM, 0, "instance %s: no dump was made by BGSAVE", q->instance.config->name);
}

int
quiet_prepare(struct quiet *q, const struct patience *p, struct vss_err *err)
{
	return q->means == MEANS_LOG ? prepare_log(q, p, err) : q->means == MEANS_DUMP ? prepare_dump(q, p, err) : 0;
}

/*
 * The manifest is replaced when a rewrite begins and when it ends; without one, the file is replaced
 * when it ends.
 */
static int
look_at_log(const struct quiet *q, struct log_mark *mark, struct vss_err *err)
{
	const struct layout *l = &q->instance.layout;
	VSS_AUTOFREE char *manifest = vss_strf("%s/%s/%s.manifest", l->dir, l->aof_dir, l->aof);
	VSS_AUTOFREE char *file = vss_path_join(l->dir, l->aof);
	struct stat st;

	if (stat(manifest, &st) == 0)
		*mark = (struct log_mark){ st.st_dev, st.st_ino, st.st_mtim };
	else if (errno == ENOENT && stat(file, &st) == 0)
		*mark = (struct log_mark){ st.st_dev, st.st_ino, { 0, 0 } };
	else
		return vss_fail(err, VSS_SYSTEM, errno, "instance %s: %s", q->instance.config->name, manifest);
	return 0;
}

static bool
is_same(const struct log_mark *a, const struct log_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

/*
 * With appendfsync everysec Redis puts off writing, for up to two seconds, what it has acknowledged,
 * while another thread is in fsync.  With any other policy it writes before it answers; so once it has
 * answered that it has another, all is written.  `no` and not `always`, under which a write that fails
 * would end the server.
 */
static int
flush(struct quiet *q, struct vss_err *err)
{
	const char *old = settings_old(&q->settings, SETTING_FSYNC);

	if (!old)
		return 0;
	return server_set(q->server, SETTING_FSYNC, "no", err) == 0 ? server_set(q->server, SETTING_FSYNC, old, err)
								    : -1;
}

int
quiet_freeze(struct quiet *q, const struct patience *p, struct vss_err *err)
{
	q->whole = q->means != MEANS_LOG;
	if (q->whole)
		return 0;
	if (await_rewrites(q, p, err) != 0 || flush(q, err) != 0 || look_at_log(q, &q->log, err) != 0)
		return -1;
	q->frozen = true;
	return 0;
}

int
quiet_thaw(struct quiet *q, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	struct log_mark now = { 0 };

	if (q->means != MEANS_LOG)
		return 0;
	if (q->frozen)
		q->whole = look_at_log(q, &now, &why) == 0 && is_same(&now, &q->log);
	q->frozen = false;
	return settings_give_back(&q->settings, q->server, err);
}

static void
add(struct vss_buf *out, const char *key, const char *value)
{
	if (value)
		vss_buf_fmt(out, "%s%s=%s", out->len > 0 ? " " : "", key, value);
}

static void
add_field(struct vss_buf *out, const char *info, const char *field)
{
	VSS_AUTOFREE char *value = info_field(info, field);

	add(out, field, value);
}

char *
quiet_evidence(struct quiet *q)
{
	static const char *const fields[] = { "redis_version", "run_id", "role", "master_repl_offset", "loading" };
	struct vss_buf out = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	VSS_AUTOFREE char *fsync = NULL, *truncated = NULL;

	add(&out, "mode", q->instance.layout.aof_on ? "aof" : "rdb");
	if (q->means == MEANS_STOPPED) {
		add(&out, "stopped", "clean");
		return vss_buf_take(&out);
	}
	VSS_AUTOFREE char *info = server_info(q->server, "default", &err);
	for (size_t i = 0; info && i < sizeof fields / sizeof *fields; i++)
		add_field(&out, info, fields[i]);
	if (q->means == MEANS_DUMP) {
		vss_buf_fmt(&out, " dump_finished=%lld", q->saved);
		if (info)
			add_field(&out, info, "rdb_changes_since_last_save");
		return vss_buf_take(&out);
	}
	if (server_get(q->server, SETTING_FSYNC, &fsync, &err) == 0)
		add(&out, "appendfsync", fsync);
	add(&out, "acknowledged_before_freeze", "written");
	if (server_get(q->server, "aof-load-truncated", &truncated, &err) == 0)
		add(&out, "aof-load-truncated", truncated);
	return vss_buf_take(&out);
}
