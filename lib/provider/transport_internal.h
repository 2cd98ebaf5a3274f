/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_TRANSPORT_INTERNAL_H
#define VSS_PROVIDER_TRANSPORT_INTERNAL_H

#include "provider/store_internal.h"

/**
 * Copies on their way to another machine: transport.c (the programs that write and read streams), store_transport.c (a tree as a
 * tar archive), btrfs_transport.c (a send stream).
 */

/**
 * Run a program with this input and output (-1: none) until it ends, or we are interrupted; `keep` is passed on under its own number
 * (-1: none).  The message ends with the last line of what it complained of.
 */
int vss_transport_run(const char *const *argv, int in, int out, int keep, struct vss_err *err);

int vss_store_send(const struct vss_shadow *s, const struct vss_store_kind *kind, int fd, struct vss_err *err);
/** The storage of the whole set is claimed with its first volume. */
int vss_store_receive(
	struct vss_provider_set *ps, const struct vss_store_kind *kind, size_t i, int fd, struct vss_err *err);

int vss_btrfs_send(const struct vss_shadow *s, int fd, struct vss_err *err);
int vss_btrfs_receive(struct vss_provider_set *ps, size_t i, int fd, struct vss_err *err);
/** Unmount what a run that was killed had mounted to receive. */
void vss_btrfs_drop_receivers(void);

#endif
