/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_CONFIG_H
#define VSS_WRITER_MARIADB_CONFIG_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the administrator says of servers (vss-writer-mariadb(8)): lines in the words of the protocol.
 *
 *	instance NAME [socket=] [user=] [defaults-file=] [server-file=] [program=] [datadir=] [service=] [stop-service=]
 *		[dumps=yes|only] [lock=stage|read-lock]
 *	ignore NAME | lock-timeout SECONDS | connect-timeout SECONDS
 */
struct config_instance {
	char *name;
	char *socket;	     /* NULL: where the server's option files say */
	char *user;	     /* NULL: root */
	char *defaults_file; /* credentials, group [client]; or NULL */
	char *server_file;   /* the option file that the server is started with; NULL: the usual ones */
	char *program;	     /* the server's executable; NULL: looked for */
	char *datadir;	     /* when the server cannot be asked; or NULL */
	char *service;	     /* or NULL */
	bool stop_service;
	bool dumps, files; /* a component for each database; one for all */
	bool read_lock;	   /* FLUSH TABLES WITH READ LOCK also where the server has better */
	bool by_itself;	   /* nobody configured it */
};

struct config {
	struct config_instance *instances;
	size_t n, cap;
	struct vss_strv ignored;
	unsigned lock_s;    /* how long one statement waits for its lock */
	unsigned connect_s; /* how long for a connection, and for an answer that needs no lock */
};
/* clang-format off */
#define CONFIG_INIT { .lock_s = 10, .connect_s = 3 }
/* clang-format on */
#define DEFAULT_INSTANCE "default" /* the one that is found by itself */

/** `*out` is CONFIG_INIT.  0, also when there is no such file; -1 VSS_INVALID naming the line, or why it cannot be
 * read.  Always to be cleared. */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);

#endif
