/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_LINKS_H
#define VSS_WRITER_MARIADB_LINKS_H

#include "base/err.h"

#include <stdbool.h>

/** What lies outside of the data directory but is reached through it; `target` is a real path. */
typedef int links_found(void *ctx, const char *target, bool is_directory, struct vss_err *err);
/**
 * Databases and tables that are symbolic links in `datadir`, and the tablespaces that its .isl files name (DATA
 * DIRECTORY=).
 * What leads nowhere, or to what belongs to another user than `datadir`, is passed over; a `datadir` that is not there holds none.
 */
int links_find(const char *datadir, links_found *found, void *ctx, struct vss_err *err);

#endif
