/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_DUMP_H
#define VSS_WRITER_MARIADB_DUMP_H

#include "instance.h"

#include "base/err.h"

#define DUMP_ROOT "/var/backups/vss/mariadb" /* where dumps are in the archive, and come back to */

/** "shop.sql"; what cannot stand in a name as it is becomes %XX.  To be freed. */
char *dump_file(const char *database);
/** Write the dump of one database of a running instance into `dir`, whole and synced, until the monotonic `deadline`. */
int dump_make(const struct instance *i, const char *database, const char *dir, int64_t deadline, struct vss_err *err);

#endif
