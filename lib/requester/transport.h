/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TRANSPORT_H
#define VSS_REQUESTER_TRANSPORT_H

#include "base/err.h"
#include "model/set.h"

/**
 * Shadow copies on their way to another machine (S46..S48).  In one directory:
 *
 *	NAME		the set document (vss-set(5))
 *	SHADOW.PROVIDER	for each copy what its provider's `send` wrote: a btrfs send stream, a tar archive
 *	NAME.sha256	digests of all of them, as sha256sum(1) writes and checks them; without it the whole is not complete
 */

/** Write them; none of the files may be there.  The copies are not surfaced any more.  On failure no file is left. */
int vss_transport_write(const struct vss_set *set, const char *document, struct vss_err *err);
/** Take away what was written of this set; what is not there is fine. */
void vss_transport_remove(const struct vss_set *set, const char *document);
/** Are the names free, so that it can succeed?  For asking before a set is made. */
int vss_transport_check(const char *document, struct vss_err *err);

struct vss_import_request {
	const char *document;
	const char *to; /* a directory: on btrfs any of the file system; else the copies' storage is made there */
	const struct vss_uuid *set_id; /* the set that it has to be (VSS_INVALID), or NULL */
	bool dry_run;		       /* only what can be known without making anything: whole, undamaged, new here */
};
/**
 * Make the set's copies here.  All is checked against its digest before anything is made; then it is made as a set in the making,
 * whole or not at all.  VSS_CORRUPT; VSS_ABSENT: a file is missing; VSS_E_OBJECT_ALREADY_EXISTS: the set is here.  *out is what
 * was imported; the caller frees it.
 */
int vss_import_set(const struct vss_import_request *r, struct vss_set **out, struct vss_err *err);

#endif
