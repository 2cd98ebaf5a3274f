/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WIRE_REGISTRATION_H
#define VSS_WIRE_REGISTRATION_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/**
 * Registration files of programs that speak the protocol: NAME.writer, NAME.provider.  Lines `Key=value` in one section; # and ;
 * begin comments; what stands in other sections is nobody's business here.
 */
#define VSS_REGISTRATION_BYTES 65536u /* of one file */

/** The file that decides what NAME is: the first one of that name. `masked`: a link to /dev/null, it is switched off. */
typedef void vss_registration_found(void *ctx, const char *name, const char *file, bool masked);
/**
 * Tell of every NAME`suffix` in the directories, the first directory first.  One that is not there is passed over; one that
 * cannot be read fails with VSS_SYSTEM or VSS_DENIED.
 */
int vss_registration_scan(
	const struct vss_strv *dirs, const char *suffix, vss_registration_found *found, void *ctx, struct vss_err *err);

struct vss_registration_key {
	const char *key;
	/** `item` is the caller's. */
	int (*set)(void *item, const char *value, struct vss_err *err);
};
/**
 * Read `file`, and hand the lines of `section` ("[Writer]") to their keys, which end with a NULL.  Refused (VSS_DENIED) unless
 * it may decide what is run: see os/trust.h.  VSS_INVALID names file and line.
 */
int vss_registration_read(const char *file, const char *section, const struct vss_registration_key *keys, void *item,
	struct vss_err *err);

/* Values that are the same everywhere. */
/** Exec=: words; the first is an absolute path.  What `out` held is dropped. */
int vss_registration_exec(struct vss_strv *out, const char *value, struct vss_err *err);
/** Environment=: NAME=value words, added to `out`. */
int vss_registration_environment(struct vss_strv *out, const char *value, struct vss_err *err);
/** A time: "1500ms", or a span in seconds or larger units; at least 1 and at most `max_ms` milliseconds. */
int vss_registration_time(unsigned *out_ms, const char *value, unsigned max_ms, struct vss_err *err);
/** May this program be run at all: trust, and permission to execute. */
int vss_registration_check_program(const char *path, struct vss_err *err);

#endif
