/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_CLONE_INTERNAL_H
#define VSS_PROVIDER_CLONE_INTERNAL_H

#include "base/err.h"
#include "base/str.h"
#include "provider/clone_model.h"
#include "provider/provider.h"
#include "provider/store_internal.h"
#include "tree/attr.h"
#include "tree/copy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * The clone provider.
 *
 *	clone.c		what it offers, its storage, finished copies
 *	clone_set.c	the phases of a set
 *	clone_copy.c	the copy of one volume: how many passes, when, and what may be held
 *	clone_scan.c	a pass: walks the source, and tells what the copy has not
 *	clone_put.c	the other side: names and directories of the copy
 *	clone_file.c	content and attributes, from the source as it is read
 *	clone_gather.c	the last pass under a hold: keeps what it finds apart, and puts it into the copy later
 *	clone_spool.c	where it keeps content
 *	clone_model.c	what the copy has (pure)
 *	clone_room.c	what a copy takes;  clone_look.c  times;  clone_known.c  storage that no scan would find
 */

/** What a pass did. */
struct vss_clone_pass {
	uint64_t looked;  /* names in the source */
	uint64_t changed; /* of these: not as in the copy, or gone */
	uint64_t torn;	  /* changed while it was looked at: not in the copy as it is now */
	uint64_t bytes;	  /* of content taken */
	int64_t ns;	  /* in all */
	int64_t copy_ns;  /* of that, taking content */
};

/** Content kept apart (clone_spool.c): an unlinked file, in memory or in the storage. */
struct vss_clone_spool {
	int fd;
	uint64_t len, max;
};
struct vss_clone_piece {
	uint64_t at, len, where; /* in the file, in the spool */
};
struct vss_clone_pieces {
	struct vss_clone_piece *v;
	size_t n, cap;
};

enum vss_clone_what {
	VSS_CLONE_PUT,	/* the name is that inode now, and its content or attributes may be others */
	VSS_CLONE_LOSE, /* what has the name cannot be looked at */
	VSS_CLONE_GONE, /* there is no such name */
	VSS_CLONE_SEAL	/* the attributes of the directory `inode`, when all else in it is done */
};
/** Something that the copy has not as the source has it. */
struct vss_clone_change {
	enum vss_clone_what what;
	struct vss_clone_inode *dir, *inode;
	char *name;	  /* in `dir`; borrowed while it is told, owned once it is kept */
	const char *path; /* while it is told */
	struct stat st;
	bool differs; /* PUT: content and attributes are to be taken, not the name alone */
	/* Where the source is while it is told. */
	int dirfd;
	const char *source;
	/* What was taken of it, once it is kept. */
	bool kept;
	struct vss_attr a;
	bool nodump;
	struct vss_clone_pieces pieces;
};

/** A moment as file systems see it: their times come from a clock that stands still for a tick. */
struct vss_clone_moment {
	struct timespec at;
	int64_t tick_ns;
};

/** The copy of one volume in the making. */
struct vss_clone {
	const struct vss_provider_set *ps;
	struct vss_provider_volume *v;
	int from;  /* root of the source */
	int to;	   /* its place in the copy */
	int aside; /* directory of what is set aside */
	struct vss_strv chosen;
	bool honest;			/* times tell of changes here */
	bool writes_alone;		/* see vss_copy_writes_alone */
	bool memory;			/* what changes under the hold must be kept in memory */
	bool still, complete;		/* not held: the last pass found nothing; it is over */
	struct vss_clone_moment moment; /* before the file that is being copied was read */
	int64_t margin_ns; /* a change as recent as that, before a file was copied, may have gone on after */
	int64_t deadline;  /* monotonic; of the last pass */
	struct vss_clone_model model;
	unsigned pass; /* number of the one that goes on */
	struct vss_clone_pass report;
	int64_t all_ns; /* taking content, in all passes */
	uint64_t all_bytes;
	const struct vss_clone_inode *open_dir; /* the directory of the copy used last, open as: */
	int open_fd;
	struct vss_clone_name **asides; /* what has been set aside in this pass */
	size_t nasides, casides;
	uint64_t next_aside;
	/* The last pass under a hold. */
	struct vss_clone_spool spool;
	struct vss_clone_change *changes;
	size_t nchanges, cchanges;
	uint64_t changes_bytes; /* memory that they take, their content aside */
};

#define VSS_CLONE_ASIDE "aside" /* beside the copy while it is made */

/* clone.c */
extern const struct vss_store_kind vss_clone_store;

/* clone_set.c: see provider.h */
int vss_clone_begin_prepare(struct vss_provider_set *ps, struct vss_err *err);
int vss_clone_pre_commit(struct vss_provider_set *ps, struct vss_err *err);
int vss_clone_commit(struct vss_provider_set *ps, struct vss_err *err);
int vss_clone_post_commit(struct vss_provider_set *ps, struct vss_err *err);
int vss_clone_post_final_commit(struct vss_provider_set *ps, struct vss_err *err);
/** So that it is found again, where it is no volume's root. */
int vss_clone_remember_storage(const struct vss_provider_set *ps, const struct vss_store *st, struct vss_err *err);
/** What the phases have open. */
void vss_clones_free(struct vss_provider_set *ps);

