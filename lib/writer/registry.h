/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REGISTRY_H
#define VSS_WRITER_REGISTRY_H

#include "base/err.h"
#include "base/str.h"
#include "model/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * NAME.writer registration files (design: Writers, Registration; vss-writer(7)).
 */
#define VSS_FREEZE_TIMEOUT_MS 60000u /* freeze to thaw at most (W22); a writer may ask for less */

struct vss_registration {
	char *name;	      /* of the file, without ".writer" */
	char *file;	      /* where it was found */
	struct vss_strv exec; /* words of Exec=, the first an absolute path; none with `socket` */
	char *socket;	      /* Socket=: where a running service is its own writer; or NULL */
	char *user;	      /* who runs it, or who has to be at the other end of the socket; or NULL */
	enum vss_app_level level;
	unsigned freeze_timeout_ms;  /* 1 to VSS_FREEZE_TIMEOUT_MS, which is the default (W22) */
	struct vss_strv environment; /* KEY=value */
	char *refused;		     /* why it may not be run (writable by others ...), or NULL */
	bool masked;		     /* `file` is a link to /dev/null: it is switched off */
};
struct vss_registrations {
	struct vss_registration *v;
	size_t n, cap;
};
void vss_registrations_free(struct vss_registrations *r);
/**
 * All registrations on the search path by name order; the first of a name wins; a link to /dev/null is listed
 * as `masked`; a bad or refused one is listed with `refused` set (and reported by vss_warn): neither is ever
 * run.  `*out` is zeroed memory.  A directory that is not there is passed over; one that cannot be read fails with
 * VSS_SYSTEM or VSS_DENIED and leaves *out empty.
 */
int vss_registrations_read(struct vss_registrations *out, struct vss_err *err);

#endif
