/* SPDX-License-Identifier: BSD-2-Clause */
#include "cluster.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { VERSION_MIN = 130000, VERSION_AFTER = 180000 };

/* --- what its server says --- */

static bool
is_on(const char *word)
{
	return strcmp(word, "on") == 0;
}

/* Another server may listen where this one is said to. */
static int
check_directory(const struct cluster *k, const char *said, struct vss_err *err)
{
	struct stat a, b;

	if (stat(said, &a) == 0 && stat(k->disk.data, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return 0;
	return vss_fail(
		err, VSS_INVALID, 0, "the server that answers has its data in %s, not in %s", said, k->disk.data);
}

static int
ask_settings(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char sql[] =
		"SELECT current_setting('data_directory'), current_setting('fsync'), "
		"current_setting('full_page_writes'),"
		" pg_is_in_recovery(), (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size')";
	PGresult *r = server_query(k->conn, sql, NULL, deadline, err);

	if (!r)
		return -1;
	k->server_version = PQserverVersion(k->conn);
	k->fsync = is_on(server_value(r, 0, 1));
	k->full_page_writes = is_on(server_value(r, 0, 2));
	k->standby = strcmp(server_value(r, 0, 3), "t") == 0;
	int rc = check_directory(k, server_value(r, 0, 0), err);
	if (rc == 0 && (vss_parse_u64(server_value(r, 0, 4), &k->segment_bytes) != 0 || k->segment_bytes == 0))
		rc = vss_fail(err, VSS_INVALID, 0, "wal_segment_size is %s", server_value(r, 0, 4));
	PQclear(r);
	if (rc == 0 && (k->server_version < VERSION_MIN || k->server_version >= VERSION_AFTER))
		fprintf(stderr, "cluster %s: version %d of the server is not one that this writer was made for\n",
			k->label, k->server_version);
	return rc;
}

/*
 * Its tablespaces were read from the links in pg_tblspc. One that the server has and we did not come by
 * would be missing in the copy.
 */
static int
check_tablespaces(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char sql[] =
		"SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE pg_tablespace_location(oid) LIKE '/%'";
	PGresult *r = server_query(k->conn, sql, NULL, deadline, err);
	int rc = 0;

	if (!r)
		return -1;
	for (int i = 0; rc == 0 && i < PQntuples(r); i++) {
		VSS_AUTOFREE char *real = realpath(server_value(r, i, 0), NULL);
		bool known = false;

		for (size_t j = 0; real && j < k->disk.tablespaces.n; j++)
			known = known || vss_path_is_below(k->disk.tablespaces.v[j], real);
		if (!known)
			rc = vss_fail(err, VSS_ABSENT, 0, "tablespace %s: is not there", server_value(r, i, 0));
	}
	PQclear(r);
	return rc;
}

static bool
is_ours_already(const struct cluster *k, const char *path)
{
	return vss_path_is_below(path, k->disk.data) || (k->tree && vss_path_is_below(path, k->tree));
}

static int
ask_config_files(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char sql[] =
		"SELECT current_setting('config_file') UNION SELECT current_setting('hba_file')"
		" UNION SELECT current_setting('ident_file') UNION SELECT sourcefile FROM pg_file_settings";
	static const char sql16[] =
		" UNION SELECT file_name FROM pg_hba_file_rules UNION SELECT file_name FROM pg_ident_file_mappings";
	VSS_AUTOFREE char *all = vss_strf("%s%s", sql, k->server_version >= 160000 ? sql16 : "");
	PGresult *r = server_query(k->conn, all, NULL, deadline, err);

	if (!r)
		return -1;
	for (int i = 0; i < PQntuples(r); i++) {
		VSS_AUTOFREE char *real = realpath(server_value(r, i, 0), NULL);

		if (real && !is_ours_already(k, real) && !strpbrk(real, "*?\\") &&
			!vss_strv_has(&k->config_files, real))
			vss_strv_add(&k->config_files, real);
	}
	PQclear(r);
	vss_strv_sort(&k->config_files);
	return 0;
}

static int
ask_databases(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char sql[] =
		"SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname";
	PGresult *r = k->dumps ? server_query(k->conn, sql, NULL, deadline, err) : NULL;

	if (k->dumps && !r)
		return -1;
	for (int i = 0; r && i < PQntuples(r); i++)
		vss_strv_add(&k->databases, server_value(r, i, 0));
	PQclear(r);
	return 0;
}

static int
ask(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	vss_strv_free(&k->config_files);
	vss_strv_free(&k->databases);
	if (ask_settings(k, deadline, err) != 0 || check_tablespaces(k, deadline, err) != 0)
		return -1;
	return ask_config_files(k, deadline, err) == 0 ? ask_databases(k, deadline, err) : -1;
}

/* --- a backup --- */

int
cluster_begin(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	struct disk before = k->disk;
	const char *bindir = k->options ? k->options->bindir : NULL;

	PQfinish(k->conn);
	k->conn = NULL;
	int r = disk_look(k->directory, bindir, &k->disk, err);
	if (r == 0 && before.data && !disk_same(&before, &k->disk))
		r = vss_fail(err, VSS_BUSY, 0, "is not what it was a moment ago: try again");
	disk_clear(&before);
	k->begun = r == 0;
	if (r != 0 || k->disk.state != DISK_RUNNING)
		return r;
	k->conn = server_connect(&k->disk, k->options, deadline, err);
	return k->conn ? ask(k, deadline, err) : -1;
}

void
cluster_end(struct cluster *k)
{
	PQfinish(k->conn);
	k->conn = NULL;
	k->begun = k->taken = k->configuration_taken = k->archive_taken = k->globals_dumped = false;
	k->mode = MODE_NONE;
	vss_buf_free(&k->control);
	free(k->last_archived);
	k->last_archived = NULL;
	for (size_t i = 0; i < k->narchived; i++)
		free(k->archived[i].name);
	free(k->archived);
	k->archived = NULL;
	k->narchived = k->carchived = 0;
}

char *
cluster_flat_label(const struct cluster *k)
{
	char *flat = vss_strdup(k->label);

	for (char *p = flat; *p; p++)
		if (*p == '/')
			*p = '-';
	return flat;
}

char *
cluster_scratch(const struct cluster *k, const char *scratch, const char *part)
{
	VSS_AUTOFREE char *flat = cluster_flat_label(k);

	return vss_strf("%s/%s/%s", scratch, flat, part);
}

char *
cluster_dump_name(const char *database)
{
	struct vss_buf out = VSS_BUF_INIT;

	for (const char *p = database; *p; p++)
		if (isalnum((unsigned char)*p) || (strchr("._-", *p) && p > database))
			vss_buf_ch(&out, *p);
		else
			vss_buf_fmt(&out, "%%%02X", (unsigned char)*p);
	return vss_buf_take(&out);
}
