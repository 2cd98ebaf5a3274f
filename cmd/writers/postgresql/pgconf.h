/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_PGCONF_H
#define VSS_WRITER_POSTGRESQL_PGCONF_H

#include "base/err.h"

/**
 * One parameter of a postgresql.conf as its server would read it: comments, quotes, include,
 * include_if_exists and include_dir are known; the last line counts. 0 with *value (NULL: not set; the
 * caller frees it), or -1 with the file that cannot be read.
 */
int pgconf_get(const char *path, const char *parameter, char **value, struct vss_err *err);

#endif
