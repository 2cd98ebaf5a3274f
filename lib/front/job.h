/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_JOB_H
#define VSS_FRONT_JOB_H

#include "front/diskshadow.h"
#include "requester/job.h"

#include <stdbool.h>

/**
 * diskshadow's CREATE: a set as a job (requester/job.h), its metadata file, and the report of both.
 */
struct vss_front_job {
	struct vss_create_request request;
	const struct vss_strv *names; /* the alias of each volume's copy */
	/* All other aliases that there are, side by side: the metadata file keeps them, too. */
	const struct vss_strv *alias_names, *alias_values;
	const char *metadata; /* where the metadata file goes; of a transportable set the streams go beside it */
	bool may_rename;      /* nobody has said that: of two sessions at once each has a file of its own */
	char *written;	      /* out: where it went; the caller frees it */
	bool verbose;
};

/** The alias of a set, which is there whenever one is. */
#define VSS_FRONT_SET_ALIAS "VSS_SHADOW_SET"

/** Make it: whole, with its metadata file, or not at all, also when it is interrupted. */
int vss_front_job_create(struct vss_front_job *f, struct vss_job **out, struct vss_err *err);
/** Tell of it: aliases, with `verbose` writers and files, and the list of its copies. */
void vss_front_job_report(
	const struct vss_front_job *f, const struct vss_job *j, const struct vss_front_aliases *aliases);

/** Which writers and components are in the set, and why others are not. */
void vss_front_including(const struct vss_job *j);

#endif
