/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_PLACES_H
#define VSS_WRITER_MARIADB_PLACES_H

#include "settings.h"

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/** The files of one instance: sets as the protocol names them.  Directories are absolute and without links. */
struct places {
	struct place {
		char *dir, *spec;
		bool whole; /* all of the directory, and what is below it, is the instance's */
	} * v;
	size_t n, cap;
	struct vss_strv locks; /* files that a running server has locked */
};
/* clang-format off */
#define PLACES_INIT { NULL, 0, 0, VSS_STRV_INIT }
/* clang-format on */

void places_clear(struct places *p);
/**
 * Where `s` says that data is; the first place is the data directory, whole.  Also what links and .isl files in it lead to.
 * VSS_INVALID for a name that cannot be said (a backslash, * or ?).
 */
int places_find(struct places *p, const struct settings *s, struct vss_err *err);
/** The real path of `path`, of which the end need not be there; to be freed. */
char *places_real(const char *path);

#endif
