/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SCRIPT_RECORD_H
#define VSS_WRITER_SCRIPT_RECORD_H

#include "pair.h"

#include "os/undo.h"

#define RECORD "script"

/** Write down the thaws of all steps that are begun. */
int record_write(const struct vss_undo *u, const struct pairs *ps, struct vss_err *err);
/**
 * Run what a writer that was killed has left to be thawed.  0 when nothing is left: also when another one lives, and when the caller
 * may not look.  -1 when something could not be thawed: it stays written down.
 */
int record_settle(struct vss_err *err);

#endif
