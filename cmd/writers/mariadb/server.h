/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_SERVER_H
#define VSS_WRITER_MARIADB_SERVER_H

#include "config.h"

#include "base/err.h"

#include <stdbool.h>

/**
 * A connection to a running server, by its socket.  Nothing waits for longer than was said when it was made; the
 * locks of a connection end with it.
 */
struct server;

/** Is there anybody who listens at this socket?  Not whether he answers. */
bool server_listens(const char *socket);
/**
 * Connect to the server of `c` at `socket`; no answer may take longer than `answer_s`.  NULL: VSS_DENIED, VSS_TIMEOUT (it
 * does not answer), VSS_SYSTEM, with the server's sentence.
 */
struct server *server_connect(const struct config_instance *c, const char *socket, unsigned connect_s,
	unsigned answer_s, struct vss_err *err);
/** NULL is fine. */
void server_close(struct server *s);

/** "10.11.19-MariaDB-log"; of the connection, for as long as it is. */
const char *server_version(const struct server *s);
unsigned long server_number(const struct server *s); /* 101119 */
bool server_is_mariadb(const struct server *s);
unsigned long server_connection(const struct server *s); /* its number in the process list */

/** One statement; what it answers is passed over.  VSS_BUSY: a lock was not to be had in time; else as server_connect(). */
int server_run(struct server *s, const char *sql, struct vss_err *err);
/** One statement; `row` sees each row of its answer, NULL columns as NULL. */
typedef void server_row(void *ctx, const char *const *columns, unsigned n);
int server_rows(struct server *s, const char *sql, server_row *row, void *ctx, struct vss_err *err);
/** The first column of the first row, to be freed; NULL when there is none, or the server does not know of it. */
char *server_value(struct server *s, const char *sql);

#endif
