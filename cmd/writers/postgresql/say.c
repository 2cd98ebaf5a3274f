/* SPDX-License-Identifier: BSD-2-Clause */
#include "say.h"

#include "dumps.h"
#include "restore.h"
#include "scratch.h"

#include "base/mem.h"
#include "base/path.h"
#include "model/vocabulary.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* The bits of one type of backup: whether it takes the files, and whether from a copy. */
enum { OF_LOG = 0x808, FROM_COPY = 0xF00 };

char *
say_dumps_path(const struct cluster *k)
{
	return vss_strf("dumps/%s", k->label);
}

/* Not below the cluster, or they would come with it wherever it goes. */
char *
say_archive_path(const struct cluster *k)
{
	return vss_path_join("archive", k->logical);
}

char *
say_configuration_path(const struct cluster *k)
{
	return vss_path_join("configuration", k->logical);
}

static void
say_tree(struct vss_sdk *w, const struct cluster *k, const char *dir)
{
	const struct vss_sdk_files f = { .kind = "file",
		.logical_path = k->logical,
		.name = k->name,
		.dir = dir,
		.spec = "*",
		.recursive = 1,
		.mask = VSS_FSBT_DEFAULT & ~OF_LOG };

	vss_sdk_files(w, &f);
}

/* The directory above a tablespace's own, for its owner and mode: no file is called like that, so none comes with it. */
static void
say_location(struct vss_sdk *w, const struct cluster *k, const char *tablespace)
{
	VSS_AUTOFREE char *dir = vss_path_dir(tablespace);
	const struct vss_sdk_files f = { .kind = "file",
		.logical_path = k->logical,
		.name = k->name,
		.dir = dir,
		.spec = "PG_*",
		.mask = VSS_FSBT_DEFAULT & ~OF_LOG };

	vss_sdk_files(w, &f);
}

/* What is put into scratch needs no copy of a volume. */
static void
say_scratch(struct vss_sdk *w, const char *logical, const char *name, const struct vss_sdk_files *at)
{
	struct vss_sdk_files f = *at;

	f.kind = "file";
	f.logical_path = logical;
	f.name = name;
	f.mask = VSS_FSBT_DEFAULT & ~OF_LOG & ~FROM_COPY;
	vss_sdk_files(w, &f);
}

static bool
has_configuration(const struct cluster *k)
{
	return k->tree || k->config_files.n > 0;
}

/* Of its own: whoever backs up /etc does not mean all data. */
static void
say_configuration(struct vss_sdk *w, const struct cluster *k, const char *scratch)
{
	VSS_AUTOFREE char *path = say_configuration_path(k);
	VSS_AUTOFREE char *conf = cluster_scratch(k, scratch, "conf");
	VSS_AUTOFREE char *caption = vss_strf("configuration of PostgreSQL cluster %s", k->label);

	vss_sdk_component(w, "filegroup", path, k->name, caption);
	if (k->tree)
		say_scratch(w, path, k->name,
			&(struct vss_sdk_files){ .dir = k->tree, .spec = "*", .recursive = 1, .alternate = conf });
	for (size_t i = 0; i < k->config_files.n; i++) {
		VSS_AUTOFREE char *dir = vss_path_dir(k->config_files.v[i]);
		VSS_AUTOFREE char *from = scratch_config_directory(k, scratch, i);

		say_scratch(w, path, k->name,
			&(struct vss_sdk_files){
				.dir = dir, .spec = vss_path_base(k->config_files.v[i]), .alternate = from });
	}
}

/* What an earlier restore has set aside is not backed up for ever. */
static void
exclude_set_aside(struct vss_sdk *w, const char *dir)
{
	DIR *d = opendir(dir);

	for (const struct dirent *e; d && (e = readdir(d));)
		if (vss_str_starts(e->d_name, "before-restore.")) {
			VSS_AUTOFREE char *path = vss_path_join(dir, e->d_name);

			vss_sdk_exclude(w, path, "*", 1);
		}
	if (d)
		closedir(d);
}

static void
exclude_temporary(struct vss_sdk *w, const char *dir, const char *temporary)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, temporary);

	vss_sdk_exclude(w, path, "*", 1);
	vss_sdk_exclude(w, dir, "pgsql_tmp*", 1);
	vss_sdk_exclude(w, dir, "pg_internal.init*", 1);
	exclude_set_aside(w, dir);
}

/*
 * What the manual says to leave out, but for pg_replslot: a slot's directory without its file would keep
 * the server from starting.
 */
static void
say_excludes(struct vss_sdk *w, const struct disk *d)
{
	static const char *const emptied[] = { "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp",
		"pg_subtrans" };

	vss_sdk_exclude(w, d->data, "postmaster.pid", 0);
	vss_sdk_exclude(w, d->data, "postmaster.opts", 0);
	for (size_t i = 0; i < sizeof emptied / sizeof *emptied; i++) {
		VSS_AUTOFREE char *dir = vss_path_join(d->data, emptied[i]);

		vss_sdk_exclude(w, dir, "*", 1);
	}
	exclude_temporary(w, d->data, "base/pgsql_tmp");
	for (size_t i = 0; i < d->tablespaces.n; i++)
		exclude_temporary(w, d->tablespaces.v[i], "pgsql_tmp");
	if (d->wal)
		exclude_set_aside(w, d->wal);
}

