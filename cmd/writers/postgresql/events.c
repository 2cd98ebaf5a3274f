/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include "archive.h"
#include "backup.h"
#include "dumps.h"
#include "say.h"

#include "base/mem.h"
#include "base/time.h"
#include "model/logical.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDENTIFY_MS = 8000, PREPARE_MS = 540000 };

static const char retryable[] = "VSS_E_WRITERERROR_RETRYABLE", nonretryable[] = "VSS_E_WRITERERROR_NONRETRYABLE",
		  partial[] = "VSS_E_WRITERERROR_PARTIAL_FAILURE";

static void
end_backup(struct postgresql_writer *s)
{
	for (size_t i = 0; i < s->clusters.n; i++)
		cluster_end(&s->clusters.v[i]);
	free(s->set);
	s->set = NULL;
	s->busy = s->log_only = false;
}

void
postgresql_writer_clear(struct postgresql_writer *s)
{
	end_backup(s);
	clusters_clear(&s->clusters);
	config_clear(&s->config);
	restore_clear(&s->restore);
}

/* --- identify --- */

/* In the middle of a backup what was said before is said again: nobody is asked, nothing is let go. */
static int
on_identify(struct vss_sdk *w, void *self)
{
	struct postgresql_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (!s->busy) {
		clusters_clear(&s->clusters);
		config_clear(&s->config);
		if (config_read(s->config_path, &s->config, &err) != 0 ||
			clusters_find(&s->config, vss_now_mono() + IDENTIFY_MS * VSS_MS, &s->clusters, &err) != 0)
			return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
	}
	if (s->clusters.n > 0)
		say_identity(w, &s->config, &s->clusters);
	else if (s->config.discover)
		vss_sdk_absent(w, "no cluster in %s, and none in %s", s->config.discover, s->config_path);
	else
		vss_sdk_absent(w, "no cluster in %s, and none is looked for", s->config_path);
	return 0;
}

/* --- prepare-backup --- */

/* What a component's words mean. */
struct wish {
	enum { WISH_CLUSTER, WISH_CONFIGURATION, WISH_ARCHIVE, WISH_DUMP } kind;
	struct cluster *cluster; /* NULL: nothing that we know */
};

static bool
is_component(const char *path, const char *name, const char *logical, const char *is)
{
	return vss_logical_same(path, logical) && strcmp(name, is) == 0;
}

static struct wish
wish_of(struct postgresql_writer *s, const char *path, const char *name)
{
	for (size_t i = 0; i < s->clusters.n; i++) {
		struct cluster *k = &s->clusters.v[i];
		VSS_AUTOFREE char *configuration = say_configuration_path(k);
		VSS_AUTOFREE char *archive = say_archive_path(k);
		VSS_AUTOFREE char *dumps = say_dumps_path(k);

		if (is_component(path, name, configuration, k->name))
			return (struct wish){ WISH_CONFIGURATION, k };
		if (is_component(path, name, k->logical, k->name))
			return (struct wish){ WISH_CLUSTER, k };
		if (k->options && k->options->archive && is_component(path, name, archive, k->name))
			return (struct wish){ WISH_ARCHIVE, k };
		if (k->dumps && vss_logical_same(path, dumps))
			return (struct wish){ WISH_DUMP, k };
	}
	return (struct wish){ WISH_CLUSTER, NULL };
}

/* The component fails, and the veto says that one did. */
static void
fail_component(struct vss_sdk *w, const char *path, const char *name, const char *text)
{
	say_component_failure(w, path, name, text);
	vss_sdk_veto(w, partial, 0, "%s", text);
}

static int
take_cluster(struct postgresql_writer *s, struct vss_sdk *w, struct cluster *k)
{
	if (s->log_only) {
		vss_sdk_say(w, "backup-metadata");
		vss_sdk_word(w, k->logical);
		vss_sdk_word(w, k->name);
		vss_sdk_word(w, RESTORE_NOTHING);
		vss_sdk_said(w);
		return 0;
	}
	if (k->disk.state == DISK_LOST) {
		VSS_AUTOFREE char *text = vss_strf(
			"cluster %s: %s; ignore %s if it is meant to be gone", k->label, k->disk.fault, k->label);
		fail_component(w, k->logical, k->name, text);
		return 0;
	}
	k->taken = true;
	say_backup_metadata(w, k);
	return 0;
}

static const char *
database_of(const struct cluster *k, const char *name)
{
	for (size_t i = 0; i < k->databases.n; i++) {
		VSS_AUTOFREE char *dump = cluster_dump_name(k->databases.v[i]);

		if (strcmp(dump, name) == 0)
			return k->databases.v[i];
	}
	return NULL;
}

static int
dump(const struct postgresql_writer *s, struct cluster *k, const char *name, const char *scratch, struct vss_err *err)
{
	const char *database = database_of(k, name);

	if (!database)
		return vss_fail(err, VSS_ABSENT, 0, "the database is gone");
	if (!k->globals_dumped && dump_globals(k, scratch, s->deadline, err) != 0)
		return -1;
	k->globals_dumped = true;
	return dump_database(k, database, scratch, s->deadline, err);
}

static int
take_wish(struct postgresql_writer *s, struct vss_sdk *w, const struct wish *wish, const char *path, const char *name)
{
	struct vss_err err = VSS_ERR_INIT;
	struct cluster *k = wish->cluster;

	if (wish->kind == WISH_CLUSTER)
		return take_cluster(s, w, k);
	if (wish->kind == WISH_ARCHIVE) {
		k->archive_taken = true;
		if (archive_ask(k, s->deadline, &err) == 0)
			return 0;
		return vss_sdk_fail(w, retryable, 0, "cluster %s: %s", k->label, err.text);
	}
	const char *scratch = vss_sdk_scratch(w);
	if (!s->log_only && scratch && dump(s, k, name, scratch, &err) != 0)
		fail_component(w, path, name, err.text);
	return 0;
}

