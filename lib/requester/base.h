/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_BASE_H
#define VSS_REQUESTER_BASE_H

#include "archive/state.h"
#include "model/components.h"

/**
 * What an incremental or differential backup builds on (B26, B41): an archive, and those that it builds on.
 */
struct vss_base {
	char *path; /* of the archive */
	int fd;
	struct vss_archive_reader *reader;
	struct vss_bcd *bcd;
	struct vss_archive_tree *tree;
	unsigned number; /* of this archive in its chain: 0, the full one */
};
#define VSS_BASE_NONE                                                                                                  \
	{                                                                                                              \
		.fd = -1                                                                                               \
	}

/**
 * Find and open it.  `wish` is an archive, or a directory: then the newest whole backup of this machine in it that may be one; for
 * a differential the full one that a chain begins with.  A copy or log backup, one in part, one of another host, one that is
 * damaged: VSS_INVALID (VSS_E_OBJECT_NOT_FOUND: none in the directory) with a sentence that says what to do.
 */
int vss_base_open(
	struct vss_base *b, const char *wish, enum vss_backup_type type, int spool_dirfd, struct vss_err *err);
void vss_base_close(struct vss_base *b);

#endif
