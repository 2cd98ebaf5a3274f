/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_OPENLDAP_TOOLS_H
#define VSS_WRITER_OPENLDAP_TOOLS_H

#include "server.h"

#include "base/buf.h"
#include "base/err.h"

/**
 * slapcat(8), run as the owner of what it reads: files that it makes (the lock file of a database that
 * has none) then belong to slapd's user, not to root.  It is safe beside a running slapd.
 */
int slapcat_config(const char *config, size_t limit, struct vss_buf *out, struct vss_err *err);
/**
 * The entries of a database into the new file `path` (0600, synced).  Whatever it wrote until it failed
 * is there.
 */
int slapcat_data(
	const struct server *s, const struct database *d, const char *path, int timeout_ms, struct vss_err *err);

#endif