static int
take(struct postgresql_writer *s, struct vss_sdk *w, const char *path, const char *name)
{
	struct wish wish = wish_of(s, path, name);
	struct vss_err err = VSS_ERR_INIT;
	struct cluster *k = wish.cluster;

	if (!k)
		return 0;
	if (wish.kind == WISH_CONFIGURATION)
		k->configuration_taken = !s->log_only;
	if (wish.kind == WISH_CONFIGURATION || (wish.kind == WISH_ARCHIVE && !s->log_only))
		return 0;
	if (k->begun || cluster_begin(k, s->deadline, &err) == 0)
		return take_wish(s, w, &wish, path, name);
	return vss_sdk_fail(
		w, err.code == VSS_BUSY ? retryable : nonretryable, 0, "cluster %s: %s", k->label, err.text);
}

/* What kind of backup it is: lines set and backup. */
static bool
read_kind(struct postgresql_writer *s, const struct vss_sdk *w)
{
	bool by_component = true;

	for (size_t i = 0; i < vss_sdk_lines(w); i++) {
		const char *word = vss_sdk_line_word(w, i, 0);

		if (strcmp(word, "set") == 0 && !s->set)
			s->set = vss_strdup(vss_sdk_line_word(w, i, 1));
		if (strcmp(word, "backup") != 0)
			continue;
		s->log_only = vss_str_eq(vss_sdk_line_get(w, i, "type"), "log");
		by_component = !vss_str_eq(vss_sdk_line_get(w, i, "component-mode"), "no");
	}
	return by_component;
}

static int
on_prepare_backup(struct vss_sdk *w, void *self)
{
	struct postgresql_writer *s = self;
	int r = 0;

	end_backup(s);
	s->busy = true;
	s->deadline = vss_now_mono() + PREPARE_MS * VSS_MS;
	bool by_component = read_kind(s, w);
	for (size_t i = 0; !by_component && r == 0 && i < s->clusters.n; i++) {
		s->clusters.v[i].configuration_taken = true;
		r = take(s, w, s->clusters.v[i].logical, s->clusters.v[i].name);
	}
	for (size_t i = 0; by_component && r == 0 && i < vss_sdk_lines(w); i++) {
		const char *path = vss_sdk_line_word(w, i, 2), *name = vss_sdk_line_word(w, i, 3);

		if (name && strcmp(vss_sdk_line_word(w, i, 0), "component") == 0)
			r = take(s, w, path, name);
	}
	return r;
}

/* --- from prepare-snapshot on --- */

static int
on_prepare_snapshot(struct vss_sdk *w, void *self)
{
	return backup_prepare(self, w);
}

static int
on_freeze(struct vss_sdk *w, void *self)
{
	return backup_freeze(self, w);
}

static int
on_thaw(struct vss_sdk *w, void *self, enum vss_sdk_thaw_reason reason)
{
	return reason == VSS_SDK_THAW_EVENT ? backup_thaw(self, w) : 0;
}

static int
on_post_snapshot(struct vss_sdk *w, void *self)
{
	return backup_finish(self, w);
}

static int
on_backup_complete(struct vss_sdk *w, void *self)
{
	struct postgresql_writer *s = self;

	for (size_t i = 0; s->log_only && s->config.purge_logs && i < vss_sdk_lines(w); i++) {
		const char *path = vss_sdk_line_word(w, i, 2), *name = vss_sdk_line_word(w, i, 3);
		bool good = name && vss_str_eq(vss_sdk_line_get(w, i, "succeeded"), "yes");
		struct wish wish = good ? wish_of(s, path, name) : (struct wish){ WISH_CLUSTER, NULL };
		struct vss_err err = VSS_ERR_INIT;

		if (wish.kind != WISH_ARCHIVE)
			continue;
		long n = archive_purge(wish.cluster, &err);
		if (n < 0)
			return vss_sdk_fail(w, nonretryable, 0, "cluster %s: %s", wish.cluster->label, err.text);
		fprintf(stderr, "cluster %s: %ld segments removed from %s\n", wish.cluster->label, n,
			wish.cluster->options->archive);
	}
	return 0;
}

static int
on_end(struct vss_sdk *w, void *self)
{
	(void)w;
	end_backup(self);
	return 0;
}

/* --- restore --- */

static int
on_pre_restore(struct vss_sdk *w, void *self)
{
	struct postgresql_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (restore_begin(&s->restore, &s->config, w, &err) == 0)
		return 0;
	return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
}

static int
on_post_restore(struct vss_sdk *w, void *self)
{
	struct postgresql_writer *s = self;
	struct vss_err err = VSS_ERR_INIT;

	if (restore_end(&s->restore, w, &err) == 0)
		return 0;
	return vss_sdk_fail(w, nonretryable, 0, "%s", err.text);
}

const struct vss_sdk_ops postgresql_writer_ops = {
	.identify = on_identify,
	.prepare_backup = on_prepare_backup,
	.prepare_snapshot = on_prepare_snapshot,
	.freeze = on_freeze,
	.thaw = on_thaw,
	.post_snapshot = on_post_snapshot,
	.abort = on_end,
	.backup_complete = on_backup_complete,
	.backup_shutdown = on_end,
	.pre_restore = on_pre_restore,
	.post_restore = on_post_restore,
};
