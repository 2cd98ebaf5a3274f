/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPTIMISATION_FIND_H
#define VSS_WRITER_OPTIMISATION_FIND_H

#include "config.h"

/** Files that are not worth keeping: sorted by directory, each once. */
struct finds {
	struct config_exclude *v;
	size_t n, cap;
};
void finds_clear(struct finds *f);

/**
 * What `c` means on this machine: caches, temporary files, core dumps, swap files, directories with a CACHEDIR.TAG.  Nothing of it
 * has to be there.  What cannot be looked at is passed over: then more is kept than need be.
 */
void find_all(const struct config *c, struct finds *out);
/** One more, unless it is to be kept or the protocol cannot name it. */
void find_add(struct finds *out, const struct config *c, const char *dir, const char *spec, bool recursive);
/** The directories below `root` that hold a CACHEDIR.TAG; bounded in time and number, and said when that was not enough. */
void find_tagged(const struct config *c, const struct config_root *root, struct finds *out);

#endif
