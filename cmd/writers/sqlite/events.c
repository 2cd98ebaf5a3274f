/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "find.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/time.h"
#include "model/logical.h"

#include <stdlib.h>
#include <string.h>

static const char nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE";

static void
close_taken(struct sqlite_writer *s)
{
	for (size_t i = 0; i < s->ntaken; i++)
		database_close(s->taken[i]);
	free(s->taken);
	s->taken = NULL;
	s->ntaken = s->ctaken = 0;
}

void
sqlite_writer_clear(struct sqlite_writer *s)
{
	close_taken(s);
	vss_strv_free(&s->found);
	config_clear(&s->config);
}

/* A component is a database: its directory is the logical path, its file name the name. */
static char *
logical_path(const char *database)
{
	VSS_AUTOFREE char *dir = vss_path_dir(database);

	return vss_strdup(dir + 1);
}

/* A log and a journal need not be there: with a wildcard they are not missed. */
static void
say_database(struct vss_sdk *w, const char *path)
{
	VSS_AUTOFREE char *dir = vss_path_dir(path);
	VSS_AUTOFREE char *logical = logical_path(path);
	const char *name = vss_path_base(path);
	VSS_AUTOFREE char *wal = vss_strf("%s-wal*", name);
	VSS_AUTOFREE char *journal = vss_strf("%s-journal*", name);
	VSS_AUTOFREE char *shm = vss_strf("%s-shm", name);
	struct vss_sdk_files f = {
		.kind = "database-file", .logical_path = logical, .name = name, .dir = dir, .spec = name
	};

	vss_sdk_component(w, "database", logical, name, path);
	vss_sdk_files(w, &f);
	f.kind = "log-file";
	f.spec = wal;
	vss_sdk_files(w, &f);
	f.spec = journal;
	vss_sdk_files(w, &f);
	vss_sdk_exclude(w, dir, shm, 0);
}

/* While databases are open nothing is searched: looking at a file ends with closing it, and that would drop
 * our locks. */
static int
search(struct sqlite_writer *s, struct vss_err *err)
{
	if (s->ntaken > 0)
		return 0;
	config_clear(&s->config);
	vss_strv_free(&s->found);
	int r = config_read(s->config_path, &s->config, err);
	return r == 0 ? find_databases(&s->config, &s->found, err) : r;
}

static int
on_identify(struct vss_sdk *w, void *self)
{
	struct sqlite_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (search(s, &err) < 0)
		return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	if (s->found.n == 0) {
		vss_sdk_absent(w, "no database in %s", s->config_path);
		return 0;
	}
	vss_sdk_writer(w, SQLITE_WRITER_ID, SQLITE_WRITER_NAME, "USER_DATA", "TRANSACTION_DB");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	vss_sdk_say(w, "backup-schema");
	vss_sdk_word(w, "copy");
	vss_sdk_said(w);
	for (size_t i = 0; i < s->found.n; i++)
		say_database(w, s->found.v[i]);
	return 0;
}

/* Which database an argument line `component TYPE LOGICAL-PATH NAME` means; NULL: none that we know. */
static const char *
named_database(const struct sqlite_writer *s, const struct vss_sdk *w, size_t line)
{
	const char *path = vss_sdk_line_word(w, line, 2), *name = vss_sdk_line_word(w, line, 3);

	for (size_t i = 0; name && i < s->found.n; i++) {
		VSS_AUTOFREE char *logical = logical_path(s->found.v[i]);

		if (vss_logical_same(logical, path) && strcmp(vss_path_base(s->found.v[i]), name) == 0)
			return s->found.v[i];
	}
	return NULL;
}

static void
say_component_failure(struct vss_sdk *w, const char *database, const char *text)
{
	VSS_AUTOFREE char *logical = logical_path(database);

	vss_sdk_say(w, "component-failure");
	vss_sdk_word(w, logical);
	vss_sdk_word(w, vss_path_base(database));
	vss_sdk_word(w, nonretryable);
	vss_sdk_word(w, text);
	vss_sdk_said(w);
}

/* One that is gone or is no database fails alone; the veto says that something did. */
static void
take(struct sqlite_writer *s, struct vss_sdk *w, const char *path)
{
	struct vss_err err = VSS_ERR_INIT;
	struct database *d = database_open(path, s->config.busy_ms, &err);

	if (d) {
		VSS_PUSH(s->taken, s->ntaken, s->ctaken) = d;
		if (!s->config.quick_check || database_check(d, &err) == 0)
			return;
	}
	say_component_failure(w, path, err.text);
	vss_sdk_veto(w, "VSS_E_WRITERERROR_PARTIAL_FAILURE", 0, "%s", err.text);
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct sqlite_writer *s = self;
	bool by_component = true;

	close_taken(s);
	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *mode = vss_sdk_line_get(w, i, "component-mode");

		if (mode && strcmp(mode, "no") == 0)
			by_component = false;
	}
	for (size_t i = 0; !by_component && i < s->found.n; i++)
		take(s, w, s->found.v[i]);
	for (size_t i = 0; by_component && i < vss_sdk_lines(w); i++) {
		const char *word = vss_sdk_line_word(w, i, 0);
		const char *path = word && strcmp(word, "component") == 0 ? named_database(s, w, i) : NULL;

		if (path)
			take(s, w, path);
	}
	return 0;
}

static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	struct sqlite_writer *s = self;

	(void)w;
	for (size_t i = 0; i < s->ntaken; i++)
		database_checkpoint(s->taken[i]);
	return 0;
}

/* Half of the window at most is for waiting: the other half belongs to those who make the copies. */
static int64_t
lock_deadline(const struct sqlite_writer *s, const struct vss_sdk *w)
{
	long ms = vss_sdk_window_ms(w) / 2;

	return vss_now_mono() + (ms < (long)s->config.busy_ms ? ms : (long)s->config.busy_ms) * VSS_MS;
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	struct sqlite_writer *s = self;
	int64_t deadline = lock_deadline(s, w);

	for (size_t i = 0; i < s->ntaken; i++) {
		struct database *d = s->taken[i];
		struct vss_err err = VSS_ERR_INIT;

		if (database_hold(d, deadline, &err) != 0) {
			vss_sdk_veto(w, err.code == VSS_BUSY ? "VSS_E_WRITERERROR_RETRYABLE" : nonretryable, 0, "%s",
				err.text);
			continue;
		}
		VSS_AUTOFREE char *evidence = database_evidence(d);
		vss_sdk_evidence(w, d->path, "%s", evidence);
	}
	vss_sdk_hold(w, "files");
	return 0;
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	struct sqlite_writer *s = self;

	(void)w;
	(void)reason;
	for (size_t i = 0; i < s->ntaken; i++)
		database_release(s->taken[i]);
	return 0;
}

/* The copy is made or given up: applications have their databases for themselves again. */
static int
on_end(struct vss_sdk *w, void *self)
{
	(void)w;
	close_taken(self);
	return 0;
}

static int
on_pre_restore(struct vss_sdk *w, void *self)
{
	struct sqlite_writer *s = self;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		struct vss_err err = VSS_ERR_INIT;
		const char *path = named_database(s, w, i);

		if (path && database_settle(path, s->config.busy_ms, &err) != 0)
			return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	}
	return 0;
}

const struct vss_sdk_ops sqlite_writer_ops = {
	.identify = on_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_end,
	.abort = on_end,
	.backup_shutdown = on_end,
	.pre_restore = on_pre_restore,
};
