/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_METADATA_INTERNAL_H
#define VSS_REQUESTER_METADATA_INTERNAL_H

/* metadata.c (writing), metadata_read.c: names of members, as Windows has them, and ours. */

#define METADATA_MANIFEST "Manifest.xml"
#define METADATA_COMPONENTS "BCDocument.xml"
#define METADATA_WRITER "WM%zu.xml"
#define METADATA_SET "ShadowCopySet.xml"

#endif
