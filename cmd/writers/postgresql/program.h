/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_PROGRAM_H
#define VSS_WRITER_POSTGRESQL_PROGRAM_H

#include "base/err.h"

#include <stdint.h>

/**
 * Run one of PostgreSQL's programs to its end, with its standard output in `out`, and no longer than to
 * `deadline`. *said (or NULL) is the last line of its standard error, "" for none, which the caller frees.
 * Fails when it ends with anything but 0, in its own last words.
 */
int program_run(const char *const *argv, int out, int64_t deadline, char **said, struct vss_err *err);

#endif
