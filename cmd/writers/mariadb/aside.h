/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_ASIDE_H
#define VSS_WRITER_MARIADB_ASIDE_H

#include "places.h"

#include "base/buf.h"
#include "base/err.h"

/**
 * Set the old content of all places aside: whole directories as vss_tree_set_aside() does it, and of a directory that
 * others use too the files that are the server's, into DIR/before-restore.<UTC time>.  Where they went is said on stderr.
 */
int aside_places(const struct places *p, struct vss_err *err);

#endif
