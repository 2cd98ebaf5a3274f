/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_BASE_H
#define VSS_REQUESTER_BASE_H

#include "archive/state.h"
#include "model/components.h"

#include <stdbool.h>

/**
 * What an incremental or differential backup builds on (B26, B41): an archive, and those that it builds on.
 */
struct vss_base {
	char *path; /* of the archive */
	int fd;
	struct vss_archive_reader *reader;
	struct vss_bcd *bcd;
	struct vss_archive_tree *tree; /* after _read */
	unsigned number;	       /* of this archive in its chain: 0, the full one */
	/* Writers that have a part in increments of the other kind on the same full backup, as far as these lie beside it:
	 * one that never mixes the two must be refused (B30). */
	struct vss_uuid *mixed;
	size_t nmixed, cmixed;
};
#define VSS_BASE_NONE                                                                                                  \
	{                                                                                                              \
		.fd = -1                                                                                               \
	}

/**
 * Find and open it.  `wish` is an archive, or a directory: then the newest whole backup of this machine in it that may be one; for
 * a differential the full one that a chain begins with.  A copy or log backup, one in part, one of another host, one that is
 * damaged, one whose chain is not whole: VSS_INVALID (VSS_E_OBJECT_NOT_FOUND: none in the directory) with a sentence that
 * says what to do.
 */
int vss_base_open(struct vss_base *b, const char *wish, enum vss_backup_type type, struct vss_err *err);
/** Read the state that it describes; `spool_dirfd` as for the writer, open as long as the base. */
int vss_base_read(struct vss_base *b, int spool_dirfd, struct vss_err *err);
void vss_base_close(struct vss_base *b);

/** What a backup on this base notes as the archives that it builds on. */
void vss_base_note_chain(const struct vss_base *b, struct vss_bcd *bcd);
/** The component as the base has it, or NULL. */
const struct vss_bcd_component *vss_base_component(
	const struct vss_base *b, const struct vss_uuid *writer, const char *logical_path, const char *name);
bool vss_base_is_mixed(const struct vss_base *b, const struct vss_uuid *writer);
/** The ID of the volume that `path` (absolute) lay on, as far as the base knows; or NULL. */
const char *vss_base_volume_of(const struct vss_base *b, const char *path);

#endif
