/* SPDX-License-Identifier: BSD-2-Clause */
#include "database.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A journal or a log that stands beside a database is applied to it by whoever opens it next.  So none of the
 * old file may be left when the new one comes.  SQLite itself takes them away when the last connection closes;
 * what is there then belongs to somebody who still has the database open, or to one that cannot be opened any
 * more.
 */
static bool
is_empty_or_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 || st.st_size == 0;
}

/* An empty journal (journal_mode=truncate) is applied by nobody, nor is a persistent one whose header is zeros. */
static bool
is_dead_journal(const char *path)
{
	char head[8] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return errno == ENOENT;
	size_t n = fread(head, 1, sizeof head, f);
	fclose(f);
	return n < sizeof head || memcmp(head, "\0\0\0\0\0\0\0\0", sizeof head) == 0;
}

/* They may hold the only trace of what was lost: put aside, under a name that no component of ours takes in.  The shared memory
 * holds nothing that SQLite does not make again. */
static int
put_aside(const char *path, struct vss_err *err)
{
	static const char *const kept[] = { "journal", "wal" };
	VSS_AUTOFREE char *shm = vss_strf("%s-shm", path);

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		VSS_AUTOFREE char *from = vss_strf("%s-%s", path, kept[i]);
		VSS_AUTOFREE char *to = vss_strf("%s.before-restore-%s", path, kept[i]);

		if (rename(from, to) != 0 && errno != ENOENT)
			return vss_fail(err, VSS_SYSTEM, errno, "%s: put aside", from);
	}
	if (unlink(shm) != 0 && errno != ENOENT)
		return vss_fail(err, VSS_SYSTEM, errno, "%s: remove", shm);
	return 0;
}

int
database_settle(const char *path, unsigned busy_ms, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	VSS_AUTOFREE char *wal = vss_strf("%s-wal", path);
	VSS_AUTOFREE char *journal = vss_strf("%s-journal", path);

	struct database *d = database_open(path, busy_ms, &why);
	if (!d) {
		if (why.code == VSS_BUSY)
			return vss_fail(err, VSS_BUSY, 0, "%s: is in use: stop the application first", path);
		return put_aside(path, err);
	}
	bool still = d->still;
	int r = still ? 0 : database_hold(d, d->deadline, &why);
	database_close(d);
	if (r != 0 || (!still && !is_empty_or_absent(wal)))
		return vss_fail(err, VSS_BUSY, 0, "%s: is in use: stop the application first", path);
	if (!still && !is_dead_journal(journal))
		return vss_fail(err, VSS_BUSY, 0, "%s: a transaction is left in it", path);
	return 0;
}
