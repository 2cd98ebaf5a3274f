/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_CHOICE_H
#define VSS_REQUESTER_CHOICE_H

#include "base/err.h"
#include "base/str.h"
#include "model/metadata.h"
#include "requester/exclude.h"
#include "writer/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * What one backup takes: plain paths and the file sets of the chosen components, less the excludes.  All
 * paths are those of the originals, absolute and clean; the shadow copy's paths never come in here (C38,
 * C40).
 */
struct vss_choice_component {
	const struct vss_writer *writer;
	const struct vss_component *component;
	size_t owner; /* index of the explicit component that stands for it (itself, or the set's top: D12) */
	bool failed;  /* a file of it could not be taken (W31) */
	bool shares;  /* it was told that another has a file of it, too (C35) */
};
struct vss_choice_files {
	size_t component;	  /* index of the component */
	struct vss_fileset files; /* paths resolved (Q21); strings owned here */
	/* its alternate path within the scratch directory of its writer: what is there is laid over the copies; or NULL */
	char *overlay;
	bool matched;
};
struct vss_choice_path {
	char *path;
	char *mount; /* the mount point that it lies below */
};
/* Files that a writer which owns nothing leaves out of what plain paths take. */
struct vss_choice_spared {
	const struct vss_writer *writer;
	struct vss_fileset files; /* path resolved; strings owned here */
};
/* Below this directory plain paths take nothing but `keep`, or nothing: it was seen in the copy that it says so. */
struct vss_choice_left {
	char *path;
	bool itself; /* it is left out, too */
	const char *keep;
};
struct vss_choice {
	enum vss_backup_type type;     /* file sets that are not for this one stay out (B34) */
	struct vss_choice_path *paths; /* plain paths, sorted by bytes, each once */
	size_t npaths, cpaths;
	struct vss_strv globs; /* the user's excludes: hold for plain paths */
	struct vss_strv never; /* never taken: the archive itself, storage, our state */
	struct vss_choice_component *components;
	size_t ncomponents, ccomponents;
	struct vss_choice_files *files;
	size_t nfiles, cfiles;
	struct vss_fileset *excludes; /* the writers': hold for everything (C39); strings owned here */
	size_t nexcludes, cexcludes;
	struct vss_choice_spared *spared; /* sorted by path */
	size_t nspared, cspared;
	struct vss_exclude_lists lists;	 /* the administrator's: hold for everything (C41) */
	bool leave_caches, leave_nodump; /* plain paths leave out what is marked as a cache, or not to be dumped */
	struct vss_choice_left *left;	 /* of these the last, and those above it: walks go depth first */
	size_t nleft, cleft;
};

void vss_choice_clear(struct vss_choice *c);

void vss_choice_add_path(struct vss_choice *c, const char *path, const char *mount);
/**
 * Add an exclude of the user.  Without a slash it is held against the last element of a path, with one in
 * front against the whole path, else against the end of it.  A slash behind it says nothing more.
 */
void vss_choice_add_glob(struct vss_choice *c, const char *glob);
/** Add a component with its file sets; `owner` as in the struct, SIZE_MAX: itself. Returns its index. */
size_t vss_choice_add_component(
	struct vss_choice *c, const struct vss_writer *w, const struct vss_component *comp, size_t owner);
/** Has the writer's file set a part in a backup of the choice's type, or of what stands for it with this writer? */
bool vss_choice_is_in_backup(const struct vss_choice *c, const struct vss_writer *w, const struct vss_fileset *f);
void vss_choice_add_excludes(struct vss_choice *c, const struct vss_metadata *m);

/**
 * Leave these files out of plain paths, never out of components; directories stay.  Of a path that the user named below the
 * directory of `f` nothing is left out.  The paths are all there.  False when one of them means all that would be left out.
 */
bool vss_choice_add_spared(struct vss_choice *c, const struct vss_writer *w, const struct vss_fileset *f);
/** Is the file left out for that? */
bool vss_choice_spares(const struct vss_choice *c, const char *path);
void vss_choice_clear_spared(struct vss_choice *c);

/** Is the file on a list of the administrator's?  Of plain paths: unless it is meant, being named below the list's directory. */
bool vss_choice_is_listed(struct vss_choice *c, const char *path, bool plain);
/** The entry says that it is not to be taken by plain paths.  One that the user named is meant. */
void vss_choice_leave(struct vss_choice *c, const char *path, bool itself, const char *keep);
bool vss_choice_is_left(const struct vss_choice *c, const char *path);
void vss_choice_clear_left(struct vss_choice *c);

/** Where an entry lies: the mount point above it, and whether a plain path takes in what is mounted there. */
struct vss_choice_place {
	const char *mount;
	bool plain;
};
/**
 * Do plain paths take what is at `path`?  No when one of the user's excludes takes out it or a directory on
 * the way to it.
 */
bool vss_choice_is_plain(const struct vss_choice *c, const char *path, struct vss_choice_place at);
bool vss_choice_is_excluded(const struct vss_choice *c, const char *path);

enum { VSS_TAKE = 1, VSS_DESCEND = 2 };
/**
 * What to do with the entry at `path` (absolute, clean): VSS_TAKE it, VSS_DESCEND into it, both or none.
 * Notes which file sets matched.
 */
unsigned vss_choice_asks(struct vss_choice *c, const char *path, mode_t type, struct vss_choice_place at);
/**
 * The same for an entry that is read from the alternate path of this one file set (C36); `path` as if it lay
 * at the set's own.
 */
unsigned vss_choice_asks_alternate(struct vss_choice *c, struct vss_choice_files *f, const char *path, mode_t type);
/** Does the file set take the directory `path`: as its root, or in its hierarchy (C32: empty ones are kept too)? */
bool vss_fileset_takes_directory(const struct vss_fileset *f, const char *path);
/** What to do with the entry that one of the overlays has for `path`; the excludes of writers do not hold there. */
unsigned vss_choice_asks_overlay(struct vss_choice *c, struct vss_choice_files *f, const char *path, mode_t type);
/**
 * The entry at `path` could not be taken: the components it belongs to have failed.  `type` 0: nobody knows
 * what it is.
 */
void vss_choice_failed(struct vss_choice *c, const char *path, mode_t type);
/**
 * File sets that name one file which was not there (C33) fail their component; each is reported by
 * vss_complain. Returns how many.  Wildcards other than `*` that matched nothing are told, and warned of where all of a component did not.
 */
size_t vss_choice_missing(struct vss_choice *c);

/** `path` with all links resolved, for a path whose last elements need not exist; the caller frees it. */
char *vss_choice_real_path(const char *path);

#endif
