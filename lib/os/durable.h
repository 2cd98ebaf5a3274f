/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_DURABLE_H
#define VSS_OS_DURABLE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/**
 * Files that are whole or not there: written under a temporary name in the same directory, fsynced, renamed,
 * directory fsynced.
 */

/** The whole of a small file, of its own name `name` in directory `dirfd`; an old one is replaced. */
int vss_write_file_at(int dirfd, const char *name, const void *data, size_t n, mode_t mode, struct vss_err *err);
int vss_write_file(const char *path, const void *data, size_t n, mode_t mode, struct vss_err *err);
/**
 * Append a whole regular file of at most `limit` bytes (longer: VSS_INVALID) to `out`, unchanged on failure.
 * Never follows a symbolic link in the last element.
 */
int vss_read_file_at(int dirfd, const char *name, size_t limit, struct vss_buf *out, struct vss_err *err);
int vss_read_file(const char *path, size_t limit, struct vss_buf *out, struct vss_err *err);
/** `dirfd` opened for reading (not O_PATH). */
int vss_fsync_dir(int dirfd, struct vss_err *err);

/**
 * write(2) all of it, through EINTR and short writes; ended by an interruption only while it waits
 * (VSS_INTERRUPTED).
 */
int vss_write_all(int fd, const void *data, size_t n, struct vss_err *err);
/** pread(2) exactly n bytes; VSS_CORRUPT at an early end. */
int vss_pread_all(int fd, void *data, size_t n, off_t at, struct vss_err *err);

/**
 * A file without a name in the directory `dirfd`, or with -1 in $TMPDIR or /var/tmp, to write and read: it
 * goes with its descriptor.
 */
int vss_unlinked_file(int dirfd, struct vss_err *err);

/**
 * A big file in the making: `path.partial` (0600, created exclusively).  commit: fsync, rename to `path`
 * (without `replace` an existing one is never overwritten: renameat2 NOREPLACE, VSS_EXISTS), fsync the
 * directory.  abandon: close and unlink.  A `.partial` left by a dead run is replaced (it is locked while in
 * use: VSS_BUSY).
 */
struct vss_partial {
	int fd; /* to write to, and to read back */
	int dirfd;
	char *name; /* final name within dirfd */
	bool replace;
};
int vss_partial_open(const char *path, bool replace, struct vss_partial *out, struct vss_err *err);
/**
 * Ends the life of `p` in any case.  On failure the partial file is gone and the old one untouched; the one
 * exception is a directory that cannot be fsynced after the rename: then the new file is in place, and the
 * message says so.
 */
int vss_partial_commit(struct vss_partial *p, struct vss_err *err);
void vss_partial_abandon(struct vss_partial *p); /* safe after commit and on zeroed memory with fd -1 */

#endif
