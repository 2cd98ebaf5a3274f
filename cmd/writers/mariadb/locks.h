/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_LOCKS_H
#define VSS_WRITER_MARIADB_LOCKS_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

/** The process that has this file locked, as a server does that runs; 0: none, or no such file; -1: somebody who has
 * no number here. */
int locks_holder(const char *path);

/** The same locks, in our hands: a server that is started meanwhile waits for them. */
struct locks {
	int *fds;
	size_t n, cap;
};
/* clang-format off */
#define LOCKS_INIT { NULL, 0, 0 }
/* clang-format on */
/** Those of `paths` that are there; on a file system that cannot be written to none is needed.  VSS_BUSY: a server was faster;
 * then nothing is held. */
int locks_take(struct locks *l, const struct vss_strv *paths, struct vss_err *err);
void locks_release(struct locks *l);

#endif
