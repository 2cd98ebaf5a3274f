/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_ASIDE_H
#define VSS_WRITER_REDIS_ASIDE_H

#include "layout.h"

/**
 * Move the old dump and the old log of an instance out of the way of what is restored, into a new
 * directory before-restore.<UTC time> beside them, whose path is appended to *where: a log that stays
 * would be loaded in the place of a restored dump, and old parts of it with new ones.  Other files in
 * the directory may be those of another instance and stay.  Nothing there: *where stays as it was.
 */
int set_files_aside(const struct layout *l, struct vss_buf *where, struct vss_err *err);

#endif
