/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a tar stream, behind the frames and their checksums: decoded member by member; and
 * what was decoded and can be archived is encoded and decoded to the same again.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY it aborts at an attribute "user.y";
 * the seed has "user.x".
 */
#include "archive/frame_internal.h"
#include "archive/scan_internal.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

#define CUT 4096u /* content of a frame: small, so that headers lie across frames */

/* The input, packed into frames as they are asked for. */
struct source {
	const unsigned char *data;
	size_t n;
	struct vss_codec *codec;
};

static int
fetch(void *ctx, struct vss_frame_job *job, struct vss_err *err)
{
	struct source *s = ctx;
	unsigned char content[CUT] = { 0 };
	size_t part = s->n < CUT ? s->n : CUT, whole = part + vss_tar_padding(part), packed;

	if (!part)
		return 0;
	memcpy(content, s->data, part);
	s->data += part;
	s->n -= part;
	vss_frame_job_room(job, vss_frame_bound(CUT));
	if (vss_frame_pack(s->codec, job->packed, job->packed_cap, content, whole, &packed, err))
		abort();
	job->frame = (struct vss_frame_record){ .stored = (uint32_t)packed };
	return 1;
}

/* Decode all of it; `each` gets every member. */
static void
decode(const unsigned char *data, size_t n, void (*each)(const struct vss_member *m))
{
	struct vss_err err = VSS_ERR_INIT;
	struct source s = { .data = data, .n = n, .codec = vss_codec_new(1, &err) };
	struct vss_frames_in *in = vss_frames_in_new(fetch, &s, 0, &err);
	struct vss_tar_in t = { .in = in };
	struct vss_digest *digest = vss_digest_new(&err);
	const struct vss_pump pump = { .content = &t, .digest = digest };
	struct vss_tar_entry e = { 0 };

	if (!in || !digest)
		abort();
	while (vss_tar_decode(&t, &e, &err) > 0) {
		if (vss_member_has_content(&e.m) && vss_pump_content(&pump, &e, &err))
			break;
		vss_tar_in_go(&t, e.next);
		if (each)
			each(&e.m);
	}
	vss_tar_entry_clear(&e);
	vss_digest_free(digest);
	vss_frames_in_free(in);
	vss_codec_free(s.codec);
}

static struct vss_buf expected;

static void
line_of(const struct vss_member *m, struct vss_buf *out)
{
	struct vss_manifest_state state = { .last = VSS_BUF_INIT };
	struct vss_member copy = *m;
	struct vss_err err = VSS_ERR_INIT;
	size_t at;

	copy.has_digest = false;
	memset(copy.sha256, 0, sizeof copy.sha256);
	if (vss_manifest_line(&state, out, &copy, &at, &err))
		abort();
	vss_manifest_state_clear(&state);
}

static void
compare(const struct vss_member *m)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;

	line_of(m, &line);
	if (line.len != expected.len || memcmp(line.data, expected.data, line.len))
		abort();
}

static void
encode_again(const struct vss_member *m)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_err err = VSS_ERR_INIT;
	uint64_t stored;

#ifdef VSS_FUZZ_CANARY
	for (size_t i = 0; i < m->nxattrs; i++)
		if (!strcmp(m->xattrs[i].name, "user.y"))
			abort();
#endif
	if (vss_tar_check(m, &err) || vss_tar_encode(&text, m, &stored, &err) || stored > 1 << 20)
		return;
	vss_buf_reserve(&text, stored + vss_tar_padding(stored));
	memset(text.data + text.len, 0, stored + vss_tar_padding(stored));
	text.len += stored + vss_tar_padding(stored);
	vss_buf_reset(&expected);
	line_of(m, &expected);
	decode((unsigned char *)text.data, text.len, compare);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	decode(data, n, encode_again);
	vss_buf_free(&expected);
	return 0;
}
