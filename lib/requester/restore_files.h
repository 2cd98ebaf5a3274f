/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_FILES_H
#define VSS_REQUESTER_RESTORE_FILES_H

#include "archive/reader.h"
#include "model/decide.h"
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
		struct vss_fileset files;    /* path resolved and owned here, the rest borrowed */
		struct vss_fileset as_given; /* as its writer has it; borrowed */
		size_t component;	     /* the caller's number for it; SIZE_MAX: its files are left out */
		char *alternate;	     /* where its writer's document would have it instead (R29); or NULL */
		char *moved;		     /* where the user wants it (R34); or NULL */
		bool elsewhere;		     /* it was decided that nothing of it goes to its own place now */
		bool matched;		     /* the archive holds something of it */
		bool ranges;		     /* a ranges file (B52): goes to its own place, over what is there */
		bool used;		     /* something of it was put at `alternate` */
	} * files;
	size_t nfiles, cfiles;
	bool leaves_out; /* there are some whose files are left out, unless a wish names these */
	bool components_only;
	bool ways; /* directories on the way, too, so that those that are missing come back as they were */
	/* Of a chain: is this the archive that the path comes from?  NULL: yes. */
	bool (*holds)(void *ctx, const char *path);
	void *ctx;
};
void vss_wanted_init(struct vss_wanted *w, const struct vss_strv *what);
void vss_wanted_clear(struct vss_wanted *w);
struct vss_wanted_files *vss_wanted_add_files(struct vss_wanted *w, const struct vss_fileset *f, size_t component);
/** Is the member wanted?  Notes which wishes matched. */
bool vss_wanted_takes(struct vss_wanted *w, const char *path, mode_t type);
/** With `ways`: is it a directory on the way to something that may be wanted, and not itself? */
bool vss_wanted_leads(const struct vss_wanted *w, const char *path, mode_t type);
/** vss_archive_want: one or the other. */
bool vss_wanted_selects(void *wanted, const char *path, mode_t type);
/** The file set that the path belongs to, or NULL: a plain path. */
struct vss_wanted_files *vss_wanted_files_of(const struct vss_wanted *w, const char *path, mode_t type);
/** Its component, or SIZE_MAX. */
size_t vss_wanted_component(const struct vss_wanted *w, const char *path, mode_t type);
/** A wish that nothing has matched, from `*from` on, which moves behind it; NULL when there is none. */
const char *vss_wanted_unmatched(const struct vss_wanted *w, size_t *from);

struct vss_chain;

struct vss_at_boot;
struct vss_moves;

/**
 * What was decided for a component set: all its files go to one kind of place, or none does (R17, R18).  Whoever decides fills
 * it in between the check and the run; in a chain it is the first image's.
 */
struct vss_place {
	struct vss_restore_decision decision;
	char *refusal;		   /* REFUSED: the whole sentence */
	struct vss_at_boot *stage; /* AT_BOOT */
	bool plain;		   /* its writer is not here: the user says what may be replaced */
	bool pending;		   /* not decided yet */
	bool spoilt;		   /* a file of it could not be put, in any image */
};

struct vss_placing {
	struct vss_archive_reader *reader;
	struct vss_chain *chain; /* what this archive has not another of it may have; NULL: it stands alone */
	size_t at;		 /* its number in the chain */
	struct vss_placing
		*frame; /* the last of a chain, whose directories are made before this one's files; or NULL */
	struct vss_wanted *wanted;
	int rootfd;		    /* -1: the target is not there (a dry run) */
	bool in_place;		    /* it is the root: members come back under their own paths */
	enum vss_existing existing; /* for plain paths */
	bool trusted;
	/* Asked once, when something comes up that only a trusted archive may give: the answer costs a frame.  Or NULL. */
	bool (*is_trusted)(void *trust);
	void *trust;
	vss_request_progress *progress;
	void *ctx;
	uint64_t total_files, total_bytes;
	/* By number of the component: */
	struct vss_place **places;
	const struct vss_bcd_component *
		*components;			  /* as their writers have left them at PreRestore: directed targets */
	bool *component_failed, *component_wrote; /* set here */
	struct vss_moves *moves;		  /* plain paths that go somewhere else; or NULL */
	const struct vss_wanted
		*guarded; /* files of writers that are here but are not asked to restore: refused (R57) */
	struct vss_restore_result *result;
};

/** Where a member goes, and what becomes of what is there: the one answer for the check, the dry run and the writing. */
struct vss_destination {
	char *path;			/* relative to the root, as if it were moved now; the caller frees it */
	struct vss_wanted_files *files; /* the file set of a component that it belongs to, or NULL */
	struct vss_place *place;	/* what was decided for that, or NULL: a plain path */
	enum vss_existing existing;
	bool in_ranges; /* it is to be written into other files (R37) */
};
/** `path` and type of a member or of the first name of a hard link; `size` as the archive has it. */
void vss_placing_destination(
	const struct vss_placing *p, const char *path, mode_t type, uint64_t size, struct vss_destination *out);

/**
 * Before the first write: may plain paths be put?  Something that must not be touched, or that belongs to a writer which is not
 * asked: -1.  Notes of which file sets the archive holds something; counts for the progress.  Seekable archives only.
 */
int vss_placing_check(struct vss_placing *p, struct vss_err *err);
/** What would happen to each member, counted in the result and told to `row`, unless that is NULL. */
int vss_placing_tell(struct vss_placing *p, vss_restore_row_fn *row, void *ctx, struct vss_err *err);
/**
 * Put everything that is wanted. What fails is named, counted and left out; -1 only when the rest cannot be
 * done either.
 */
int vss_placing_run(struct vss_placing *p, struct vss_err *err);

#endif
