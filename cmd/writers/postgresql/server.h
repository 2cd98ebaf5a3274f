/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_SERVER_H
#define VSS_WRITER_POSTGRESQL_SERVER_H

#include "config.h"
#include "disk.h"

#include "base/err.h"

#include <libpq-fe.h>
#include <stdint.h>

/**
 * Talking to a server through libpq, always with a deadline (monotonic ns), never with a question to a person.
 */

/**
 * Connect to the running server of `d` as its owner, so that peer authentication lets us in.  `k` may say
 * otherwise, or be NULL. NULL: *err has the server's own sentence.
 */
PGconn *server_connect(const struct disk *d, const struct config_cluster *k, int64_t deadline, struct vss_err *err);

/**
 * One statement, with parameters $1 ... when `params` is not NULL. The result holds rows or none; the
 * caller clears it.
 */
PGresult *server_query(PGconn *c, const char *sql, const char *const *params, int64_t deadline, struct vss_err *err);
/** The same for a statement whose rows nobody wants. */
int server_do(PGconn *c, const char *sql, int64_t deadline, struct vss_err *err);

/** Column `col` of row `row`; an SQL null is "". */
const char *server_value(const PGresult *r, int row, int col);

#endif
