/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_INCREMENT_H
#define VSS_REQUESTER_INCREMENT_H

#include "archive/writer.h"
#include "model/increment.h"
#include "requester/base.h"
#include "requester/output.h"
#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

/**
 * A backup that builds on a base: what of each entry goes into its archive, and what its state has from the base.
 */
struct vss_increment {
	enum vss_backup_type type;
	struct vss_base base;
	int spool_dirfd; /* beside the archive that is made, or -1 */
	struct vss_plan *plan;
	struct vss_session *session;
	/* By index of the plan's components; from vss_increment_listen on. */
	struct vss_increment_part {
		enum vss_backup_type type;	  /* what the backup is for it: full, where it cannot be more */
		struct vss_bcd_component *stored; /* what it said, its paths resolved; or NULL */
	} * parts;
	size_t nparts;
	struct vss_strv first; /* ranges files, sorted: they stand before all that walks find (B52) */
	size_t nsets;	       /* those behind are not of its document: what writers said added them */
};
#define VSS_INCREMENT_NONE                                                                                             \
	{                                                                                                              \
		.base = VSS_BASE_NONE, .spool_dirfd = -1                                                               \
	}

static inline bool
vss_is_increment(enum vss_backup_type type)
{
	return type == VSS_BT_INCREMENTAL || type == VSS_BT_DIFFERENTIAL;
}

/**
 * Find what the request builds on, named or in the directory where the archive goes, and read it; for a dry run only what
 * it is.
 */
int vss_increment_open(
	struct vss_increment *i, const struct vss_backup_request *r, const struct vss_output *o, struct vss_err *err);
/**
 * The writers were chosen: is there one that must not go on with this chain (VSS_UNSUPPORTED, B30)?  Else each component
 * gets the stamp that it had in the base (B12, B40), and the document its chain.
 */
int vss_increment_begin(struct vss_increment *i, struct vss_err *err);
/**
 * The copies stand: hear what the writers said of their files (B17).  What is wrong in it is named, and its component has
 * failed: how much that was is returned.  Files that no file set has become part of the plan (B46, B54).
 */
size_t vss_increment_listen(struct vss_increment *i);

struct vss_increment_answer {
	enum vss_file_take take;
	bool always; /* WHOLE: not to be compared with the base */
	const struct vss_bcd_partial *partial;
	size_t component;
	int64_t since_ns;
};
/** What becomes of the file at `path` (absolute), by its components first, then by plain paths. */
void vss_increment_asks(const struct vss_increment *i, const char *path, struct vss_increment_answer *out);
/** The base has what this backup leaves out: that stays in the state (B34). */
int vss_increment_carry(const struct vss_increment *i, struct vss_archive_writer *a, struct vss_err *err);

/** The archive of the chain that has the content of what the base has. */
unsigned vss_increment_in(const struct vss_increment *i, const struct vss_archive_node *node);
void vss_increment_clear(struct vss_increment *i);

#endif
