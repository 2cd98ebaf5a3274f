/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_SETTINGS_H
#define VSS_WRITER_REDIS_SETTINGS_H

#include "server.h"

/**
 * What is changed in a running server for the time of a backup, and how it gets back.  Before anything
 * is changed, a record of what was and what will be is made durable in <state>/writer-redis/NAME; it
 * goes when all is as before.  While the process that made it lives, it holds the lock NAME.lock.  So
 * a record without a lock is that of a dead one, and whoever comes next puts things right.
 */
struct settings {
	char *record, *lock_path;
	int lock; /* -1: nothing is changed by us */
	struct setting {
		char *name, *old, *ours;
	} * v;
	size_t n, cap;
};
/* clang-format off */
#define SETTINGS_INIT { .lock = -1 }
/* clang-format on */
#define SETTING_REWRITE "auto-aof-rewrite-percentage"
#define SETTING_FSYNC "appendfsync"

/**
 * Note that rewrites will be switched off, and that fsyncs may be for a moment; then switch rewrites
 * off.  What a dead process left is put right first. VSS_BUSY: another live writer is at it.  On
 * failure nothing is changed, or the record is still there.
 */
int settings_take(struct settings *s, const char *instance, struct server *server, struct vss_err *err);
/** What the server was found with; NULL: as we want it already. */
const char *settings_old(const struct settings *s, const char *name);
/**
 * Put back all that still has the value that we gave it, and forget the record.  Nothing to do: 0.  On
 * failure the record stays, and the lock too until settings_clear(): to be tried again.
 */
int settings_give_back(struct settings *s, struct server *server, struct vss_err *err);
/** Free the memory and the lock; the record, if there is one, stays. */
void settings_clear(struct settings *s);

/** Is there a record for this instance that nobody holds?  Unprivileged callers see none. */
bool settings_are_left(const char *instance);
/** Put right what a dead process left. */
int settings_mend(const char *instance, struct server *server, struct vss_err *err);

#endif
