/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SESSION_SESSION_INTERNAL_H
#define VSS_SESSION_SESSION_INTERNAL_H

#include "freeze/freeze.h"
#include "session/making_internal.h"
#include "session/session.h"
#include "session/topology.h"

/**
 * What the files of the session share.
 *
 *	state.c    which call is allowed when		create.c   do_snapshot_set: the order and its undo
 *	session.c  life					making.c   the providers' side of a set, phase by phase
 *	gather.c   writers and their components		worker.c   the thread that the phases run on
 *	volumes.c  the lock, the volumes, the copies	raise.c    events to writers, and the look at them afterwards
 *	phase.c	   main thread and worker together	window.c   freeze, commit, thaw
 *	backup.c   prepare, complete, abort		words_out.c  what events carry
 *	release.c  surfacing, saving, auto-release	words_in.c   what writers state
 *	restore.c  the restore events			grade.c    facts -> grades -> the bar
 *	wishes.c   what is asked of a restore		ledger.c   stamps
 *	lost.c	   what could not be copied		keep.c	   documents kept with a set that stays
 *	existing.c sets that are there already	recover.c  copies that writers change
 *	topology.c what volumes will be together	promise.c  that, decided and delivered
 *	hold.c	   writes held, and processes
 */

enum session_state {
	SESSION_NEW,
	SESSION_GATHERED,
	SESSION_STARTED,  /* the creation lock is held */
	SESSION_PREPARED, /* writers know */
	SESSION_CREATED,  /* the copies are there; the lock is free */
	SESSION_COMPLETED,
	SESSION_FAILED,
	SESSION_ABORTED,
	SESSION_RESTORE_NEW,
	SESSION_RESTORE_GATHERED,
	SESSION_PRE_RESTORED,
	SESSION_POST_RESTORED,
	SESSION_STATE_COUNT
};
enum session_call {
	CALL_GATHER_WRITER_METADATA,
	CALL_ADD_COMPONENT,
	CALL_START_SNAPSHOT_SET,
	CALL_ADD_TO_SNAPSHOT_SET,
	CALL_SET_PREVIOUS_BACKUP_STAMP,
	CALL_SET_BACKUP_OPTIONS,
	CALL_PREPARE_FOR_BACKUP,
	CALL_DO_SNAPSHOT_SET,
	CALL_CHECK_COPIES,
	CALL_SET_BACKUP_SUCCEEDED,
	CALL_BACKUP_COMPLETE,
	CALL_ABORT_BACKUP,
	CALL_SET_SELECTED_FOR_RESTORE,
	CALL_SET_RESTORE_TYPE,
	CALL_ADD_RESTORE_SUBCOMPONENT,
	CALL_SET_RESTORE_WISHES,
	CALL_ADD_NEW_TARGET,
	CALL_PRE_RESTORE,
	CALL_SET_RANGES_FILE_PATH,
	CALL_ADD_ALTERNATIVE_LOCATION_MAPPING,
	CALL_SET_FILE_RESTORE_STATUS,
	CALL_POST_RESTORE,
	CALL_COUNT
};

/** A writer that takes part.  parts[i] and set->writers[i] are the same writer. */
struct session_part {
	struct vss_writer *writer;
	bool named;		    /* the user asked for it by name */
	bool prepared;		    /* PrepareForBackup was raised: BackupShutdown is due (W33) */
	bool left_out;		    /* it failed and the set goes on without it */
	struct session_span *spans; /* for each of its components in the document: where its files are */
	size_t nspans;
};
struct session_span {
	bool *on;      /* for each volume of the set */
	char *outside; /* a directory of it that lies on no volume of the set, or NULL */
};
struct session_volume {
	struct vss_volume *volume;
	bool plain;
};

/* Writes held, from session_hold_start to session_hold_end. */
struct session_hold {
	struct vss_freeze *freezer; /* NULL: nothing is to be held */
	size_t *of, n;		    /* the freezer's volume i is of[i] of the set */
	int epfd;		    /* readable when a phase has ended, or the hold by itself */
	bool holds;		    /* from the first question until all is released */
	int64_t until;
};

struct vss_session {
	enum session_state state;
	struct vss_session_options o; /* its strings are ours */
	char *storage, *note, *tag, *scratch_dir;
	struct vss_strv cgroups;
	bool writerless; /* the context has no writers, or the user wants none */
	bool abandoned;	 /* auto-release copies are left to the next reap */

