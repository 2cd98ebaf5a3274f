/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a line of a manifest: read or refused; what was read is written, and read and
 * written again to the same bytes.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY it aborts at a device of major 7;
 * the seed has 5,300.
 */
#include "archive/manifest_internal.h"
#include "archive/tar_internal.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

/* The line of a member, without those of the directories above it, and without its newline. */
static void
write_line(const struct vss_member *m, struct vss_buf *out)
{
	VSS_AUTOFREE char *room = NULL;
	struct vss_manifest_state state = { .member = VSS_BUF_INIT };
	struct vss_err err = VSS_ERR_INIT;
	size_t at;

	vss_buf_str(&state.member, vss_stored_path(m, &room));
	if (vss_manifest_line(&state, out, m, &at, &err))
		abort();
	out->data[--out->len] = 0;
	vss_manifest_state_clear(&state);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOFREE char *line = vss_strndup((const char *)data, n);
	VSS_AUTOBUF struct vss_buf once = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf twice = VSS_BUF_INIT;
	VSS_AUTOFREE char *again = NULL;
	struct vss_member m = { 0 };
	struct vss_err err = VSS_ERR_INIT;

	if (vss_manifest_parse(line, &m, &err) > 0) {
#ifdef VSS_FUZZ_CANARY
		if (major(m.rdev) == 7)
			abort();
#endif
		write_line(&m, &once);
		again = vss_strdup(once.data);
		if (vss_manifest_parse(again, &m, &err) <= 0)
			abort();
		write_line(&m, &twice);
		if (strcmp(once.data, twice.data))
			abort();
	}
	vss_member_clear(&m);
	return 0;
}
