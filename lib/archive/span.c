/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/reader_internal.h"
#include "os/durable.h"

static int
fetch(void *ctx, struct vss_frame_job *job, struct vss_err *err)
{
	struct vss_span *s = ctx;

	while (s->plan && s->next < s->end && !s->plan->frames[s->next].needed)
		s->next++;
	if (s->next >= s->end)
		return 0;
	if (vss_index_frame(s->index, s->next, &job->frame, err))
		return -1;
	if (job->frame.stored > vss_frame_packed_max())
		return vss_fail(err, VSS_CORRUPT, 0, "archive: index: frame longer than any of ours");
	vss_frame_job_room(job, job->frame.stored);
	if (vss_pread_all(s->fd, job->packed, job->frame.stored, (off_t)job->frame.at, err))
		return vss_wrap(err, "archive");
	job->known = job->placed = true;
	job->content_at = s->next * vss_index_trailer(s->index)->frame_bytes;
	s->next++;
	if (s->reads) {
		s->reads->frames++;
		s->reads->compressed_bytes += job->frame.stored;
	}
	return 1;
}

int
vss_span_open(struct vss_span *s, unsigned threads, uint64_t at, uint64_t end_at, struct vss_err *err)
{
	uint32_t frame_bytes = vss_index_trailer(s->index)->frame_bytes;

	s->in = vss_frames_in_new(fetch, s, threads, err);
	if (!s->in)
		return -1;
	s->content = (struct vss_tar_in){ .in = s->in, .at = at };
	s->next = at / frame_bytes;
	s->end = (end_at + frame_bytes - 1) / frame_bytes;
	return 0;
}

void
vss_span_close(struct vss_span *s)
{
	vss_frames_in_free(s->in);
	s->in = NULL;
}

void
vss_span_go(struct vss_span *s, uint64_t at)
{
	struct vss_tar_in *c = &s->content;

	c->at = at;
	if (c->frame && at >= c->frame_at && at < c->frame_at + c->frame_n)
		return;
	c->frame = NULL;
	s->next = at / vss_index_trailer(s->index)->frame_bytes;
}
