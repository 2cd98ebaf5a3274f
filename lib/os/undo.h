/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_UNDO_H
#define VSS_OS_UNDO_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/**
 * The write-ahead record of what a program holds and has to let go (paused containers, frozen applications), for the case that it
 * is killed: `undo/NAME` in vss_run_dir(), which a restart of the machine clears as it clears what was held.  It belongs to one
 * living process at a time; the next one finds what a dead one has left.
 */
struct vss_undo {
	int lock;
	char *path;
};
#define VSS_UNDO_NONE                                                                                                  \
	{                                                                                                              \
		-1, NULL                                                                                               \
	}

/**
 * Take it, waiting up to `wait_ms` for one who only looks.  1, and what a dead process left is appended to *left (mostly nothing); 0 when a living process has it: that one will let go by
 * itself; -1 on failure.
 */
int vss_undo_open(const char *name, int wait_ms, struct vss_undo *out, struct vss_buf *left, struct vss_err *err);
/** The record as a whole, before what it speaks of is done.  Readable by others than root never. */
int vss_undo_write(const struct vss_undo *u, const struct vss_buf *text, struct vss_err *err);
/** Give it back; `done`: there is nothing left to undo, and the record goes.  Safe on VSS_UNDO_NONE. */
void vss_undo_close(struct vss_undo *u, bool done);

#endif
