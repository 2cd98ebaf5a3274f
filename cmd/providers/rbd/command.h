/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_RBD_COMMAND_H
#define VSS_PROVIDER_RBD_COMMAND_H

#include "base/err.h"
#include "base/str.h"
#include "json/read.h"

/** How rbd is called: its words, and the options before those of a command (--id NAME, --cluster NAME ...). */
struct command {
	struct vss_strv words;
	int timeout_ms;
};

/** Run `rbd WORD...` (NULL-terminated); what it prints goes to `out`, or nowhere with NULL.  Its last complaint is the message. */
int command_run(const struct command *c, const char *const *words, struct vss_buf *out, struct vss_err *err);
/** The same with --format json; the caller frees the document. */
struct vss_json *command_json(const struct command *c, const char *const *words, struct vss_err *err);

#endif
