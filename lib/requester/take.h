/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TAKE_H
#define VSS_REQUESTER_TAKE_H

#include "archive/writer.h"
#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

struct vss_increment;

/**
 * Read what a plan chose from the shadow copies and put it into an archive.
 */
struct vss_take {
	struct vss_plan *plan;
	struct vss_session *session;
	struct vss_archive_writer *archive; /* NULL: only count */
	int spool_dirfd;
	struct vss_increment *increment; /* or NULL: everything is taken */
	vss_request_progress *progress;	 /* or NULL */
	void *ctx;
	/* results */
	uint64_t files, bytes;
	uint64_t kept_files, kept_bytes;   /* that are as they were in the base */
	uint64_t compared, read;	   /* files that the base has, and those whose content had to tell */
	uint64_t total_files, total_bytes; /* from an earlier counting run, for the progress */
	size_t failed;			   /* things that could not be taken; each was named by vss_warn */
};

/**
 * Every root of the plan's choice, volume by volume. What cannot be read is named, counted and left out; -1
 * only when the work cannot go on.
 */
int vss_take_all(struct vss_take *t, struct vss_err *err);

#endif
