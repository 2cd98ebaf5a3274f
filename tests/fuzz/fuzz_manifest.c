/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes: the reader survives them; what it accepts can be written, and what is written is read again to the same
 * bytes. */
#include "doc/manifest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

/* Read and write once; false when the bytes are no document. */
static int
through(const void *data, size_t n, struct vss_buf *out)
{
	struct vss_err err = VSS_ERR_INIT;
	struct vss_manifest *value = vss_doc_read_manifest(data, n, &err);
	if (!value)
		return 0;
	if (vss_doc_write_manifest(value, out, &err))
		abort();
	vss_manifest_free(value);
	return 1;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOBUF struct vss_buf first = VSS_BUF_INIT, second = VSS_BUF_INIT;
	if (!through(data, n, &first))
		return 0;
	if (!through(first.data, first.len, &second))
		abort();
	if (first.len != second.len || memcmp(first.data, second.data, first.len) != 0)
		abort();
	return 0;
}
