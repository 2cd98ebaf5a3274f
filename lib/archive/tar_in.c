/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/tar_in_internal.h"

#include "archive/format_internal.h"

#include <assert.h>
#include <string.h>

/* Bring the frame that holds the position under hand: 1, or 0 at the end of the stream. */
static int
load(struct vss_tar_in *c, struct vss_err *err)
{
	while (!c->frame || c->at >= c->frame_at + c->frame_n) {
		bool is_first = !c->frame;
		int r = vss_frames_in_next(c->in, &c->frame, &c->frame_n, &c->frame_at, err);

		if (r > 0)
			continue;
		c->frame = NULL;
		if (r < 0 && !is_first && err->code == VSS_INVALID)
			err->code = VSS_CORRUPT; /* not a frame of ours, behind one that was */
		return r;
	}
	if (c->at < c->frame_at)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: index does not match the data");
	return 1;
}

int
vss_tar_in_piece(struct vss_tar_in *c, uint64_t most, const unsigned char **p, size_t *n, struct vss_err *err)
{
	size_t in;
	int r = load(c, err);

	*n = 0;
	if (r <= 0)
		return r;
	in = (size_t)(c->at - c->frame_at);
	*p = c->frame + in;
	*n = c->frame_n - in < most ? c->frame_n - in : (size_t)most;
	c->at += *n;
	return 0;
}

int
vss_tar_in_block(struct vss_tar_in *c, const unsigned char **p, struct vss_err *err)
{
	size_t n;

	/* Frames hold whole blocks, so one never straddles two of them. */
	if (vss_tar_in_piece(c, VSS_TAR_BLOCK, p, &n, err))
		return -1;
	if (n && n < VSS_TAR_BLOCK)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: a frame ends within a block");
	return n ? 1 : 0;
}

int
vss_tar_in_copy(struct vss_tar_in *c, void *out, size_t n, struct vss_err *err)
{
	for (size_t had = 0; had < n;) {
		const unsigned char *p;
		size_t part;

		if (vss_tar_in_piece(c, n - had, &p, &part, err))
			return -1;
		if (!part)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: incomplete: it ends within a member");
		memcpy((unsigned char *)out + had, p, part);
		had += part;
	}
	return 0;
}

void
vss_tar_in_go(struct vss_tar_in *c, uint64_t at)
{
	assert(at >= c->at);
	c->at = at;
}
