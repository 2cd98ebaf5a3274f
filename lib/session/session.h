/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SESSION_SESSION_H
#define VSS_SESSION_SESSION_H

#include "base/err.h"
#include "base/str.h"
#include "model/components.h"
#include "model/set.h"
#include "os/volume.h"
#include "writer/host.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * One operation of a requester (VSS's IVssBackupComponents).  The calls carry the VSS names in C form and are
 * allowed in the states that the table in state.c says; a call at the wrong time fails with VSS_E_BAD_STATE and
 * changes nothing. One object serves one operation (M30).
 *
 *	backup:  new -> gather_writer_metadata -> add_component* -> start_snapshot_set -> add_to_snapshot_set*
 *		 -> prepare_for_backup -> do_snapshot_set -> (read the copies) -> set_backup_succeeded*
 *		 -> backup_complete -> free
 *	restore: new_for_restore -> gather_writer_metadata -> set_selected_for_restore* -> (wishes, targets, subcomponents)
 *		 -> pre_restore -> (restore files) -> add_alternative_location_mapping* -> set_file_restore_status*
 *		 -> post_restore -> free
 *
 * In a context without writers gather_writer_metadata and prepare_for_backup may be left out.
 *
 * After any failed call from start_snapshot_set on, free (or abort_backup) leaves nothing frozen and nothing
 * half-made. A writer that fails ends the operation with VSS_GRADE, unless it may be left out: then its
 * components stay in the document with their `failure` set and no grade, its vss_writer takes no part any more,
 * and the set's record of it says why.
 *
 * Unless said otherwise: strings are borrowed for the call; 0 or -1 is returned and *err says why.  One thread.
 */
struct vss_session;

struct vss_session_options {
	uint32_t context;	   /* VSS_CTX_* | attributes (S1, S3) */
	enum vss_backup_type type; /* VSS_BT_* */
	const char *storage;	   /* for clone, or NULL */
	uint64_t storage_size;	   /* for lvm's thick copies: bytes; 0: not said */
	unsigned storage_percent;  /* the same in percent of the volume */
	const char *note, *tag;
	bool hold;
	/* Directories of cgroup v2 with the processes that write, by the user's word: frozen over the commits.  Or NULL. */
	const struct vss_strv *hold_cgroups;
	int hold_ms; /* how long writes are held at most; 0: 10 s */
	/* The bar; VSS_GRADE_NONE: recoverable and crash. */
	enum vss_grade min_component_grade, min_path_grade;
	bool no_writers;
	bool partial_files; /* the requester archives ranges of files (B48); else a writer that names some fails */
	/* What cannot be read may be missing from copies: vss_session_lost knows it.  Else it fails the set. */
	bool accept_lost;
	bool skip_failed_writers; /* leave a failed writer that nobody named out, instead of failing the set */
	bool (*writer_enabled)(void *ctx, const char *registration); /* W9; NULL: all */
	void *ctx;
	bool only_ask;		 /* nothing will be made: not even that a writer failed to answer is kept */
	const char *scratch_dir; /* where writers put what goes into the archive; NULL: none */
};

/**
 * An operation on copies that are there already: a set that was made earlier, or one whose devices are the volumes
 * themselves.  No writer hears of it and nothing is released at its end.  What can be done: ask for paths, check_copies,
 * set_backup_succeeded.  `set` is copied, `bcd` is owned from now on.
 */
struct vss_session *vss_session_new_for_set(const struct vss_set *set, struct vss_bcd *bcd);

/** VSS_E_UNSUPPORTED_CONTEXT for attributes that a requester may not set, or that do not go together. */
struct vss_session *vss_session_new(const struct vss_session_options *o, struct vss_err *err);
/**
 * Raises BackupShutdown to whoever was prepared (W33), keeps the writers' last states, ends the writers,
 * releases auto-release copies.  NULL is fine.
 */
void vss_session_free(struct vss_session *s);

