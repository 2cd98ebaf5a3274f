/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_BACKUP_INTERNAL_H
#define VSS_REQUESTER_BACKUP_INTERNAL_H

#include "archive/writer.h"
#include "copies/scratch.h"
#include "requester/document_copy.h"
#include "requester/from_shadow.h"
#include "requester/increment.h"
#include "requester/output.h"
#include "requester/plan.h"
#include "requester/requester.h"
#include "requester/take.h"
#include "session/session.h"

/* One backup on its way. */
struct vss_backup_job {
	const struct vss_backup_request *request;
	struct vss_plan plan;
	struct vss_output output;
	struct vss_document_copy documents;
	struct vss_scratch scratch;
	struct vss_from_shadow from;
	struct vss_session *session;
	struct vss_archive_writer *archive;
	struct vss_take take;
	struct vss_increment increment; /* of one that builds on another */
	size_t failed_writers;		/* with those that were left out */
	bool undocumented;		/* the archive stands, and the documents beside it do not */
};

/** What the backup builds on, or NULL. */
static inline struct vss_increment *
vss_backup_increment(struct vss_backup_job *j)
{
	return vss_is_increment(j->request->type) ? &j->increment : NULL;
}

/* backup_write.c */
/** The copies stand: everything into the archive, which is not yet durable then. */
int vss_backup_write(struct vss_backup_job *j, struct vss_err *err);
/** The documents beside it, if that was asked for.  The archive stands: what fails is told and costs no more than the status. */
void vss_backup_keep_documents(struct vss_backup_job *j);

#endif
