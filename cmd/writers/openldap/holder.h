/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_HOLDER_H
#define VSS_WRITER_OPENLDAP_HOLDER_H

#include "base/buf.h"
#include "base/err.h"
#include "os/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Databases that are kept from being written to, each by a process of its own (environment_hold):
 * beginning a transaction can wait for ever, a process can be ended.
 */
struct holder {
	const char *directory;
	struct vss_child child;
	int to, from;	     /* its standard input and output */
	struct vss_buf said; /* its line, until now */
	bool held;
};
struct holders {
	struct holder *v;
	size_t n, cap;
};

/** One more, not held yet; the string stays the caller's. */
void holders_add(struct holders *h, const char *directory);
/**
 * Hold them all, or none: VSS_BUSY when that cannot be had until the monotonic `deadline`.  They let go
 * by themselves after `window_ms`.
 */
int holders_hold(struct holders *h, int64_t deadline, long window_ms, struct vss_err *err);
/** What the process of one said of the state that it holds: "txnid=7 pages=40 ...". */
const char *holder_evidence(const struct holder *h);
/** Let go of all.  -1: one of them had let go before. */
int holders_release(struct holders *h, struct vss_err *err);
void holders_clear(struct holders *h); /* released or not */

#endif