/** Documents of its set were written anew, as copies of it were deleted: claim them, so that they stay its own in everybody's eyes. */
void vss_session_claim_again(struct vss_session *s);
/** Copies that would be released when it is freed stay, as those of a session that died: somebody has them open. */
void vss_session_abandon(struct vss_session *s);

/**
 * Start the writers and ask who they are.  Each one's failure stands in its vss_writer; the call fails only
 * when nothing can work.
 */
int vss_session_gather_writer_metadata(struct vss_session *s, struct vss_err *err);
struct vss_writers *vss_session_writers(struct vss_session *s); /* NULL before gather or without writers */
/**
 * Take a component explicitly.  The caller has selected (C9, C10); a component that may not be explicit is
 * refused with VSS_INVALID or VSS_E_OBJECT_ALREADY_EXISTS, one that the writer has not with
 * VSS_E_OBJECT_NOT_FOUND. `named`: the user asked for this writer by name, so it is never left out.
 */
int vss_session_add_component(
	struct vss_session *s, struct vss_writer *w, const struct vss_component *c, bool named, struct vss_err *err);
/**
 * Take the creation lock, waiting up to wait_ms: VSS_E_SNAPSHOT_SET_IN_PROGRESS (M25).  It is held until
 * do_snapshot_set returns.
 */
int vss_session_start_snapshot_set(struct vss_session *s, int wait_ms, struct vss_err *err);
/**
 * S12: picks the provider (wish NULL: the best bid) and asks whether it can.  At most 64 volumes (M22), each
 * once (VSS_E_OBJECT_ALREADY_EXISTS).  `v` is copied.
 * @only   the clean paths below the mount point that are needed, for providers that copy files; NULL: all.
 * @plain  plain paths of the user lie on it: the path bar applies.
 */
int vss_session_add_to_snapshot_set(struct vss_session *s, const struct vss_volume *v, const char *wish,
	const struct vss_strv *only, bool plain, struct vss_err *err);
/** For an explicit component, before prepare_for_backup (B12, B40, B57).  NULL takes it back. */
int vss_session_set_previous_backup_stamp(struct vss_session *s, const struct vss_uuid *writer,
	const char *logical_path, const char *name, const char *stamp, struct vss_err *err);
int vss_session_set_backup_options(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const char *options, struct vss_err *err);
int vss_session_prepare_for_backup(struct vss_session *s, struct vss_err *err);
/**
 * Everything from BeginPrepare to the saved set document (design 6).  On failure nothing is left and nobody is
 * frozen.  VSS_GRADE: a writer or the bar; VSS_TIMEOUT: a clock ran out; VSS_E_FLUSH_WRITES_TIMEOUT;
 * VSS_INTERRUPTED; a provider's code.
 */
int vss_session_do_snapshot_set(struct vss_session *s, struct vss_err *err);
/**
 * The set: from start_snapshot_set on, also after a failure, for its ledger and writers; NULL before.  Lives as
 * long as the session.
 */
const struct vss_set *vss_session_set(const struct vss_session *s);
/** The components document; only the session edits its components. */
struct vss_bcd *vss_session_bcd(struct vss_session *s);
/**
 * Where `path` (clean, of an original volume) is read from: device path and rest (S34); the caller frees it;
 * NULL when its volume is not in the set.
 */
char *vss_session_copy_path(const struct vss_session *s, const char *path);
/** Has the copy of what is at `path` the inode numbers and change times of the original (so that a later backup can compare)? */
bool vss_session_keeps_identity(const struct vss_session *s, const char *path);
/** Something that could not be read: an empty file, or a directory without its content, stands in its place in the copy. */
struct vss_session_lost {
	char *path;  /* on the original volume, absolute; raw bytes */
	mode_t type; /* S_IFREG ...; 0: not known */
	char *why;   /* without the path */
};
/**
 * Is what stands in the copy of `path` (absolute, by the mount points of the session's volumes) only such a stand-in?
 * NULL: no, the copy has what was there.  Lives as long as the session.
 */
