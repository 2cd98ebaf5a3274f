/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_COPY_H
#define VSS_TREE_COPY_H

#include "base/err.h"
#include "tree/attr.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** One piece of a file that holds data (everything between pieces is a hole). */
struct vss_extent {
	uint64_t at, len;
};
struct vss_extents {
	struct vss_extent *v;
	size_t n, cap;
};
void vss_extents_free(struct vss_extents *x);
/**
 * The data map by SEEK_DATA/SEEK_HOLE up to `size`, in order, without gaps of length 0; a file without holes is one piece, an empty one none.  The file's
 * offset is put back.  `max` pieces at most (1 or more): beyond that neighbours with the smallest holes between them are joined (holes lost, data never).
 * The caller calls vss_extents_free.
 */
int vss_extents_of(int fd, uint64_t size, size_t max, struct vss_extents *out, struct vss_err *err);

/**
 * Copy the first `size` bytes with their holes, then set the size; a reflink where both lie on one file system that can.  `out` is empty before, and
 * open for writing.  Fails with VSS_CORRUPT when `in` turns out shorter.  Offsets of both are undefined afterwards.
 */
int vss_copy_data(int in, int out, uint64_t size, struct vss_err *err);

struct vss_copy_report {
	uint64_t files;	  /* regular files copied, each hard-linked one once */
	uint64_t bytes;	  /* of data: holes do not count */
	uint64_t changed; /* with `check`: files and directories that changed meanwhile, torn or quiet later */
	uint64_t torn;	  /* of these: still changing at the last try; what the last try read was kept */
	uint64_t skipped; /* what could not be read, and `trouble` let pass */
	uint64_t lost;	  /* extended attributes that the destination does not take; each name is warned of once */
};
struct vss_copy_options {
	/** NULL: everything; else clean relative paths (files or whole directories): these and the directories above them. */
	const char *const *only;
	size_t nonly;
	/**
	 * Each file: open, stat, write out what is dirty (a store into a dirty mapped page changes no time), copy, stat; equal (dev, ino,
	 * size, mtime, ctime) or again, 3 times in all.  What vanishes meanwhile counts as changed.
	 */
	bool check;
	/** Without privilege: keep our own owner where the right one is refused, and pass over device nodes (else: failure). */
	bool owner_if_can;
	/** Called now and then (every entry and every 8 MiB); -1 stops.  Optional. */
	int (*poll)(void *ctx, struct vss_err *err);
	/**
	 * Something in the source could not be read (*err says why, without the path): 0 goes on without it, -1 stops with *err.  NULL: stop.
	 * A directory without its content is in the copy, empty.  `path` "" is the root, whose attributes could not be read; `type` is as in
	 * st_mode, 0: not known.  Failures to write always stop.
	 */
	int (*trouble)(void *ctx, const char *path, mode_t type, struct vss_err *err);
	void *ctx;
};

/**
 * Copy the tree below `srcfd` into the empty directory `dstfd` (which gets the attributes of the root): types, content, holes, owners, modes, xattrs, ACLs,
 * capabilities, times with nanoseconds, hard links among copied files.  Shadow storage is skipped, other file systems are empty directories.
 * No link is followed on either side.  *report counts while it goes on (poll may show it).  Not synced to disk.  After a failure what was
 * copied is still there; the caller removes it.  Fails with VSS_EXISTS where the destination is not empty.
 */
int vss_copy_tree(
	int srcfd, int dstfd, const struct vss_copy_options *o, struct vss_copy_report *report, struct vss_err *err);

/*
 * One file of a tree that is in use, for who keeps account of them himself.
 */

/** Open for reading without a trace in its times, where that may be asked for; no link is followed. */
int vss_copy_open(int dirfd, const char *name, struct vss_err *err);
/** Does the file system of `fd` write out dirty pages for sync_file_range(2)?  (lib/tree/NOTES) */
bool vss_copy_writes_alone(int fd);
/** Is it not to be dumped (chattr +d)? */
bool vss_copy_is_nodump(int dirfd, const char *name);
void vss_copy_set_nodump(int fd); /* where its file system knows that */

struct vss_copy_one {
	int dirfd; /* the source */
	const char *name;
	dev_t dev; /* what it must still be */
	ino_t ino;
	int out; /* empty, open for writing */
	bool writes_alone;
	int (*poll)(void *ctx, struct vss_err *err); /* as above */
	void *ctx;
};
enum vss_took {
	VSS_TOOK_WELL,
	VSS_TOOK_CHANGED, /* while it was copied; what was read is there */
	VSS_TOOK_GONE,	  /* or replaced */
	VSS_TOOK_TROUBLE, /* with the source; *err says why */
	VSS_TOOK_FATAL	  /* with the copy, or poll said so */
};
/**
 * The content of a regular file: stat (into *a, which the caller clears), write out what is dirty, copy, stat.  After WELL every later change shows
 * in the times of the file, unless those in *a are of the last two clock ticks.  *bytes counts data.
 */
enum vss_took vss_copy_one(const struct vss_copy_one *o, struct vss_attr *a, uint64_t *bytes, struct vss_err *err);

#endif
