/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_BACKUPS_H
#define VSS_FRONT_BACKUPS_H

#include "front/front.h"
#include "requester/requester.h"

#include <stdbool.h>
#include <stdint.h>

/** Is the archive whole, as far as a look at its end tells? */
bool vss_front_backup_is_good(const struct vss_backup_info *b);

/**
 * Archives as text, rows or JSON (list-backups(8)).  Fails with VSS_CORRUPT, printing nothing, when `path` itself
 * is a file that cannot be read as an archive; in a directory such a file is listed with its problem.
 */
int vss_front_backups(
	const struct vss_backup_infos *list, const char *path, const struct vss_front_list *how, struct vss_err *err);
/** Fails with VSS_ABSENT when no good one of the list is younger than `seconds`; `path` is for the message. */
int vss_front_backups_max_age(
	const struct vss_backup_infos *list, const char *path, uint64_t seconds, struct vss_err *err);
/** The files in an archive: a path a line, or JSON; of an increment those, too, that it leaves in what it builds on. */
int vss_front_members(const char *archive, bool json, struct vss_err *err);

struct vss_front_verify {
	bool json, chain;
	int progress; /* enum vss_progress_style */
};
/** Verify one archive, or all of its chain, and say how it is; each fault is named.  Fails with VSS_CORRUPT when there is one. */
int vss_front_verify(
	const char *archive, const struct vss_front_verify *how, const struct vss_args *args, struct vss_err *err);

#endif
