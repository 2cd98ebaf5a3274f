/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_DISK_H
#define VSS_WRITER_POSTGRESQL_DISK_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <sys/types.h>

/**
 * A cluster as it lies on disk: what can be known without its server.
 */
enum disk_state {
	DISK_LOST,    /* no cluster there, or not all of one: `fault` says what is missing */
	DISK_RUNNING, /* the process of its postmaster.pid has the data directory for its own */
	DISK_CLEAN,   /* shut down in order */
	DISK_CRASHED  /* not running here, and not shut down in order: it will recover when it starts */
};
struct disk {
	enum disk_state state;
	char *fault;
	char *data;    /* without links, as far as it is there */
	char *version; /* "15"; NULL when lost */
	uid_t uid;     /* of the data directory: the server's */
	gid_t gid;
	mode_t file_mode;	     /* of new files in it: 0600, or 0640 where the group may read */
	char *wal;		     /* pg_wal without links; NULL when lost */
	struct vss_strv tablespaces; /* their directories of this version, without links, sorted */
	char *bindir;		     /* programs of this version, or NULL */
	/* of a running one, from its postmaster.pid */
	pid_t pid;
	char *port, *host; /* NULL: not said */
	/* of one that does not run, from pg_control; NULL: not known */
	char *system_identifier, *timeline, *checkpoint;
};
/* clang-format off */
#define DISK_INIT { .state = DISK_LOST }
/* clang-format on */

/** Look.  `bindir` NULL: the usual places are tried.  Only what cannot be a cluster's fault is a failure. */
int disk_look(const char *data, const char *bindir, struct disk *out, struct vss_err *err);
void disk_clear(struct disk *d);
/** Are the same directories meant, in the same state? */
bool disk_same(const struct disk *a, const struct disk *b);

/**
 * The process that has `data` for its data directory, 0: none is known. `text` (or NULL) is its
 * postmaster.pid.
 */
pid_t disk_server(const char *data, struct vss_buf *text);
/** The major version in `dir`/PG_VERSION, of its own; NULL: there is none. */
char *disk_version(const char *dir);
/** Where the programs of this version are, of its own, or NULL. */
char *disk_bindir(const char *version);
/** The whole of global/pg_control, to see whether a server has come in between. */
int disk_control(const char *data, struct vss_buf *out, struct vss_err *err);
/**
 * What pg_controldata says of the directory `data` (or a mirror of it that has global/pg_control): lines.
 * VSS_CORRUPT: its checksum is wrong.
 */
int disk_control_text(const char *bindir, const char *data, struct vss_buf *out, struct vss_err *err);

#endif
