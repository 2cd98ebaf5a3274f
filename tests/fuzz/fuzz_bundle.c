/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes: the reader survives them and keeps its limits; the members that it gives can be written, and are read again as
 * they are. */
#include "archive/bundle.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
check_same(const struct vss_bundle *a, const struct vss_bundle *b)
{
	if (a->n != b->n || a->bytes != b->bytes)
		abort();
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].name, b->v[i].name) != 0 || a->v[i].data.len != b->v[i].data.len ||
			(a->v[i].data.len && memcmp(a->v[i].data.data, b->v[i].data.data, a->v[i].data.len) != 0))
			abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOBUNDLE struct vss_bundle first = VSS_BUNDLE_INIT, second = VSS_BUNDLE_INIT;
	VSS_AUTOBUF struct vss_buf bytes = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;

	if (vss_bundle_parse(&first, data, n, &err) < 0)
		return 0;
	if (first.n > VSS_BUNDLE_MEMBERS_MAX || first.bytes > VSS_BUNDLE_MAX)
		abort();
	if (vss_bundle_format(&first, 0, &bytes, &err) < 0 ||
		vss_bundle_parse(&second, bytes.data, bytes.len, &err) < 0)
		abort();
	check_same(&first, &second);
	return 0;
}
