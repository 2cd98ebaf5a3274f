/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_PUT_INTERNAL_H
#define VSS_TREE_PUT_INTERNAL_H

#include "base/buf.h"
#include "tree/links.h"
#include "tree/put.h"

#include <sys/stat.h>

/* A directory on the way to where we are: its attributes are given when the way leads out of it. */
struct vss_put_dir {
	size_t len; /* of its path within `way` */
	int fd;	    /* -1: closed to spare descriptors, to be opened again and compared */
	dev_t dev;
	ino_t ino;
	bool fresh; /* made by this run: nothing of another lies in it */
	struct vss_attr attr; /* a copy of our own */
};

/* A file system that something was put on: below one root there may be several. */
struct vss_put_disk {
	dev_t dev;
	int fd; /* a directory of it, to sync it by */
};

struct vss_put {
	struct vss_put_options o;
	struct vss_put_disk *disks;
	size_t ndisks, cdisks;
	struct vss_buf way; /* path of the innermost directory */
	struct vss_put_dir *dirs;
	size_t ndirs, cdirs;
	struct vss_links *made; /* every file that was put, and every directory that was left */
	size_t disowned;	/* things whose owner could not be set */
	size_t unfinished;	/* directories whose attributes could not be given */
	/* the file in the making */
	int fd, parent;
	char *name;	   /* final, within parent */
	char *temp;	   /* temporary name, NULL: it has none (O_TMPFILE) */
	char *last_parent; /* path of the directory that `parent` is kept open for */
	bool late;	   /* that directory has been put and left: what is put now must not change its times */
	struct timespec late_times[2];
	int hold; /* that directory, locked because of temporary names in it, or -1 */
};

/** The attributes for what was put, by its descriptor. */
int vss_put_apply(struct vss_put *p, int fd, const struct vss_attr *a, struct vss_err *err);
/** Let go of the directory that `parent` is kept open for. */
void vss_put_forget_parent(struct vss_put *p);
/** Leave every directory that `path` does not lie in. */
void vss_put_leave(struct vss_put *p, const char *path);
/** The directory that holds `path`, made where missing, as a descriptor that stays ours; *base within `path`. */
int vss_put_parent(struct vss_put *p, const char *path, const char **base, struct vss_err *err);
/** Enter the directory `fd` at `path`; takes fd. */
int vss_put_enter(struct vss_put *p, const char *path, int fd, const struct vss_attr *a, struct vss_err *err);

/**
 * Give the nameless or temporarily named thing its name.  `from`: temporary name in parent, or NULL with
 * `fd`.  0, 1 left alone, -1.
 */
int vss_put_name(struct vss_put *p, int parent, int fd, const char *from, const char *base, struct vss_err *err);
/** The `n`th name (from 1) for what is kept beside `base`; the caller frees it. */
#define VSS_PUT_BESIDE_MAX 100
char *vss_put_beside(const char *base, unsigned n);
/** A fresh temporary name in p->parent; *name is freed first. */
void vss_put_temp_name(struct vss_put *p, char **name);
/** Remove the temporary names that dead runs have left in a directory. */
void vss_put_sweep(int dirfd);

#endif