/* clone_copy.c */

/** Open source and destination; the copy is made in the directory `shadow_dirfd`. */
struct vss_clone *vss_clone_new(
	const struct vss_provider_set *ps, struct vss_provider_volume *v, int shadow_dirfd, struct vss_err *err);
void vss_clone_free(struct vss_clone *c); /* NULL is fine */
/** While writers run: passes until little is left, or it does not get less. */
int vss_clone_approach(struct vss_clone *c, struct vss_err *err);
/** Held volumes: once more, and can the rest be taken within the hold?  Others: the last pass, when something else is held. */
int vss_clone_close_up(struct vss_clone *c, struct vss_err *err);
/** The last pass. */
int vss_clone_last(struct vss_clone *c, struct vss_err *err);
/** What was kept apart goes into the copy; the copy is complete. */
int vss_clone_finish(struct vss_clone *c, struct vss_err *err);

/* clone_scan.c */

typedef int vss_clone_tell(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err);
/** One pass over the source; what the copy has not is told, in an order in which it can be put.  Fills in c->report. */
int vss_clone_scan(struct vss_clone *c, vss_clone_tell *tell, struct vss_err *err);
/** Something of the source cannot be read (*err says why): 0 when the set accepts that; it is noted then. */
int vss_clone_lose(struct vss_clone *c, const char *path, mode_t type, struct vss_err *err);

/* clone_put.c */

/** Make the copy have it. */
int vss_clone_put(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err);
/** Remove what has been set aside and not been fetched again. */
int vss_clone_clear_aside(struct vss_clone *c, struct vss_err *err);
/** The directory of the copy, for *at() calls; open until the next call. */
int vss_clone_open_dir(struct vss_clone *c, const struct vss_clone_inode *dir, struct vss_err *err);

/* clone_file.c */

/** Content and attributes of x->inode, which has the name x->name in the directory `dirfd` of the copy.  1: it is gone. */
int vss_clone_fill(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err);
/** Make a link, a device ... under that name, or an empty file or directory.  1: it is gone. */
int vss_clone_make(struct vss_clone *c, struct vss_clone_change *x, int dirfd, struct vss_err *err);
/** The attributes of the directory x->inode of the copy. */
int vss_clone_seal(struct vss_clone *c, struct vss_clone_change *x, struct vss_err *err);

/* clone_gather.c */

vss_clone_tell vss_clone_gather;
/** Put all that was gathered into the copy. */
int vss_clone_replay(struct vss_clone *c, struct vss_err *err);
void vss_clone_drop_changes(struct vss_clone *c);

/* clone_spool.c */

/**
 * `storefd`: the storage, or -1: in memory, a quarter of what is available and at most VSS_CLONE_MEMORY_MAX.
 */
int vss_clone_spool_open(struct vss_clone_spool *s, int storefd, struct vss_err *err);
#define VSS_CLONE_MEMORY_MAX (UINT64_C(1) << 30)
/** Add `len` bytes of `fd` from `at`; VSS_NOSPACE when they do not fit, VSS_CORRUPT when `fd` ends before. */
int vss_clone_spool_add(
	struct vss_clone_spool *s, int fd, uint64_t at, uint64_t len, uint64_t *where, struct vss_err *err);
/** Write a piece to its place in `fd`. */
int vss_clone_spool_get(const struct vss_clone_spool *s, const struct vss_clone_piece *p, int fd, struct vss_err *err);
void vss_clone_spool_close(struct vss_clone_spool *s);
/** Bytes of memory that can be had without harm: what /proc/meminfo and our cgroup (v2) say. */
uint64_t vss_clone_memory(void);

/* clone_room.c */

/** Bytes that the copy of `v` will take in the storage `storefd`: none where blocks can be shared. */
int vss_clone_need(const struct vss_provider_volume *v, int storefd, uint64_t *bytes, struct vss_err *err);

/* clone_look.c */

/** Bytes that the files of the source take on disk: what is needed of it. */
int vss_clone_measure(int rootfd, const struct vss_provider_volume *v, uint64_t *bytes, struct vss_err *err);

void vss_clone_now(struct vss_clone_moment *m);
/**
 * Could a file with this change time have been changed at `m` or later?  Whole seconds are the time
 * of a coarse file system.
 */
bool vss_clone_is_later(const struct timespec *changed, const struct vss_clone_moment *m);
/** Wait until what has been changed up to now is told from what is changed next. */
void vss_clone_let_tick(void);

/* clone_known.c: <state>/storage holds a link to each storage place that is no volume's root. */
int vss_clone_remember(const char *place, struct vss_err *err);
void vss_clone_forget(const char *place);
int vss_clone_known(struct vss_strv *places, struct vss_err *err);

#endif