	struct vss_writers *writers;
	struct session_part *parts;
	size_t nparts, cparts;
	struct vss_bcd *bcd;
	struct vss_set *set;

	struct session_volume *volumes; /* the set's, in the order of set->shadows */
	size_t nvolumes, cvolumes;
	struct making *making;	  /* from start_snapshot_set until the set is made or lost */
	struct vss_topology topology; /* what the volumes will be together; its arrays are of the making */
	bool post_snapshot;	  /* PostSnapshot was raised: no Abort any more (W59) */
	int64_t freeze_asked;
	struct session_hold hold;
	bool stopped; /* the processes that write were frozen over all commits */
	bool existing;	       /* of copies that were there before: it only reads them */
	struct vss_uuid owner; /* of copies that go with this session, while ownerfd >= 0 */
	int ownerfd;
	struct vss_session_lost *lost; /* by path */
	size_t nlost, clost;
	int *claims; /* on the set's documents, likewise */
	size_t nclaims;
};

/* state.c */
/** Is the call allowed now?  VSS_E_BAD_STATE. */
int session_enter(const struct vss_session *s, enum session_call call, struct vss_err *err);
/** The bare question, for session_enter() and its test. */
bool session_allows(enum session_state state, bool writerless, enum session_call call);

/* ledger.c */
void session_stamp(struct vss_session *s, const char *kind, const char *name, const char *what, int64_t at);
/** What a provider that copies did in its last pass (provider.h), when it did something. */
void session_stamp_effort(struct vss_session *s, const struct vss_provider_volume *v);

/* raise.c */
/** A writer's name as people know it. */
const char *session_writer_name(const struct vss_writer *w);
/** The part that this writer plays, or NULL. */
struct session_part *session_part_of(struct vss_session *s, const struct vss_writer *w);
/** Raise an event to everyone who takes part, apply what they state, record how they stand. -1: VSS_INTERRUPTED. */
int session_raise(struct vss_session *s, struct vss_writers_event *e, struct vss_err *err);
/** Note states and errors of all that take part in the set. */
void session_record(struct vss_session *s);
/** Look at every writer after `event` (W51): leave out whom we may, else fail with VSS_GRADE, naming the first. */
int session_judge(struct vss_session *s, enum vss_event event, struct vss_err *err);
/** `writer "X": freeze: said so (VSS_E_...)`; returns -1. */
int session_blame(const struct vss_writer *w, enum vss_event event, enum vss_code code, struct vss_err *err);
bool session_writer_failed(const struct vss_writer *w);

/* words_out.c */
/** Argument lines of each event; ctx is the session. */
void session_arguments(enum vss_event event, struct vss_session *s, const struct vss_writer *w, struct vss_buf *out);

/* words_in.c */
/**
 * What the writer stated in its last answer, to `event`, goes into the components document and the set.  One that
 * cannot be accepted, of a component that does not take part for instance, fails the writer at that event, and nothing
 * behind it is taken.
 */
void session_take_statements(struct vss_session *s, enum vss_event event, const struct vss_writer *w);

/* gather.c */
/** The writer's record in the components document, or NULL. */
struct vss_bcd_writer *session_bcd_writer(const struct vss_session *s, const struct vss_writer *w);
/**
 * A component of the document by writer class, path and name (unique over all instances, C5):
 * VSS_E_OBJECT_NOT_FOUND.
 */
struct vss_bcd_component *session_find_component(const struct vss_session *s, const struct vss_uuid *writer,
	const char *logical_path, const char *name, struct vss_err *err);
struct session_part *session_add_part(struct vss_session *s, struct vss_writer *w);
/** The record of a writer that counts in this operation: at a restore the stored one (M10).  NULL: it has none. */
struct vss_bcd_writer *session_record_of(const struct vss_session *s, const struct vss_writer *w);

/* restore.c */
/** The stored record of a running writer, or NULL. */
struct vss_bcd_writer *session_stored_writer(const struct vss_session *s, const struct vss_metadata *m);
/** Whose record `c` of the document is; `id` is its writer's class. */
struct vss_bcd_writer *session_writer_of_component(
	const struct vss_session *s, const struct vss_uuid *id, const struct vss_bcd_component *c);

