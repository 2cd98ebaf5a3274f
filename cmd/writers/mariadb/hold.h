/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_HOLD_H
#define VSS_WRITER_MARIADB_HOLD_H

#include "config.h"
#include "instance.h"
#include "locks.h"
#include "server.h"

#include "base/err.h"

#include <stdbool.h>

/**
 * An instance while it takes part in a backup: one connection, in which its server is held from hold_take() to hold_release(),
 * and which the server lets go by itself when we die; or the files' locks of a server that does not run.
 */
struct hold {
	const struct instance *instance;
	const struct config *config;
	const struct technique *technique;
	struct server *server; /* NULL: it does not run */
	struct locks locks;
	bool prepared, held;
	/* Read while it was held; NULL where there is none: */
	char *log_file, *log_position;
	char *gtid, *replica_gtid;
};

/** `instance` and `config` are kept.  The connection is made, nothing is held. */
int hold_open(struct hold *h, const struct instance *instance, const struct config *config, struct vss_err *err);
/** What is done before the freeze and keeps nobody from writing.  VSS_BUSY: somebody else is at it. */
int hold_prepare(struct hold *h, struct vss_err *err);
/** Hold it, waiting `wait_s` for a lock at most; on failure nothing is held.  VSS_BUSY names whom it waited for. */
int hold_take(struct hold *h, unsigned wait_s, struct vss_err *err);
/** Let go.  -1: it had not been held to the end.  Nothing held: 0. */
int hold_release(struct hold *h, struct vss_err *err);
void hold_close(struct hold *h);

const char *hold_technique(const struct hold *h); /* "BACKUP STAGE BLOCK_COMMIT" */
bool hold_stops_commits(const struct hold *h);

#endif
