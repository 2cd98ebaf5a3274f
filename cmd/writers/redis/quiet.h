/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_QUIET_H
#define VSS_WRITER_REDIS_QUIET_H

#include "instance.h"
#include "settings.h"

#include "base/buf.h"
#include "sdk/vss-writer.h"

#include <sys/types.h>
#include <time.h>

/** How an instance is backed up. */
enum means {
	MEANS_STOPPED, /* it does not run: its files as they lie there */
	MEANS_DUMP,    /* a dump made for the occasion */
	MEANS_LOG      /* the append-only log, which is only appended to meanwhile */
};

/**
 * One instance from prepare-backup to the end of the backup.  A log is a base and what came after it,
 * each in a file whose name is in a manifest (Redis 7), or one file (Redis 6).  A copy of it is good
 * when no rewrite has put other files in their place between the first file that was copied and the
 * last: then it is the base, and a first part of what came after it that goes to the freeze at least.
 */
struct quiet {
	struct instance instance;
	enum means means;
	struct server *server;
	struct settings settings;
	struct log_mark {
		dev_t dev;
		ino_t ino;
		struct timespec changed; /* of a manifest only: the one file is written to all the time */
	} log;				 /* as it was at freeze */
	bool frozen, whole;		 /* whole: no rewrite until thaw */
	long long saved;		 /* when the dump was finished */
};

/** How long to wait: until the monotonic `deadline`, or until the coordinator says more, or is gone. */
struct patience {
	int64_t deadline;
	const struct vss_sdk *talk;
};

/** Takes what `i` owns.  Fails for an instance that died, or that keeps nothing on disk. */
struct quiet *quiet_new(const struct config *c, struct instance *i, struct vss_err *err);
/** Gives settings back if that has not been done. */
void quiet_free(struct quiet *q);

/** Rewrites off, and the end of one that runs; or a dump.  VSS_TIMEOUT names what took so long. */
int quiet_prepare(struct quiet *q, const struct patience *p, struct vss_err *err);
/** No rewrite runs, all that was acknowledged is with the kernel, and the log's files are known. */
int quiet_freeze(struct quiet *q, const struct patience *p, struct vss_err *err);
/** Look whether the log's files are still those, and give the settings back. */
int quiet_thaw(struct quiet *q, struct vss_err *err);
/** "mode=aof appendfsync=everysec ..."; what cannot be learned is left out.  The caller frees it. */
char *quiet_evidence(struct quiet *q);

#endif
