/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_FILES_H
#define VSS_REQUESTER_RESTORE_FILES_H

#include "archive/reader.h"
#include "requester/requester.h"

#include <stdbool.h>

/**
 * The files' part of a restore: which members are wanted, whether they may be put, putting them.
 */
struct vss_wish {
	char *path; /* a path or glob of the user, clean, without a leading slash; "." is the root */
	bool matched;
};
struct vss_wanted {
	struct vss_wish *wishes; /* none: everything */
	size_t nwishes, cwishes;
	/* file sets of the components to restore: with them only what they take is wanted (and what the wishes add) */
	struct vss_wanted_files {
		struct vss_fileset files; /* path resolved and owned here, the rest borrowed */
		size_t component;	  /* the caller's number for it */
	} * files;
	size_t nfiles, cfiles;
	bool components_only;
	bool ways; /* directories on the way, too, so that those that are missing come back as they were */
	/* Of a chain: is this the archive that the path comes from?  NULL: yes. */
	bool (*holds)(void *ctx, const char *path);
	void *ctx;
};
void vss_wanted_init(struct vss_wanted *w, const struct vss_strv *what);
void vss_wanted_clear(struct vss_wanted *w);
void vss_wanted_add_files(struct vss_wanted *w, const struct vss_fileset *f, size_t component);
/** Is the member wanted?  Notes which wishes matched. */
bool vss_wanted_takes(struct vss_wanted *w, const char *path, mode_t type);
/** With `ways`: is it a directory on the way to something that may be wanted, and not itself? */
bool vss_wanted_leads(const struct vss_wanted *w, const char *path, mode_t type);
/** vss_archive_want: one or the other. */
bool vss_wanted_selects(void *wanted, const char *path, mode_t type);
/** The component that the path belongs to, or SIZE_MAX: a plain path. */
size_t vss_wanted_component(const struct vss_wanted *w, const char *path, mode_t type);
/** A wish that nothing has matched, from `*from` on, which moves behind it; NULL when there is none. */
const char *vss_wanted_unmatched(const struct vss_wanted *w, size_t *from);

struct vss_placing {
	struct vss_archive_reader *reader;
	struct vss_wanted *wanted;
	int rootfd;		    /* -1: the target is not there (a dry run) */
	enum vss_existing existing; /* for plain paths; files of components take the place of what is there */
	bool trusted;
	/* Asked once, when something comes up that only a trusted archive may give: the answer costs a frame.  Or NULL. */
	bool (*is_trusted)(void *trust);
	void *trust;
	vss_request_progress *progress;
	void *ctx;
	uint64_t total_files, total_bytes;
	bool *component_failed; /* by number, set here */
	const struct vss_wanted
		*guarded; /* files of writers that are here but are not asked to restore: refused (R57) */
	const bool *component_if_not_there; /* by number: its files must not be there (R16, method 1) */
	const bool
		*component_makes_room; /* by number: its writer may set aside what is there, before the first write */
	struct vss_restore_result *result;
};
/**
 * Before the first write: is all there that was asked for, and does anything exist already that must not be
 * touched?  What a writer makes room for is not looked at yet.  Also counts for the progress. Seekable archives only.
 */
int vss_placing_check(struct vss_placing *p, struct vss_err *err);
/** After the writers were asked: is there room for the components that they make it for? */
int vss_placing_check_room(struct vss_placing *p, struct vss_err *err);
/**
 * Put everything that is wanted. What fails is named, counted and left out; -1 only when the rest cannot be
 * done either.
 */
int vss_placing_run(struct vss_placing *p, struct vss_err *err);

#endif
