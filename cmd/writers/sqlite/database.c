/* SPDX-License-Identifier: BSD-2-Clause */
#include "database.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { CHANGE_COUNTER_AT = 24 }; /* in the database header, big-endian */

/* SQLite's own handler waits up to 100 ms between two tries; applications wait for us meanwhile. */
static int
on_busy(void *ctx, int tries)
{
	const struct database *d = ctx;

	(void)tries;
	if (vss_now_mono() >= d->deadline)
		return 0;
	sqlite3_sleep(1);
	return 1;
}

static enum vss_code
code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return VSS_BUSY;
	case SQLITE_NOTADB:
		return VSS_INVALID;
	case SQLITE_CORRUPT:
		return VSS_CORRUPT;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return VSS_DENIED;
	default:
		return VSS_SYSTEM;
	}
}

static int
refuse(const struct database *d, int rc, struct vss_err *err)
{
	return vss_fail(err, code_of(rc), 0, "%s: %s", d->path, d->db ? sqlite3_errmsg(d->db) : sqlite3_errstr(rc));
}

/* One statement to its end; its first column, if there is one, into *value (text, to be freed) unless that is
 * NULL. */
static int
run(struct database *d, const char *sql, char **value)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(d->db, sql, -1, &s, NULL);

	if (rc != SQLITE_OK)
		return rc;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		if (value && !*value)
			*value = vss_strdup((const char *)sqlite3_column_text(s, 0));
	int end = sqlite3_finalize(s);
	return rc == SQLITE_DONE ? end : rc;
}

/* The file may be anybody's: what its schema says is not run, and a link in its path is not followed. */
static int
connect_to(struct database *d)
{
	int rc = sqlite3_open_v2(
		d->path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_extended_result_codes(d->db, 1);
	sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_busy_handler(d->db, on_busy, d);
	rc = run(d, "PRAGMA schema_version", NULL);
	if (rc == SQLITE_OK && sqlite3_db_readonly(d->db, "main") == 1)
		rc = SQLITE_READONLY;
	return rc;
}

struct database *
database_open(const char *path, unsigned busy_ms, struct vss_err *err)
{
	struct database *d = vss_alloc(sizeof *d);
	struct statvfs fs;
	struct stat st;

	d->path = vss_strdup(path);
	d->deadline = vss_now_mono() + busy_ms * VSS_MS;
	if (lstat(path, &st) != 0 || statvfs(path, &fs) != 0) {
		vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	} else if (!S_ISREG(st.st_mode)) {
		vss_fail(err, VSS_INVALID, 0, "%s: not a regular file", path);
	} else if (fs.f_flag & ST_RDONLY) {
		d->still = true;
		return d;
	} else {
		int rc = connect_to(d);
		if (rc == SQLITE_OK)
			return d;
		refuse(d, rc, err);
	}
	database_close(d);
	return NULL;
}

void
database_close(struct database *d)
{
	if (!d)
		return;
	database_release(d);
	if (d->db)
		sqlite3_close(d->db);
	free(d->path);
	free(d);
}

int
database_check(struct database *d, struct vss_err *err)
{
	VSS_AUTOFREE char *complaint = NULL;

	if (d->still)
		return 0;
	int rc = run(d, "PRAGMA quick_check(1)", &complaint);
	if (rc != SQLITE_OK)
		return refuse(d, rc, err);
	if (complaint && strcmp(complaint, "ok") == 0)
		return 0;
	return vss_fail(err, VSS_CORRUPT, 0, "%s: quick_check: %s", d->path, complaint ? complaint : "no answer");
}

void
database_checkpoint(struct database *d)
{
	/* It makes the copy recover faster, and nothing else: a failure changes nothing. */
	if (d->db)
		(void)sqlite3_wal_checkpoint_v2(d->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static bool
has_moved(struct database *d)
{
	int moved = 0;

	return sqlite3_file_control(d->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

int
database_hold(struct database *d, int64_t deadline, struct vss_err *err)
{
	int rc = SQLITE_OK;

	d->deadline = deadline;
	if (d->still) {
		d->held = true;
		return 0;
	}
	for (int tries = 0; tries < 2; tries++) {
		rc = run(d, "BEGIN IMMEDIATE", NULL);
		if (rc != SQLITE_OK)
			return refuse(d, rc, err);
		d->held = true;
		if (!has_moved(d))
			return 0;
		/* Another file has taken its name: that one is the database now. */
		database_release(d);
		sqlite3_close(d->db);
		d->db = NULL;
		rc = connect_to(d);
		if (rc != SQLITE_OK)
			return refuse(d, rc, err);
	}
	return vss_fail(err, VSS_BUSY, 0, "%s: is replaced again and again", d->path);
}

void
database_release(struct database *d)
{
	if (d->held && !d->still)
		(void)run(d, "ROLLBACK", NULL); /* nothing was written: closing would let go as well */
	d->held = false;
}

static void
add_pragma(struct database *d, const char *name, struct vss_buf *out)
{
	VSS_AUTOFREE char *sql = vss_strf("PRAGMA %s", name);
	VSS_AUTOFREE char *value = NULL;

	if (run(d, sql, &value) == SQLITE_OK && value)
		vss_buf_fmt(out, "%s%s=%s", out->len > 0 ? " " : "", name, value);
}

/* By SQLite's own descriptor.  With a write-ahead log it stands still; then the size of the log speaks. */
static void
add_change_counter(struct database *d, struct vss_buf *out)
{
	unsigned char b[4];
	sqlite3_file *f = NULL;

	if (sqlite3_file_control(d->db, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && f && f->pMethods &&
		f->pMethods->xRead(f, b, sizeof b, CHANGE_COUNTER_AT) == SQLITE_OK)
		vss_buf_fmt(out, " change_counter=%u",
			(unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | (unsigned)b[3]);
}

static void
add_log_size(const struct database *d, struct vss_buf *out)
{
	VSS_AUTOFREE char *wal = vss_strf("%s-wal", d->path);
	struct stat st;

	if (stat(wal, &st) == 0)
		vss_buf_fmt(out, " wal_bytes=%lld", (long long)st.st_size);
}

char *
database_evidence(struct database *d)
{
	static const char *const pragmas[] = { "journal_mode", "page_size", "page_count", "schema_version",
		"user_version" };
	struct vss_buf out = VSS_BUF_INIT;

	if (d->still)
		return vss_strdup("read-only file system");
	for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++)
		add_pragma(d, pragmas[i], &out);
	add_change_counter(d, &out);
	add_log_size(d, &out);
	return vss_buf_take(&out);
}
