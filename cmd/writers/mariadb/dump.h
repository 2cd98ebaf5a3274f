/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_DUMP_H
#define VSS_WRITER_MARIADB_DUMP_H

#include "instance.h"

#include "base/err.h"

#define DUMP_ROOT "/var/backups/vss/mariadb" /* where dumps are in the archive, and come back to */

/** The name of a database as components and files bear it: "sh%2Fop", where a byte cannot stand as it is.  To be freed. */
char *dump_name(const char *database);
/** Write the dump of one database of a running instance into `dir`, whole and synced, until the monotonic `deadline`. */
int dump_make(const struct instance *i, const char *database, const char *dir, int64_t deadline, struct vss_err *err);

#endif
