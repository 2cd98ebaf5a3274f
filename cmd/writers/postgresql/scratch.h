/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_SCRATCH_H
#define VSS_WRITER_POSTGRESQL_SCRATCH_H

#include "cluster.h"

/**
 * Files in the scratch directory, which go into the archive with the attributes that they have here.
 */

/** A directory and those above it, with owner and mode of the cluster's; `d` NULL: ours, for root alone. */
int scratch_directory(const char *path, const struct disk *d, struct vss_err *err);
/** A file of the cluster's owner with this text. */
int scratch_file(const struct disk *d, const char *dir, const char *name, const char *text, struct vss_err *err);
/**
 * `name`, a file or a whole directory below `from` ("": all of it), with its attributes and those of the
 * directories above it, to `to`, which is made.
 */
int scratch_copy(const char *from, const char *to, const char *name, struct vss_err *err);
/**
 * For vss_copy_options.trouble over a directory that a server works in: what goes while it is looked at was
 * not wanted, or is missed later.
 */
int scratch_let_go(void *ctx, const char *path, mode_t type, struct vss_err *err);
/** The configuration that lies outside of the data directory. */
int scratch_configuration(const struct cluster *k, const char *scratch, struct vss_err *err);
/** Where the `i`th of k->config_files is put; the caller frees it. */
char *scratch_config_directory(const struct cluster *k, const char *scratch, size_t i);

#endif
