/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_ROOM_H
#define VSS_TREE_ROOM_H

#include "base/str.h"

#include <stdbool.h>
#include <sys/types.h>

/**
 * Before something is put: is anything in its place, and could it be put there?  In the way are the flags of chattr(1), mounts, file
 * systems that are read-only, directories in the place of files.
 */
struct vss_room {
	bool there;	 /* something would be replaced */
	bool kept;	 /* a directory in the place of a directory: that counts as nothing there */
	bool busy;	 /* somebody has it open for writing; it would go on writing to what nobody sees any more */
	bool blocked;	 /* something that is no directory is where one above it must be */
	const char *why; /* why it cannot be replaced, or made: constant text; NULL: it can */
};

/** For an entry of this type at `path`, relative to `rootfd` as vss_put has it; -1: there is nothing at all yet. */
struct vss_room vss_look_at_room(int rootfd, const char *path, mode_t type);
/**
 * The same for entries that come one after the other, directories before what is in them: where a directory takes the place of
 * something else there is room for what is in it.  `replaced` keeps these directories.
 */
struct vss_room vss_look_at_room_in_turn(struct vss_strv *replaced, int rootfd, const char *path, mode_t type);

#endif
