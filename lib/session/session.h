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

/**
 * One operation of a requester (VSS's IVssBackupComponents): the calls carry the VSS names in C form and are allowed in the states that
 * the table in state.c says; a call at the wrong time fails with VSS_E_BAD_STATE and changes nothing.  One object serves one operation (M30).
 *
 *	backup:  new -> gather_writer_metadata -> add_component* -> start_snapshot_set -> add_to_snapshot_set* -> prepare_for_backup
 *		 -> do_snapshot_set -> (read the copies) -> set_backup_succeeded* -> backup_complete -> free
 *	restore: new_for_restore -> gather_writer_metadata -> set_selected_for_restore* -> pre_restore -> (restore files)
 *		 -> set_file_restore_status* -> post_restore -> free
 *
 * After any failed call from start_snapshot_set on, free (or abort_backup) leaves nothing frozen and nothing half-made.
 */
struct vss_session;

struct vss_session_options {
	uint32_t context;	   /* VSS_CTX_* | attributes (S1, S3) */
	enum vss_backup_type type; /* VSS_BT_* */
	const char *storage;	   /* for clone, or NULL */
	const char *note, *tag;
	bool hold;
	enum vss_grade min_component_grade, min_path_grade; /* the bar (design 3); VSS_GRADE_NONE: the defaults */
	bool no_writers;
	bool skip_failed_writers;	 /* leave a failed writer that nobody named out, instead of failing the set */
	bool (*writer_enabled)(void *ctx, const char *registration); /* W9; NULL: all */
	void *ctx;
	const char *scratch_dir; /* where writers put what goes into the archive; NULL: none */
};

struct vss_session *vss_session_new(const struct vss_session_options *o, struct vss_err *err);
void vss_session_free(struct vss_session *s); /* raises BackupShutdown, releases auto-release copies, ends writers */

int vss_session_gather_writer_metadata(struct vss_session *s, struct vss_err *err);
struct vss_writers *vss_session_writers(struct vss_session *s); /* NULL before gather or without writers */
/** Take a component explicitly (C9..C11: the caller has selected; a breach of the rules fails). `named`: the user asked for this writer by name. */
int vss_session_add_component(struct vss_session *s, struct vss_writer *w, const struct vss_component *c, bool named, struct vss_err *err);
/** Make a set of our own: takes the creation lock, waiting up to wait_ms: VSS_E_SNAPSHOT_SET_IN_PROGRESS (M25). */
int vss_session_start_snapshot_set(struct vss_session *s, int wait_ms, struct vss_err *err);
/**
 * S12: picks the provider (wish NULL: the best bid) and asks whether it can. At most 64 volumes (M22), each once (VSS_E_OBJECT_ALREADY_EXISTS). `v` is copied.
 * `only` (or NULL): the clean paths below the mount point that are needed, for providers that copy files. `plain`: plain paths of the user lie on it (the path bar applies).
 */
int vss_session_add_to_snapshot_set(struct vss_session *s, const struct vss_volume *v, const char *wish, const struct vss_strv *only, bool plain, struct vss_err *err);
int vss_session_prepare_for_backup(struct vss_session *s, struct vss_err *err);
/** Everything from PrepareForSnapshot to the saved set document (design 6).  On failure nothing is left. */
int vss_session_do_snapshot_set(struct vss_session *s, struct vss_err *err);
const struct vss_set *vss_session_set(const struct vss_session *s); /* after do_snapshot_set; also after a failure, for its ledger and writers */
struct vss_bcd *vss_session_bcd(struct vss_session *s);		    /* the components document; only the session edits it */
/** The directory to read a path of an original volume from: device path + rest (S34); the caller frees it; NULL when its volume is not in the set. */
char *vss_session_copy_path(const struct vss_session *s, const char *path);
/** Are all copies of the set still there?  (design 6, btrfs: a deleted copy reads as an empty tree.) */
int vss_session_check_copies(struct vss_session *s, struct vss_err *err);
int vss_session_set_backup_succeeded(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path, const char *name, bool ok, struct vss_err *err);
int vss_session_backup_complete(struct vss_session *s, struct vss_err *err);
/** W55..W57; idempotent. */
int vss_session_abort_backup(struct vss_session *s, struct vss_err *err);

/* Restore. */
struct vss_session *vss_session_new_for_restore(const struct vss_session_options *o, struct vss_bcd *stored /* owned from now on */, struct vss_err *err);
int vss_session_set_selected_for_restore(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path, const char *name, struct vss_err *err);
int vss_session_pre_restore(struct vss_session *s, struct vss_err *err);
int vss_session_set_file_restore_status(struct vss_session *s, const struct vss_uuid *writer, const char *logical_path, const char *name, enum vss_file_restore_status st, struct vss_err *err);
int vss_session_post_restore(struct vss_session *s, struct vss_err *err);

#endif
