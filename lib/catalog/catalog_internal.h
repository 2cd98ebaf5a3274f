/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CATALOG_CATALOG_INTERNAL_H
#define VSS_CATALOG_CATALOG_INTERNAL_H

#include "base/buf.h"
#include "base/uuid.h"
#include "catalog/catalog.h"

#define VSS_CATALOG_NAME 48 /* bytes that "<set-id>.xml" needs, with room */

/** The file name of a set's document. */
void vss_catalog_name(const struct vss_uuid *set_id, char out[VSS_CATALOG_NAME]);
/** The set that a file name stands for: 0 or -1 when it is not the name of a document. */
int vss_catalog_id_of(const char *name, struct vss_uuid *out);
/** The cache as a place, opened, or -1.  `make` makes it when it is missing; without it that is VSS_ABSENT. */
int vss_catalog_open_cache(bool make, struct vss_err *err);

#define VSS_CATALOG_CACHE_LABEL "cache"

#endif
