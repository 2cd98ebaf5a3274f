/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_BARE_H
#define VSS_WRITER_BARE_H

#include "base/err.h"
#include "model/metadata.h"
#include "os/child.h"
#include "wire/conversation.h"
#include "wire/line.h"
#include "writer/registry.h"

/**
 * A writer without the host: started as the host starts it and judged by the same rules, but nobody keeps its times,
 * takes its answers or ends it.  For whoever tries a writer out, and has to misbehave towards it.
 */
struct vss_bare_writer {
	struct vss_child child;
	struct vss_conversation talk;
	int errfd; /* its stderr, non-blocking */
};

/** `scratch_dir`: where it gets a directory of its own, called as the registration, or NULL.  The caller ends the child and
 * closes the rest. */
int vss_bare_writer_start(
	const struct vss_registration *r, const char *scratch_dir, struct vss_bare_writer *out, struct vss_err *err);
/** May this statement be made at this event by a writer that published `m` (NULL: nothing yet)?  VSS_PROTOCOL says why not. */
int vss_bare_check_statement(
	const struct vss_line *l, enum vss_event during, const struct vss_metadata *m, struct vss_err *err);
/** What the statements of identify, each one checked, come to; NULL when the host would refuse them. */
struct vss_metadata *vss_bare_metadata(const struct vss_line *lines, size_t n, struct vss_err *err);

#endif
