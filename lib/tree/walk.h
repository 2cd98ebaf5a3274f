/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_WALK_H
#define VSS_TREE_WALK_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/**
 * Walk a tree without following links, depth first, the entries of a directory in byte order, everything relative to held
 * descriptors (so paths may be of any length and a directory that is swapped for a link is not followed).
 * Memory: the names of the directories on the way down only, 4 bytes and its length for each.  Descriptors: at most 64, however deep.
 */
struct vss_walk_entry {
	int dirfd;	  /* the directory that holds it */
	const char *name; /* its name there ("." for the root itself) */
	const char *path; /* relative to the root of the walk, "" for the root itself; raw bytes */
	size_t path_len;
	const struct stat *st; /* lstat of it */
	int depth;	       /* 0 for the root */
};

enum vss_walk_verdict {
	VSS_WALK_ON = 0,
	VSS_WALK_SKIP = 1,  /* do not go into this directory */
	VSS_WALK_STOP = -1, /* *err is set */
};

struct vss_walk_ops {
	/** Each entry, directories before their content. */
	enum vss_walk_verdict (*visit)(void *ctx, const struct vss_walk_entry *e, struct vss_err *err);
	/**
	 * A directory after its content; `e->st` as at the visit.  Called for each directory whose visit said ON, also where its content
	 * could not be read or lies on another device.  Optional.
	 */
	enum vss_walk_verdict (*leave)(void *ctx, const struct vss_walk_entry *e, struct vss_err *err);
	/**
	 * Something that could not be looked at (unreadable directory, entry gone): `e->st` may be NULL, *err says why, without the path.
	 * ON and SKIP go on without it (the content of *err is then of no more use), STOP stops with the error, and its path in front.
	 * NULL: stop.
	 */
	enum vss_walk_verdict (*trouble)(void *ctx, const struct vss_walk_entry *e, struct vss_err *err);
	bool one_file_system; /* do not go into a directory on another device (it is visited) */
	bool skip_shadows;    /* leave out shadow storage at any level, see vss_is_shadow_storage */
};

/**
 * Walk below the directory `rootfd` (not closed, may be O_PATH); the root itself is visited first.  Entries may be removed by the call-backs.  -1 when a
 * call-back said STOP, when there is no `trouble` for something, or when a directory was moved away while it was being walked (VSS_BUSY).
 */
int vss_walk(int rootfd, const struct vss_walk_ops *ops, void *ctx, struct vss_err *err);

/** Is the directory entry one of ours: named ".vss-shadows", or ".vss-at-boot" where files wait for the next boot, of root or of us,
 * mode 0700, and holding our mark file ".vss"? */
bool vss_is_shadow_storage(int dirfd, const char *name);
#define VSS_SHADOW_STORAGE ".vss-shadows"
#define VSS_BOOT_STORAGE ".vss-at-boot"
#define VSS_SHADOW_MARK ".vss"

/**
 * Remove everything below `name` in `dirfd` and itself, never leaving the file system it is on nor following links.  Absent: 0.  Directories that
 * we own and cannot write are opened up.  After a failure the rest is still there.
 */
int vss_remove_tree(int dirfd, const char *name, struct vss_err *err);

#endif
