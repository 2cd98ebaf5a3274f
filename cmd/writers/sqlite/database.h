/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SQLITE_DATABASE_H
#define VSS_WRITER_SQLITE_DATABASE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct sqlite3;

/**
 * One database while it takes part in a backup.  Its file is opened by SQLite alone: closing any other
 * descriptor of it would drop the locks.
 */
struct database {
	char *path;
	struct sqlite3 *db;
	int64_t deadline; /* of waiting for a lock, monotonic */
	bool still;	  /* on a file system that nobody can write to: there is nothing to hold */
	bool held;
};

/** Open it and see that it is one.  NULL: VSS_ABSENT, VSS_INVALID (not a database), VSS_DENIED, VSS_BUSY
 * (`busy_ms` passed), VSS_SYSTEM. */
struct database *database_open(const char *path, unsigned busy_ms, struct vss_err *err);
/** Let go of the lock if it is held, close, free.  NULL is fine. */
void database_close(struct database *d);
/** PRAGMA quick_check; VSS_CORRUPT with its first complaint. */
int database_check(struct database *d, struct vss_err *err);
/** Move what can be moved from the write-ahead log into the database, without keeping anybody from anything. */
void database_checkpoint(struct database *d);
/**
 * Keep every other process from writing: BEGIN IMMEDIATE, which is the RESERVED lock, or the writer's lock of
 * a write-ahead log. Tries until the monotonic `deadline`: VSS_BUSY.  A database that was replaced by another
 * file of its name is opened again first.
 */
int database_hold(struct database *d, int64_t deadline, struct vss_err *err);
void database_release(struct database *d);
/** "journal_mode=wal page_size=4096 ..." of a held database; the caller frees it. */
char *database_evidence(struct database *d);
/**
 * Before its files are replaced: finish what a crash has left, so that no journal and no log of the old file
 * is applied to the new one. VSS_BUSY: somebody has it open.
 */
int database_settle(const char *path, unsigned busy_ms, struct vss_err *err);

#endif