static bool
lies_elsewhere(const struct disk *d, const char *dir)
{
	return dir && !vss_path_is_below(dir, d->data);
}

static void
say_cluster(struct vss_sdk *w, const struct cluster *k, const char *scratch)
{
	const struct disk *d = &k->disk;
	VSS_AUTOFREE char *caption = vss_strf("PostgreSQL %s in %s", d->version ? d->version : "(none)", d->data);

	vss_sdk_component(w, "filegroup", k->logical, k->name, caption);
	say_tree(w, k, d->data);
	if (lies_elsewhere(d, d->wal))
		say_tree(w, k, d->wal);
	for (size_t i = 0; i < d->tablespaces.n; i++)
		if (lies_elsewhere(d, d->tablespaces.v[i])) {
			say_location(w, k, d->tablespaces.v[i]);
			say_tree(w, k, d->tablespaces.v[i]);
		}
	if (scratch && d->state != DISK_LOST) {
		VSS_AUTOFREE char *mirror = cluster_scratch(k, scratch, "data");
		VSS_AUTOFREE char *log = cluster_scratch(k, scratch, "wal");

		/* the narrower place first: of two that match, the first one counts */
		say_scratch(w, k->logical, k->name,
			&(struct vss_sdk_files){ .dir = d->wal, .spec = "*", .alternate = log });
		say_scratch(w, k->logical, k->name,
			&(struct vss_sdk_files){ .dir = d->data, .spec = "*", .recursive = 1, .alternate = mirror });
	}
	say_excludes(w, d);
}

static void
say_archive(struct vss_sdk *w, const struct cluster *k)
{
	VSS_AUTOFREE char *path = say_archive_path(k);
	VSS_AUTOFREE char *caption = vss_strf("archived log of PostgreSQL cluster %s", k->label);
	const struct vss_sdk_files f = { .kind = "log-file",
		.logical_path = path,
		.name = k->name,
		.dir = k->options->archive,
		.spec = "*",
		.mask = OF_LOG };

	vss_sdk_component(w, "database", path, k->name, caption);
	vss_sdk_files(w, &f);
}

/* One database is restored from its dump; it may need the roles. */
static void
say_dump(struct vss_sdk *w, const struct config *c, const struct cluster *k, const char *database, const char *scratch)
{
	VSS_AUTOFREE char *path = say_dumps_path(k);
	VSS_AUTOFREE char *name = cluster_dump_name(database);
	VSS_AUTOFREE char *flat = cluster_flat_label(k);
	VSS_AUTOFREE char *dir = vss_path_join(c->dump_directory, flat);
	VSS_AUTOFREE char *from = cluster_scratch(k, scratch, "dumps");
	VSS_AUTOFREE char *file = vss_strf("%s.dump", name);
	VSS_AUTOFREE char *caption = vss_strf("dump of database %s of PostgreSQL cluster %s", database, k->label);
	struct vss_sdk_files f = { .dir = dir, .spec = file, .alternate = from };

	vss_sdk_component(w, "filegroup", path, name, caption);
	say_scratch(w, path, name, &f);
	f.spec = DUMPS_GLOBALS;
	say_scratch(w, path, name, &f);
}

static bool
any_archive(const struct clusters *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		if (cs->v[i].options && cs->v[i].options->archive)
			return true;
	return false;
}

void
say_identity(struct vss_sdk *w, const struct config *c, const struct clusters *cs)
{
	const char *scratch = vss_sdk_scratch(w);

	vss_sdk_writer(w, POSTGRESQL_WRITER_ID, POSTGRESQL_WRITER_NAME, "USER_DATA", "TRANSACTION_DB");
	vss_sdk_restore_method(w, "RESTORE_IF_CAN_REPLACE", "always", NULL);
	vss_sdk_say(w, "backup-schema");
	vss_sdk_word(w, "copy");
	if (any_archive(cs))
		vss_sdk_word(w, "log");
	vss_sdk_said(w);
	for (size_t i = 0; i < cs->n; i++) {
		const struct cluster *k = &cs->v[i];

		say_cluster(w, k, scratch);
		if (scratch && has_configuration(k))
			say_configuration(w, k, scratch);
		if (k->options && k->options->archive)
			say_archive(w, k);
		for (size_t j = 0; scratch && j < k->databases.n; j++)
			say_dump(w, c, k, k->databases.v[j], scratch);
	}
}

void
say_component_failure(struct vss_sdk *w, const char *path, const char *name, const char *text)
{
	vss_sdk_say(w, "component-failure");
	vss_sdk_word(w, path);
	vss_sdk_word(w, name);
	vss_sdk_word(w, "VSS_E_WRITERERROR_NONRETRYABLE");
	vss_sdk_word(w, text);
	vss_sdk_said(w);
}

void
say_backup_metadata(struct vss_sdk *w, const struct cluster *k)
{
	VSS_AUTOFREE char *text = restore_note(&k->disk);

	vss_sdk_say(w, "backup-metadata");
	vss_sdk_word(w, k->logical);
	vss_sdk_word(w, k->name);
	vss_sdk_word(w, text);
	vss_sdk_said(w);
}
