/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_OS_USERS_H
#define VSS_OS_USERS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * Who uses a volume: processes with an open file, a mapped file, a program, a working directory or a root on it, by /proc.  For
 * naming them; a kernel's own use (swap, a loop device, an NFS server) shows when something is unmounted, and here it does not.
 */
struct vss_user {
	pid_t pid;
	char *command; /* as /proc/PID/comm has it */
};
struct vss_users {
	struct vss_user *v;
	size_t n, cap;
	bool self_runs; /* our own program, or a library of it, lies on the volume */
};

/**
 * Those that use files of the device `dev` (st_dev of its files), with `below` not NULL only files at or below that directory
 * (clean, absolute).  Ourselves included, but for the files that we have open.  Processes that we may not look into count as users of nothing.
 */
int vss_users_of(dev_t dev, const char *below, struct vss_users *out, struct vss_err *err);
void vss_users_free(struct vss_users *u);
/** "mariadbd (812), bash (901) and 3 more"; the caller frees it. */
char *vss_users_text(const struct vss_users *u);

/** Is the mount whose root is `root` of the file system `dev` (as in struct vss_mount) there in a mount namespace of somebody's?  His process, or 0. */
pid_t vss_mounted_by(dev_t dev, const char *root);

#endif
