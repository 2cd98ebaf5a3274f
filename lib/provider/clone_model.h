/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_CLONE_MODEL_H
#define VSS_PROVIDER_CLONE_MODEL_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/**
 * What a copy in the making has: files by device and inode of their source, with the names that they have in the copy.  A name
 * hangs in a directory, or is set aside until the end of a pass because somebody else has taken its place.  Nothing here touches a
 * disk.  About 200 bytes for each file.
 */
struct vss_clone_dir;

/** By what a change is seen. */
struct vss_clone_sign {
	int64_t size, mtime_ns, ctime_ns;
};

struct vss_clone_inode {
	dev_t dev;
	ino_t ino;
	mode_t type;	/* S_IFREG ... */
	bool clean;	/* the copy is what the source was when it had this sign, and any later change shows */
	bool orphan;	/* its number has been given to another file */
	bool lost;	/* a stand-in */
	unsigned taken; /* the pass in which it was taken last */
	struct vss_clone_sign sign;
	struct vss_clone_name *names; /* none: it is not in the copy (yet) */
	struct vss_clone_dir *dir;    /* of a directory */
};

struct vss_clone_name {
	struct vss_clone_inode *parent; /* NULL: set aside, or not hung in yet */
	struct vss_clone_inode *inode;
	struct vss_clone_name *other; /* the next name of the same inode */
	uint64_t aside;		      /* number of its place while it is set aside */
	unsigned seen;		      /* the pass in which it was last found in the source */
	char text[];
};

struct vss_clone_dir {
	struct vss_clone_name **v; /* sorted by bytes */
	size_t n, cap;
};

struct vss_clone_model {
	struct vss_clone_inode **slots;
	size_t n, nslots; /* a power of two */
	struct vss_clone_inode *root;
};

void vss_clone_model_init(struct vss_clone_model *m, const struct stat *root);
void vss_clone_model_free(struct vss_clone_model *m);

struct vss_clone_inode *vss_clone_find(const struct vss_clone_model *m, dev_t dev, ino_t ino);
/** A new one, without names; it is not there yet. */
struct vss_clone_inode *vss_clone_add(struct vss_clone_model *m, dev_t dev, ino_t ino, mode_t mode);
/** The number of `old` has been given to another file: a new one in its place; the names of `old` stay its own. */
struct vss_clone_inode *vss_clone_replace(struct vss_clone_model *m, struct vss_clone_inode *old, mode_t mode);

void vss_clone_sign(struct vss_clone_sign *out, const struct stat *st);
bool vss_clone_same_sign(const struct vss_clone_sign *a, const struct vss_clone_sign *b);

/** The name `text` in the directory, or NULL. */
struct vss_clone_name *vss_clone_child(const struct vss_clone_inode *dir, const char *text);
/** A new name of `inode`, hung into `dir`, which has none like it. */
struct vss_clone_name *vss_clone_name(
	struct vss_clone_inode *dir, const char *text, struct vss_clone_inode *inode, unsigned seen);
/** Take it out of its directory; it goes on to be a name of its inode. */
void vss_clone_unhang(struct vss_clone_name *name);
/** Hang what was taken out into `dir` under the name `text`.  Returns what is to be used in place of `name` from now on. */
struct vss_clone_name *vss_clone_hang(
	struct vss_clone_name *name, struct vss_clone_inode *dir, const char *text, unsigned seen);
/** Forget a name (taken out of its directory here), and all below it where it is a directory. */
void vss_clone_forget_name(struct vss_clone_name *name);
/** Free the inodes that have no name. */
void vss_clone_purge(struct vss_clone_model *m);

/**
 * Where the name is: its path from the copy's root, or, when it or a directory above it is set aside, from there (true), with
 * the number of the place first.
 */
bool vss_clone_where(const struct vss_clone_name *name, struct vss_buf *path);

#endif
