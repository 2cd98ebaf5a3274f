/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SCRIPT_HISTORY_INTERNAL_H
#define VSS_SCRIPT_HISTORY_INTERNAL_H

#include "base/err.h"
#include "base/str.h"

/** The file of a history: a line each, the oldest first, for its owner only (0600). */
enum { VSS_HISTORY_LINES = 500 };

/** The last lines of it; none when it, or its directory, is not there.  VSS_DENIED for what is no file of ours. */
int vss_history_read(const char *path, struct vss_strv *out, struct vss_err *err);
/** Add lines behind what others may have added since.  A directory that is gone is no failure. */
int vss_history_append(const char *path, const struct vss_strv *lines, struct vss_err *err);

#endif
