/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_CHAIN_INTERNAL_H
#define VSS_REQUESTER_CHAIN_INTERNAL_H

#include "requester/chain.h"

/** Of a descriptor, which it takes in any case.  The document is not read. */
int vss_image_open(struct vss_image *out, const char *path, int fd, struct vss_err *err);
void vss_image_close(struct vss_image *i);
/** Read its components document, unless that was done. */
int vss_image_describe(struct vss_image *i, struct vss_err *err);

/** The last image is the only one: put what it builds on before it, from its directory. */
int vss_chain_find(struct vss_chain *c, struct vss_err *err);
/** All documents have been read: are they the chain of the last, whole and in order? */
int vss_chain_order(const struct vss_chain *c, struct vss_err *err);
/** Does each archive have what the last one says to be in it?  VSS_CORRUPT names the first that is missing. */
int vss_chain_check_whole(struct vss_chain *c, struct vss_err *err);
/** "full backup {ID} (NAME)", of what an archive builds on; the caller frees it. */
char *vss_chain_called(const struct vss_bcd_image *i);

#endif
