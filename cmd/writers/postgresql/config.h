/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_CONFIG_H
#define VSS_WRITER_POSTGRESQL_CONFIG_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the administrator says of clusters (vss-writer-postgresql(8)): lines in the words of the protocol.
 *
 *	cluster NAME [data=DIR] [host=] [port=] [user=] [dbname=] [bindir=] [service=] [stop-service=yes]
 *		[dumps=yes] [archive=DIR]
 *	ignore NAME | discover DIR | discover no | dumps=yes dump-directory=DIR purge-logs=yes
 */
struct config_cluster {
	char *name;
	char *data;			   /* NULL: the one that is found under this name */
	char *host, *port, *user, *dbname; /* NULL: as the server says itself */
	char *bindir;
	char *service;
	bool stop_service;
	bool dumps, dumps_said;
	char *archive; /* where its archive_command puts segments */
};
struct config {
	struct config_cluster *clusters;
	size_t nclusters, cclusters;
	struct vss_strv ignored;
	char *discover; /* the tree of Debian's configurations; NULL: not looked for */
	bool dumps;
	char *dump_directory; /* where dumps are archived */
	bool purge_logs;
};

/**
 * 0, also when there is no such file; -1 with VSS_INVALID naming the line, or why it cannot be read.  *out is
 * always to be cleared.
 */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);
/** What is said of the cluster of this name, or NULL. */
const struct config_cluster *config_find(const struct config *c, const char *name);

#endif
