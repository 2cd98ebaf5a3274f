/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPTIMISATION_CONFIG_H
#define VSS_WRITER_OPTIMISATION_CONFIG_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the administrator wants left out besides, and kept (vss-writer-optimisation(8)):
 *
 *	leave-out DIR [SPEC] [recursive=no] | keep DIR | tagged DIR [depth=N] | built-in no
 */
struct config {
	struct config_exclude {
		char *dir, *spec;
		bool recursive;
	} * excludes;
	size_t nexcludes, cexcludes;
	struct vss_strv keep; /* nothing at or below is left out */
	struct config_root {
		char *dir;
		unsigned depth;
	} * tagged; /* where to look for CACHEDIR.TAG */
	size_t ntagged, ctagged;
	bool built_in; /* what this writer knows by itself counts too */
};
/* clang-format off */
#define CONFIG_INIT { .built_in = true }
/* clang-format on */

/** `*out` is CONFIG_INIT.  0, also without such a file; -1.  Always to be cleared. */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);

#endif
