/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_CLUSTER_H
#define VSS_WRITER_POSTGRESQL_CLUSTER_H

#include "config.h"
#include "disk.h"
#include "server.h"

#include "base/err.h"
#include "base/str.h"

#include <sys/stat.h>

/**
 * A cluster: what the configurations say of it, what lies on disk, what its server says; and, while it
 * takes part in a backup, what is under way.
 */
enum cluster_mode {
	MODE_NONE,
	MODE_STOPPED,  /* its server does not run: `control` must stay as it is */
	MODE_SNAPSHOT, /* its volumes are one instant: it recovers from its own log */
	MODE_BASE      /* between backup start and stop, on `conn` */
};
struct cluster {
	char *label;			      /* "15/main" */
	char *logical, *name;		      /* of the component: "15", "main" */
	char *directory;		      /* its data directory, as the configuration has it */
	char *tree;			      /* the directory of its configuration that Debian makes, or NULL */
	const struct config_cluster *options; /* or NULL */
	bool dumps;
	struct disk disk;

	/* what a running server says */
	struct vss_strv config_files; /* outside of the data directory and of `tree` */
	struct vss_strv databases;    /* with `dumps`: those that can be connected to */
	int server_version;	      /* 150004 */
	bool standby, fsync, full_page_writes;
	uint64_t segment_bytes;

	/* a backup */
	bool begun; /* looked at, and connected to when it runs */
	bool taken; /* the cluster itself takes part */
	bool configuration_taken, archive_taken;
	bool globals_dumped;
	enum cluster_mode mode;
	PGconn *conn;
	struct vss_buf control; /* MODE_STOPPED */
	char *last_archived;	/* the newest segment that is known to be in the archive whole */
	struct archived {	/* what the copy has of the archive: archive.h */
		char *name;
		struct stat st;
	} * archived;
	size_t narchived, carchived;
};

/**
 * Find them all, in the order of their labels, and ask those that run, until `deadline`. An engine that
 * runs and does not answer is a failure, and so is a configuration that cannot be understood; what was
 * found until then is in *out.
 */
struct clusters {
	struct cluster *v;
	size_t n, cap;
};
int clusters_find(const struct config *c, int64_t deadline, struct clusters *out, struct vss_err *err);
void clusters_clear(struct clusters *cs);

/** Look again, and connect to it if it runs: `conn` is held then.  VSS_BUSY: it is not what identify saw. */
int cluster_begin(struct cluster *k, int64_t deadline, struct vss_err *err);
/** The operation is over or given up: the connection is closed, and with it a backup that was started. */
void cluster_end(struct cluster *k);

/**
 * Directory `part` of this cluster in the scratch directory: "data", "wal", "conf", "dumps"; the caller
 * frees it.
 */
char *cluster_scratch(const struct cluster *k, const char *scratch, const char *part);
/** "15-main" */
char *cluster_flat_label(const struct cluster *k);
/** The name of a database as a file and a component have it: other bytes than letters, digits, . _ - as %XX. */
char *cluster_dump_name(const char *database);

#endif
