/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_WRITERS_H
#define VSS_REQUESTER_RESTORE_WRITERS_H

#include "archive/reader.h"
#include "model/components.h"
#include "requester/requester.h"
#include "requester/restore_files.h"
#include "session/session.h"

#include <stdbool.h>

/**
 * The writers' part of a restore in place: which components come back, with their writers' help.
 */
struct vss_returning { /* one component of the stored document */
	const struct vss_bcd_writer *writer;
	const struct vss_bcd_component *component;
	bool present; /* its writer runs here */
	bool chosen;
};
struct vss_comeback {
	struct vss_session *session;	/* NULL: the archive holds no component */
	struct vss_metadata **metadata; /* stored documents, one per writer of the document */
	char **registrations;		/* under which each was known then */
	size_t nmetadata;
	struct vss_returning *v;
	size_t n, cap;
	bool *failed, *if_not_there, *makes_room; /* by index into v */
	struct vss_wanted guarded;
	bool raised; /* PreRestore was: PostRestore is owed */
};

/**
 * Read the stored documents, ask who is here, choose: with names those writers, else all unless paths were
 * given. Takes `bcd`.
 */
int vss_comeback_new(struct vss_comeback *c, struct vss_archive_reader *r, struct vss_bcd *bcd,
	const struct vss_restore_request *q, struct vss_wanted *wanted, struct vss_err *err);
/** The methods of those that were chosen: one that cannot be followed fails here, before anybody was asked. */
int vss_comeback_check(struct vss_comeback *c, struct vss_err *err);
/** PreRestore: a writer that refuses ends it, and its files stay as they are. */
int vss_comeback_begin(struct vss_comeback *c, struct vss_err *err);
/**
 * The file restore status of each, then PostRestore (also after a failure: R15, R60). `touched`: files may
 * have been written.
 */
int vss_comeback_end(struct vss_comeback *c, bool ok, bool touched, struct vss_err *err);
void vss_comeback_clear(struct vss_comeback *c);

#endif
