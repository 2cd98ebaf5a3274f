/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_RECORD_H
#define VSS_WRITER_LIBVIRT_RECORD_H

#include "freeze.h"

/**
 * What is about to be frozen, written down before it is: a file in the run directory that is locked by
 * those who will thaw, and stays when all of them have been killed.  The next writer that starts finds
 * it without a lock, and thaws.
 */
struct record {
	char *path;
	int fd; /* -1: none */
};
/* clang-format off */
#define RECORD_INIT { NULL, -1 }
/* clang-format on */

int record_write(const struct config *c, const struct targets *t, struct record *out, struct vss_err *err);
/** All are thawed: take it away. */
void record_remove(struct record *r);
/** Let go of it; it stays for the next writer. */
void record_leave(struct record *r);
/**
 * Thaw what dead ones have left frozen; said on standard error.  Records whose guests cannot be thawed
 * stay.
 */
void records_repair(const struct config *c);

#endif
