/* SPDX-License-Identifier: BSD-2-Clause */
#include "base.h"

#include "scratch.h"
#include "wal.h"

#include "base/mem.h"
#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RENAMED_IN = 150000 }; /* pg_start_backup became pg_backup_start, and lost its exclusive mode */

int
base_checkpoint(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	if (server_do(k->conn, "CHECKPOINT", deadline, &why) == 0)
		return 0;
	fprintf(stderr, "cluster %s: checkpoint: %s\n", k->label, why.text);
	if (why.code != VSS_TIMEOUT)
		return 0;
	*err = why; /* it is under way, and the connection is not free */
	return vss_wrap(err, "checkpoint");
}

/* Without one the log may be used again before it was copied: that is seen then, and the backup is none. */
static void
keep_log(struct cluster *k, int64_t deadline)
{
	VSS_AUTOFREE char *name = vss_strf("vss_%d", PQbackendPID(k->conn));
	const char *const params[] = { name, NULL };
	struct vss_err why = VSS_ERR_INIT;
	PGresult *r = server_query(
		k->conn, "SELECT pg_create_physical_replication_slot($1, true, true)", params, deadline, &why);

	if (!r)
		fprintf(stderr, "cluster %s: no replication slot keeps the log: %s\n", k->label, why.text);
	PQclear(r);
}

int
base_start(struct cluster *k, const char *label, int64_t deadline, struct vss_err *err)
{
	const char *const params[] = { label, NULL };
	const char *sql = k->server_version >= RENAMED_IN ? "SELECT pg_backup_start($1, true)"
							  : "SELECT pg_start_backup($1, true, false)";

	keep_log(k, deadline);
	PGresult *r = server_query(k->conn, sql, params, deadline, err);
	PQclear(r);
	return r ? 0 : -1;
}

/* --- stop --- */

/* "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)" */
static char *
first_segment(const char *label)
{
	const char *file = strstr(label, "(file ");

	return file && wal_is_segment(file + 6, false) ? vss_strndup(file + 6, WAL_NAME_LEN) : NULL;
}

/* The files that make a base backup of the copy; byte for byte as the server gave them. */
static int
put_labels(struct cluster *k, const char *mirror, const char *label, const char *map, struct vss_err *err)
{
	if (scratch_file(&k->disk, mirror, "backup_label", label, err) != 0)
		return -1;
	return *map ? scratch_file(&k->disk, mirror, "tablespace_map", map, err) : 0;
}

static int
put_log(struct cluster *k, const char *scratch, const char *first, const char *last, struct vss_err *err)
{
	VSS_AUTOFREE char *to = cluster_scratch(k, scratch, "wal");
	VSS_AUTOSTRV struct vss_strv names = VSS_STRV_INIT;

	if (wal_names(first, last, k->segment_bytes, &names, err) != 0 || scratch_directory(to, &k->disk, err) != 0)
		return -1;
	return wal_copy(k->disk.wal, to, &names, k->segment_bytes, err);
}

/*
 * The copy of pg_control may have been read while it was written. This one is read last, as the server's
 * own tool does it, and its checksum is looked at.
 */
static int
put_control(struct cluster *k, const char *mirror, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf seen = VSS_BUF_INIT;

	if (!k->disk.bindir)
		return vss_fail(
			err, VSS_ABSENT, 0, "pg_controldata of version %s: not found: say bindir=DIR", k->disk.version);
	if (scratch_copy(k->disk.data, mirror, "global/pg_control", err) != 0)
		return -1;
	return disk_control_text(k->disk.bindir, mirror, &seen, err);
}

static PGresult *
stop(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	/* Archiving may be broken: what is needed is copied here, and nobody waits for it. */
	const char *sql =
		k->server_version >= RENAMED_IN
			? "SELECT labelfile, spcmapfile, pg_walfile_name(lsn) FROM pg_backup_stop(false)"
			: "SELECT labelfile, spcmapfile, pg_walfile_name(lsn) FROM pg_stop_backup(false, false)";

	return server_query(k->conn, sql, NULL, deadline, err);
}

int
base_stop(struct cluster *k, const char *scratch, int64_t deadline, char **evidence, struct vss_err *err)
{
	VSS_AUTOFREE char *mirror = cluster_scratch(k, scratch, "data");

	if (scratch_directory(mirror, &k->disk, err) != 0 || put_control(k, mirror, err) != 0)
		return -1;
	PGresult *r = stop(k, deadline, err);
	if (!r)
		return -1;
	const char *label = server_value(r, 0, 0), *last = server_value(r, 0, 2);
	VSS_AUTOFREE char *first = first_segment(label);
	int rc = first ? put_labels(k, mirror, label, server_value(r, 0, 1), err)
		       : vss_fail(err, VSS_INVALID, 0, "the label of the backup names no segment of the log");
	if (rc == 0)
		rc = put_log(k, scratch, first, last, err);
	if (rc == 0)
		*evidence = vss_strf("log_from=%s log_to=%s", first, last);
	PQclear(r);
	return rc;
}

/* --- evidence --- */

char *
base_evidence(struct cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char sql[] =
		"SELECT s.system_identifier, c.timeline_id, c.checkpoint_lsn,"
		" CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END,"
		" current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),"
		" (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))"
		" FROM pg_control_system() s, pg_control_checkpoint() c";
	static const char *const modes[] = { [MODE_NONE] = "none",
		[MODE_STOPPED] = "stopped",
		[MODE_SNAPSHOT] = "snapshot",
		[MODE_BASE] = "base-backup" };
	static const char *const keys[] = { "system_identifier", "timeline", "checkpoint", "log_flushed_to",
		"synchronous_commit", "fsync", "full_page_writes", "synchronous_standbys" };
	PGresult *r = server_query(k->conn, sql, NULL, deadline, err);
	struct vss_buf out = VSS_BUF_INIT;

	if (!r)
		return NULL;
	vss_buf_fmt(&out, "mode=%s version=%d%s", modes[k->mode], k->server_version, k->standby ? " standby=yes" : "");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		vss_buf_fmt(&out, " %s=%s", keys[i], server_value(r, 0, (int)i));
	PQclear(r);
	return vss_buf_take(&out);
}
