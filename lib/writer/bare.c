/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/bare.h"

#include "writer/host_internal.h"

int
vss_bare_writer_start(
	const struct vss_registration *r, const char *scratch_dir, struct vss_bare_writer *out, struct vss_err *err)
{
	struct host_writer *w = host_new(r);
	int rc = host_spawn(w, r, scratch_dir, err);

	if (rc == 0) {
		*out = (struct vss_bare_writer){ w->child, w->talk, w->errors.fd };
		w->child = (struct vss_child)VSS_CHILD_NONE;
		w->talk = (struct vss_conversation){ .in = -1, .out = -1 };
		w->errors.fd = -1;
	}
	host_free(w);
	return rc;
}

int
vss_bare_check_statement(
	const struct vss_line *l, enum vss_event during, const struct vss_metadata *m, struct vss_err *err)
{
	return host_check_statement(l, during, m, err);
}

struct vss_metadata *
vss_bare_metadata(const struct vss_line *lines, size_t n, struct vss_err *err)
{
	return host_metadata(lines, n, err);
}