/* volumes.c */
/** Find out on which volumes of the set the files of each component lie; before anything is quiet. */
void session_find_spans(struct vss_session *s);
void session_span_clear(struct session_span *span);

/* backup.c */
/** Abort to all that take part and may still be told (W59); whoever cannot is named by vss_warn. */
void session_abort_writers(struct vss_session *s);

/* recover.c */
/** Whose copies must be writable until they are sealed, because writers recover in them. */
void session_decide_recovery(struct vss_session *s);

/* keep.c */
/** Keep with the set what a backup of it will need.  Documents that are too long for that are left out, and named. */
int session_keep_documents(struct vss_session *s, struct vss_err *err);

/* lost.c */
/** Keep the providers' lists beyond the making of the set. */
void session_keep_lost(struct vss_session *s);
void session_free_lost(struct vss_session *s);

/* phase.c */
/** Wait for `fd` with an eye on writers, clocks and interruptions; see vss_writers_wait(). */
enum vss_wait session_wait(struct vss_session *s, int fd, int64_t deadline, struct vss_writer **who);
/** A frozen writer was lost while `culprit` was at `what`. */
int session_lost_freeze(const struct vss_writer *w, const char *culprit, const char *what, struct vss_err *err);
/**
 * One phase of the providers, while this thread does nothing but watch the clocks.  After a failure the worker
 * may still be at it.
 */
int session_run_phase(struct vss_session *s, enum phase phase, int64_t deadline, struct vss_err *err);
/** Undo what the providers have begun.  A stuck one is left to itself: s->making is NULL then. */
void session_abort_providers(struct vss_session *s);

/* window.c */
int session_freeze_writers(struct vss_session *s, struct vss_err *err);
/** PreCommit, flush, Commit, PostCommit. */
int session_commit(struct vss_session *s, struct vss_err *err);
int session_thaw_writers(struct vss_session *s, struct vss_err *err);
/** The way out: whoever is frozen thaws now. */
void session_thaw_at_once(struct vss_session *s);

/* promise.c */
/** Which volumes are held, and what they will be together; the providers are told. */
void session_decide(struct vss_session *s);
/** After the last commit: is every group of volumes the one instant that it was promised to be? */
int session_check_delivered(const struct vss_session *s, struct vss_err *err);

/* hold.c */
/** Start the freezer, when there is something for it to do; while there is no other thread. */
int session_hold_start(struct vss_session *s, struct vss_err *err);
/** Stop the processes that the user named, flush, hold writes; in the window that ends at `end`. */
int session_hold_writes(struct vss_session *s, int64_t end, struct vss_err *err);
/** `end`, or when the hold ends before it. */
int64_t session_hold_until(const struct vss_session *s, int64_t end);
/** Let all go; VSS_E_HOLD_WRITES_TIMEOUT: it was let go before.  The volumes know then what was proved. */
int session_release_writes(struct vss_session *s, struct vss_err *err);
/** The freezer has spoken up while the providers are at `phase`: -1 when the hold is over. */
int session_hold_check(struct vss_session *s, enum phase phase, struct vss_err *err);
/** Let go whatever is held, end the freezer; nothing to do is fine. */
void session_hold_end(struct vss_session *s);

/* grade.c */
struct vss_instant_facts session_facts(const struct vss_session *s, size_t volume);
/** Grade every component and volume of the set that has been made. */
void session_grade(struct vss_session *s);
/** The component is not whole in the backup: it has no grade any more, nor gives it to its writer and the set. */
void session_take_grade(struct vss_session *s, struct vss_bcd_component *c);
/** Before anybody is asked to stand still: volumes whose copies cannot reach the bar whatever happens (VSS_GRADE). */
int session_check_promises(const struct vss_session *s, struct vss_err *err);
/** Is everything at or above the bar?  VSS_GRADE with the way out. */
int session_check_bars(const struct vss_session *s, struct vss_err *err);

/* release.c */
/** Make the copies readable at their device paths; take them away. */
int session_surface(struct vss_session *s, struct vss_err *err);
void session_unsurface(struct vss_session *s);
/** The set document into all its places. */
int session_save(struct vss_session *s, struct vss_err *err);
/** Remove the copies of a finished set and its document. */
void session_release_copies(struct vss_session *s);
/** Let go of the set's documents. */
void session_drop_claims(struct vss_session *s);

#endif
