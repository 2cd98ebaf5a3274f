/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WIRE_PROGRAM_H
#define VSS_WIRE_PROGRAM_H

#include "base/str.h"
#include "os/child.h"
#include "wire/conversation.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * A program that speaks the protocol on its standard input and output: started in an environment of its own, its stderr drained.
 */
#define VSS_COMPLAINTS_BYTES 65536 /* of one program that are logged; the rest is drained and dropped */

/** Its stderr, line by line. */
struct vss_complaints {
	int fd;		     /* non-blocking; -1: closed */
	struct vss_buf last; /* the last line, as far as it came */
	size_t bytes;	     /* so far */
	bool line_ended;     /* the next byte begins a new line */
};
/** Read what is there now, and log whole lines for `who` ("writer x"); closes at the end. */
void vss_complaints_hear(struct vss_complaints *c, const char *who);
void vss_complaints_close(struct vss_complaints *c);

struct vss_program {
	struct vss_child child;
	struct vss_conversation talk;
	int errfd; /* its stderr, non-blocking */
};
struct passwd;
/** The user of that name; NULL for NULL.  VSS_INVALID when there is none. */
int vss_program_user(const char *name, const struct passwd **out, struct vss_err *err);
/**
 * Start `exec` with `environment` before the clean one, as `user` (NULL: as the caller; only root can be somebody else).  On
 * success the caller owns child, conversation and errfd.
 */
int vss_program_start(const struct vss_strv *exec, const struct vss_strv *environment, const struct passwd *user,
	struct vss_program *out, struct vss_err *err);

#endif
