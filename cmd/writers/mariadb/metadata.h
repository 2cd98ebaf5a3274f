/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_METADATA_H
#define VSS_WRITER_MARIADB_METADATA_H

#include "hold.h"
#include "places.h"

#include "base/err.h"

/**
 * What a backup says to the restore of an instance: one line in the words of the protocol,
 *	1 DIR SPEC [DIR SPEC]... [version=] [binlog=] [gtid=]
 * its places, an empty SPEC for all of a directory, the data directory first.
 */
char *metadata_text(const struct hold *h); /* to be freed */

struct metadata {
	char *version; /* or NULL */
	struct places places;
};
/* clang-format off */
#define METADATA_INIT { NULL, PLACES_INIT }
/* clang-format on */
int metadata_parse(const char *text, struct metadata *out, struct vss_err *err);
void metadata_clear(struct metadata *m);

#endif
