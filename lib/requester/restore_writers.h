/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_WRITERS_H
#define VSS_REQUESTER_RESTORE_WRITERS_H

#include "archive/reader.h"
#include "model/components.h"
#include "requester/mapping.h"
#include "requester/requester.h"
#include "requester/restore_files.h"
#include "requester/restore_services.h"
#include "session/session.h"

#include <stdbool.h>

/**
 * The writers' part of a restore in place: which components come back, with their writers' help.
 *
 *	restore_choose.c    which components
 *	restore_wishes.c    what their writers are told beforehand
 *	restore_writers.c   what can be refused before anybody is asked
 *	restore_trust.c	    what of an archive that anybody could have made is believed
 *	restore_events.c    the events, and what is done around them
 *	restore_services.c  services that are stopped meanwhile
 *	decided.c	    where the files of each component set go
 */
struct vss_returning { /* one component of the components document: it stands for its set (D12) */
	const struct vss_bcd_writer *writer;
	const struct vss_bcd_component *component;
	const struct vss_metadata *metadata; /* as it was stored with the backup (C19) */
	size_t index;			     /* of the component in it */
	bool present;			     /* its writer runs here */
	bool chosen;			     /* some of it is restored with its writer's rules */
	bool hears;			     /* the writer is told: PreRestore (R23) */
	char *told;			     /* the last thing that its writer had to say, and that was said */
};
/** The stored document of one writer, and what of it was chosen (model/restore_select.h). */
struct vss_stored {
	const struct vss_bcd_writer *writer;
	struct vss_metadata *metadata;
	char *registration; /* under which it was known then */
	bool present;
	bool *wanted, *spared; /* by component of the document; spared: --exclude-writer */
	unsigned char *how;
	size_t *owner;
};
struct vss_comeback {
	bool more;		     /* archives of a chain come after this one (R49); set by the caller */
	struct vss_session *session; /* NULL: the archive holds no component */
	struct vss_stored *stored;
	size_t nstored;
	struct vss_returning *v;
	size_t n, cap;
	/* By index into v: */
	struct vss_place *own, **places; /* what was decided for it here, or by the first image of a chain */
	const struct vss_bcd_component **live;
	bool *failed, *wrote;
	struct vss_wanted guarded;
	struct vss_services around, after; /* stopped around the files; stopped and started after PostRestore */
	bool raised;			   /* PreRestore was: PostRestore is owed */
};

/**
 * Read the stored documents, ask who is here, choose: with names those writers, else all unless paths were given.  Takes `bcd`.
 * A document that is missing, and a component that is not in its writer's, end it (D3).
 */
int vss_comeback_new(struct vss_comeback *c, struct vss_archive_reader *r, struct vss_bcd *bcd,
	const struct vss_restore_request *q, struct vss_wanted *wanted, struct vss_err *err);
/** The choice (restore_choose.c): fills in v, `wanted` and c->guarded. */
int vss_comeback_choose(
	struct vss_comeback *c, const struct vss_restore_request *q, struct vss_wanted *wanted, struct vss_err *err);
/** Is the writer meant by this word: its name, registration or ID? */
bool vss_stored_is(const struct vss_stored *s, const char *word);

/** What the writer of the archive says of itself here, or NULL when it is not here. */
const struct vss_metadata *vss_comeback_running(struct vss_session *s, const struct vss_bcd_writer *w);

/** Where file sets go that do not go back: alternate locations (R29) and new targets, which only some writers can have (R34). */
int vss_comeback_map(struct vss_comeback *c, struct vss_moves *moves, struct vss_wanted *wanted, struct vss_err *err);
/**
 * Of an archive that others follow: components of which nothing comes from it are not restored with it.  A writer that heard of
 * them now would look for its files.
 */
void vss_comeback_leave(struct vss_comeback *c, const struct vss_wanted *wanted);
/**
 * Before anybody is asked: the methods that nobody can follow and services that are not there are refused; the session gets what
 * was selected and wished for.
 */
int vss_comeback_check(struct vss_comeback *c, const struct vss_restore_request *q, const struct vss_wanted *wanted,
	struct vss_err *err);
/**
 * Of an archive that is not trusted: do the writers here name the same files, alternate locations, methods and services?  Else
 * VSS_DENIED: its documents could send files, and stop services, wherever they like.
 */
int vss_comeback_trust(const struct vss_comeback *c, const struct vss_wanted *wanted, struct vss_err *err);
/** The requester's words to writers, each checked against what its writer can have (restore_wishes.c). */
int vss_comeback_wish(struct vss_comeback *c, const struct vss_restore_request *q, struct vss_err *err);
/** In a dry run: which writers would be asked. */
void vss_comeback_tell(const struct vss_comeback *c);
/** PreRestore: a writer that refuses ends it, and its files stay as they are.  Then services are stopped that must be. */
int vss_comeback_begin(struct vss_comeback *c, struct vss_err *err);
/** Alternate locations that were used (R32). */
int vss_comeback_record(struct vss_comeback *c, const struct vss_wanted *wanted, struct vss_err *err);
/**
 * Services run again; the file restore status of each component, then PostRestore (also after a failure: R15, R60); services that
 * are to be started anew are.  `rc` and *err: how it went until now; what goes wrong here besides does not hide that.
 */
int vss_comeback_end(struct vss_comeback *c, int rc, struct vss_err *err);
void vss_comeback_clear(struct vss_comeback *c);

#endif
