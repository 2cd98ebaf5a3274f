/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_VIRSH_H
#define VSS_WRITER_LIBVIRT_VIRSH_H

#include "config.h"

#include "base/buf.h"
#include "base/err.h"
#include "os/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * virsh(1), several at once, each in a process that is killed at a deadline: a call to the agent of a
 * guest may hang for as long as the guest likes.
 */
struct call {
	const char *words[4]; /* "domfsfreeze", UUID; NULL behind the last one */
	/* What came of it: */
	struct vss_buf out;
	bool done; /* it ended with 0 */
	bool late; /* it was killed at the deadline: nobody knows what it has done */
	char reason[200];
	/* While it runs: */
	struct vss_child child;
	int from, errors;
	struct vss_buf said; /* on standard error */
};
enum { VIRSH_OUTPUT_MAX = 16 << 20 };

void call_init(struct call *c, const char *command, const char *guest, const char *argument);
void call_clear(struct call *c);
/** Run them all, until the monotonic `deadline`; what each came to is in it. */
void virsh_run(const struct config *c, struct call *calls, size_t n, int64_t deadline);
/** One, to its end: -1 with *err, and its output in `out` (NULL: not wanted). */
int virsh_one(const struct config *c, struct call *call, int64_t deadline, struct vss_buf *out, struct vss_err *err);

#endif
