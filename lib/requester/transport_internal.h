/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TRANSPORT_INTERNAL_H
#define VSS_REQUESTER_TRANSPORT_INTERNAL_H

#include "model/set.h"
#include "provider/provider.h"

/* transport_write.c, transport_read.c (what lies there, checked), import.c (the set that is made of it). */

#define VSS_TRANSPORT_SUMS ".sha256"

/** The caller frees it. */
char *vss_transport_stream_name(const struct vss_shadow *s);

struct vss_transport {
	struct vss_set *set;
	int *fds; /* the stream of each of its copies, as it was checked */
};
/** Read and check: VSS_CORRUPT, VSS_ABSENT. */
int vss_transport_read(const char *document, struct vss_transport *out, struct vss_err *err);
void vss_transport_clear(struct vss_transport *t);

#endif
