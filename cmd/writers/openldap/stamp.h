/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_STAMP_H
#define VSS_WRITER_OPENLDAP_STAMP_H

#include "server.h"

#include "base/buf.h"

/**
 * How the files of a server's configuration look now: names, inodes, sizes, times.  Two that are equal
 * mean that nothing was changed in between: slapd replaces a file of slapd.d by a new one when it
 * changes an entry.
 */
int stamp_config(const struct server *s, struct vss_buf *out, struct vss_err *err);

#endif
