/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_KEEPER_H
#define VSS_WRITER_LIBVIRT_KEEPER_H

#include "freeze.h"
#include "record.h"

#include "base/buf.h"
#include "base/str.h"
#include "os/child.h"

/**
 * A guest that is frozen stays so when whoever froze it dies.  So a process of its own, in a process
 * group of its own, freezes, and thaws when its standard input ends, which it does however the writer
 * ends, or when its time is over.  When that process dies, the writer thaws; when both do, the next one
 * that starts (record.h).
 */
struct keeper {
	struct record record;
	struct child_end {
		struct vss_child child;
		int to, from;
		struct vss_buf said;
	} process;
};
/* clang-format off */
#define KEEPER_INIT { RECORD_INIT, { VSS_CHILD_NONE, -1, -1, VSS_BUF_INIT } }
/* clang-format on */

struct keeper_plan {
	const struct config *config;
	const char *config_path; /* of it, for the process */
	long freeze_ms;		 /* that a guest may take */
	long window_ms;
};
/**
 * Freeze; what each target came to is in it.  -1: nobody could be asked, and nothing is frozen.  It
 * thaws by itself after the window.
 */
int keeper_freeze(struct keeper *k, const struct keeper_plan *plan, struct targets *t, struct vss_err *err);
/**
 * Thaw all, and see that they are.  -1: one may be frozen still, or was thawed before its time.
 * Nothing to do: 0.
 */
int keeper_thaw(struct keeper *k, const struct config *c, struct targets *t, struct vss_err *err);

/**
 * The process: freeze the guests, say what each came to, thaw, take the record away (NULL: there is
 * none).  The status to exit with.
 */
int keep(const struct config *c, const char *record, const struct vss_strv *uuids, long freeze_ms, long window_ms);

#endif
