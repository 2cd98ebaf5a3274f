/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_PUT_H
#define VSS_TREE_PUT_H

#include "base/err.h"
#include "tree/attr.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Put files into a tree, safe against hostile names and against whoever changes the tree meanwhile (facts:
 * how extractors got broken): everything is opened beneath one held root; a file is made without a name (or
 * under a temporary one), gets its content and attributes by descriptor and only then its name; directories
 * get theirs last, by the descriptor they were made with; hard links go only to what was put here. So a run
 * that is killed leaves no half-written file under a real name.
 *
 * Paths are relative, raw bytes.  Entries may come in any order; depth first is fastest and gives directories
 * their times. Results: 0 put; 1 left alone (VSS_PUT_SKIP, and the entry is there); -1 with *err.  After a
 * failure the next entry may be put; only VSS_NOSPACE and VSS_INTERRUPTED concern all that follow.
 */
enum vss_put_existing { VSS_PUT_REFUSE, VSS_PUT_SKIP, VSS_PUT_REPLACE, VSS_PUT_KEEP_BOTH };

struct vss_put_options {
	int rootfd;
	enum vss_put_existing existing; /* KEEP_BOTH: the new one becomes NAME.restored, NAME.restored-2 ... */
	/*
	 * VSS_APPLY_*.  Without VSS_APPLY_TRUSTED device nodes are refused (VSS_DENIED); an owner that is refused is
	 * counted and no failure: the data is worth more.
	 */
	unsigned apply;
};
struct vss_put;

struct vss_put *vss_put_new(const struct vss_put_options *o);
/** From now on entries that are there already are treated like this. */
void vss_put_set_existing(struct vss_put *p, enum vss_put_existing existing);
/** From now on with VSS_APPLY_TRUSTED; what was put before had nothing that needs it. */
void vss_put_trust(struct vss_put *p);
/**
 * Give the directories that are still open their attributes; VSS_PARTIAL when some, each named by
 * vss_complain, did not get them.  Then only sync and free.
 */
int vss_put_finish(struct vss_put *p, struct vss_err *err);
/** Write everything that was put to the disks that it lies on; after finish. */
int vss_put_sync(struct vss_put *p, struct vss_err *err);
void vss_put_free(struct vss_put *p);

/**
 * A regular file: open returns 0 with *fd to write the content to (at any offset), 1 when it is to be left
 * alone; then close (0: placed) or drop.
 */
int vss_put_open(struct vss_put *p, const char *path, int *fd, struct vss_err *err);
int vss_put_close(struct vss_put *p, const struct vss_attr *a, struct vss_err *err);
void vss_put_drop(struct vss_put *p);

/**
 * A directory (an existing one is kept and gets the attributes), a symbolic link, a FIFO or a device node, by
 * a->mode.
 */
int vss_put_entry(struct vss_put *p, const char *path, const struct vss_attr *a, struct vss_err *err);
/**
 * A directory that is not to be put, but leads to what is: made with these attributes where nothing is, else
 * left as it is.  Parents of which nothing was said are made with what the umask leaves of 0777.
 */
int vss_put_way(struct vss_put *p, const char *path, const struct vss_attr *a, struct vss_err *err);
/**
 * Another name of the file that was put at `target` (or, with KEEP_BOTH, beside it): VSS_DENIED when what
 * lies there was not put by us.
 */
int vss_put_link(struct vss_put *p, const char *path, const char *target, struct vss_err *err);

/** Files and directories that did not get the owner that VSS_APPLY_OWNER asks for. */
size_t vss_put_disowned(const struct vss_put *p);

#endif
