/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SQLITE_CONFIG_H
#define VSS_WRITER_SQLITE_CONFIG_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the administrator wants this writer to take (vss-writer-sqlite(8)): lines in the words of the protocol.
 *
 *	database PATH | directory PATH [recursive=yes] | exclude PATH | busy-timeout MS | quick-check yes
 */
struct config {
	struct vss_strv databases; /* absolute, clean */
	struct config_directory {
		char *path;
		bool recursive;
	} * directories;
	size_t ndirectories, cdirectories;
	struct vss_strv excludes; /* a database, or a directory with all below it */
	unsigned busy_ms;	  /* how long to wait for a lock, all databases together */
	bool quick_check;
};
/* clang-format off */
#define CONFIG_INIT { .busy_ms = 5000 }
/* clang-format on */

/** `*out` is CONFIG_INIT.  0; 1 when there is no such file; -1 VSS_INVALID naming the line, or why it cannot be
 * read.  Always to be cleared. */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);

#endif
