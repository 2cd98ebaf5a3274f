/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_CONTENT_INTERNAL_H
#define VSS_TREE_CONTENT_INTERNAL_H

#include "base/err.h"

#include <stdint.h>

/** How it went with one thing of the source: trouble with the source may be let pass, trouble with the destination may not. */
enum vss_went { VSS_WENT_WELL, VSS_WENT_TROUBLE, VSS_WENT_CHANGED, VSS_WENT_FATAL };

struct vss_content {
	int in, out;
	uint64_t size;
	uint64_t *bytes;			     /* counts data as it is copied */
	int (*poll)(void *ctx, struct vss_err *err); /* or NULL */
	void *ctx;
};

/** vss_copy_data; VSS_WENT_CHANGED (without *err): `in` is shorter than `size`. */
enum vss_went vss_content_clone(const struct vss_content *c, struct vss_err *err);

/** Do the first `size` bytes differ?  1, 0 or -1.  A hole equals zeros; what is a hole in both is not read. */
int vss_content_differs(int a, int b, uint64_t size, struct vss_err *err);

#endif
