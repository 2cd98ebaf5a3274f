/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SQLITE_FIND_H
#define VSS_WRITER_SQLITE_FIND_H

#include "config.h"

/**
 * The databases that the configuration means, as absolute paths without symbolic links, sorted, each once:
 * those it names, there or not, and the files in its directories that begin as SQLite databases do.  Opens and
 * closes the files it looks at, and closing any descriptor of a database drops the locks that this process has
 * on it: never to be called while a database is held. VSS_INVALID: a path that the protocol cannot carry (a
 * wildcard or a backslash in it); what was found is then incomplete.
 */
int find_databases(const struct config *c, struct vss_strv *out, struct vss_err *err);

#endif