const struct vss_session_lost *vss_session_lost(const struct vss_session *s, const char *path);
/** Are all copies of the set still there?  VSS_E_OBJECT_NOT_FOUND (a deleted btrfs copy reads as an empty tree). */
int vss_session_check_copies(struct vss_session *s, struct vss_err *err);
/**
 * For an explicit component (B19); a component that nobody spoke for has not succeeded.  One that is not `ok` loses
 * its grade, in the document and for its writer and the set.
 */
int vss_session_set_backup_succeeded(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, bool ok, struct vss_err *err);
/** VSS_PARTIAL: the backup stands, but a writer failed to complete it; each is named. */
int vss_session_backup_complete(struct vss_session *s, struct vss_err *err);
/** W55..W57; idempotent.  Copies that were made are removed, persistent ones too. */
int vss_session_abort_backup(struct vss_session *s, struct vss_err *err);

/**
 * `stored` is owned from now on, also by a session that is never used further; not when NULL is returned.  What a restore
 * before has noted in it is forgotten.
 */
struct vss_session *vss_session_new_for_restore(
	const struct vss_session_options *o, struct vss_bcd *stored, struct vss_err *err);
/** VSS_E_OBJECT_NOT_FOUND when the document has no such component, or its writer does not run (R6). */
int vss_session_set_selected_for_restore(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, struct vss_err *err);
/* Before pre_restore, for a component that is selected (R7); one that is not is VSS_E_OBJECT_NOT_FOUND.  What needs a schema
 * bit that the writer had not at backup is VSS_UNSUPPORTED (R34, R45). */
/**
 * A subcomponent that was implicit at backup (C15, C16), listed under its explicit ancestor: VSS_INVALID when that is none,
 * VSS_E_OBJECT_ALREADY_EXISTS for the second time.
 */
int vss_session_add_restore_subcomponent(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const char *sub_logical_path, const char *sub_name, struct vss_err *err);
struct vss_session_restore_wishes { /* NULL, false and UNDEFINED: nothing said */
	const char *options;	    /* checked by vss_restore_options_parse */
	bool additional_restores, authoritative;
	enum vss_rollforward rollforward;
	const char *rollforward_point, *restore_name; /* the point with VSS_RF_PARTIAL, and only there */
};
/** All at once, each component once (R42): VSS_E_OBJECT_ALREADY_EXISTS. */
int vss_session_set_restore_wishes(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const struct vss_session_restore_wishes *wishes, struct vss_err *err);
/** From new_for_restore to pre_restore (R46). */
int vss_session_set_restore_type(struct vss_session *s, enum vss_restore_type type, struct vss_err *err);
/**
 * `from` equals one of the file sets of the component or its set (D15): the caller has seen to it, the document has no file
 * sets (D2).  VSS_INVALID when `to` is not absolute and clean, VSS_E_OBJECT_ALREADY_EXISTS for a second target.
 */
int vss_session_add_new_target(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, const struct vss_fileset *from, const char *to, struct vss_err *err);
/* Between pre_restore and post_restore: */
/** Where the ranges file of `partials[partial]` was restored to, when not to its own place (R40). */
int vss_session_set_ranges_file_path(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, size_t partial, const char *path, struct vss_err *err);
/** Where its files went instead (R32). */
int vss_session_add_alternative_location_mapping(struct vss_session *s, const struct vss_uuid *writer,
	const char *logical_path, const char *name, const struct vss_fileset *from, const char *to,
	struct vss_err *err);
/**
 * VSS_GRADE when a writer failed: the message names the first, every selected component of those that failed
 * has its `failure` set.  The caller may go on with the others; whatever it does, post_restore is what ends a
 * restore (R15).
 */
int vss_session_pre_restore(struct vss_session *s, struct vss_err *err);
int vss_session_set_file_restore_status(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path,
	const char *name, enum vss_file_restore_status st, struct vss_err *err);
/** This writer will not hear of PostRestore: it wants it only after a failure (R24). */
int vss_session_spare_post_restore(struct vss_session *s, const struct vss_uuid *writer, struct vss_err *err);
/** VSS_PARTIAL when a writer failed, as above. */
int vss_session_post_restore(struct vss_session *s, struct vss_err *err);

#endif
