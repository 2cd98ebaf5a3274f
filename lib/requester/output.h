/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_OUTPUT_H
#define VSS_REQUESTER_OUTPUT_H

#include "base/err.h"
#include "base/str.h"
#include "os/child.h"
#include "os/durable.h"

#include <stdbool.h>

/**
 * Where an archive goes: a file (whole or not there), standard output, or a command's standard input.
 */
struct vss_output {
	int fd;
	char *path;	 /* final path of a file, else NULL */
	char *dir;	 /* of the file, or given as such; NULL for a stream */
	bool named_here; /* only a directory was given: `path` is made up by _open */
	bool replace, existed;
	struct vss_partial partial;
	const struct vss_strv *command;
	struct vss_child child;
	int spool_dirfd; /* beside the file, or -1 */
};
#define VSS_OUTPUT_INIT                                                                                                \
	{                                                                                                              \
		.fd = -1, .partial = { .fd = -1, .dirfd = -1 }, .child = VSS_CHILD_NONE, .spool_dirfd = -1             \
	}

/**
 * Look at the wish before any work: an existing file without `replace` (VSS_EXISTS), a missing directory, a
 * terminal (VSS_USAGE). Nothing is made.
 */
int vss_output_check(
	struct vss_output *o, const char *wish, bool replace, const struct vss_strv *command, struct vss_err *err);
/** Open it; `name` is the file's name when only a directory was given. */
int vss_output_open(struct vss_output *o, const char *name, struct vss_err *err);
/**
 * Durable under its final name; a command has ended with 0.  On failure nothing new is left and the old file
 * is as it was.
 */
int vss_output_commit(struct vss_output *o, struct vss_err *err);
/**
 * Nobody reads any more what was written (EPIPE): if that was the command, *err says how it ended. Waits for
 * its end.
 */
void vss_output_explain(struct vss_output *o, struct vss_err *err);
/** Is it known that what was written has arrived?  (Not for standard output.) */
bool vss_output_is_certain(const struct vss_output *o);
/** After commit: frees; before: throws away what was written. */
void vss_output_close(struct vss_output *o);

#endif
