/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/checksum.h"

#include "archive/digest_internal.h"
#include "base/mem.h"
#include "base/str.h"
#include "os/interrupt.h"

#include <errno.h>
#include <unistd.h>

#define CHUNK (1u << 20)

int
vss_checksum_file(int fd, char out[VSS_CHECKSUM_TEXT], struct vss_err *err)
{
	VSS_AUTOFREE char *buffer = vss_alloc(CHUNK);
	struct vss_digest *d = vss_digest_new(err);
	unsigned char digest[32];
	ssize_t n = 0;
	int rc = d ? 0 : -1;

	for (off_t at = 0; rc == 0 && (n = pread(fd, buffer, CHUNK, at)) > 0; at += n) {
		vss_digest_add(d, buffer, (size_t)n);
		rc = vss_check_interrupt(err);
	}
	if (rc == 0 && n < 0)
		rc = vss_fail(err, VSS_SYSTEM, errno, "read");
	if (rc == 0) {
		vss_digest_end(d, digest);
		vss_hex(out, digest, sizeof digest);
	}
	vss_digest_free(d);
	return rc;
}
