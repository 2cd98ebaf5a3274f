/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_SCAN_INTERNAL_H
#define VSS_ARCHIVE_SCAN_INTERNAL_H

#include "archive/digest_internal.h"
#include "archive/frame_scan_internal.h"
#include "archive/manifest_internal.h"
#include "archive/reader.h"
#include "archive/tar_in_internal.h"
#include "archive/tar_internal.h"

/**
 * Reading an archive front to back without its index: from a pipe, to make a lost index again, and
 * to verify.  Every member is digested on the way, wanted or not, and the manifest at the end is
 * held against what was seen.  Private to this room.
 */

struct vss_scan {
	struct vss_frame_scan frames;
	struct vss_frames_in *in;
	struct vss_tar_in content;
	struct vss_digest *digest;
	struct vss_manifest_check *check;
	struct vss_tar_entry e; /* the member under hand; its digest is there once its content was read */
	bool open;		/* its content was not read yet */
	bool begun, done;
	uint64_t manifest_at, manifest_span;
	struct vss_err tail; /* what was wrong behind the tar stream, where the index lies; else VSS_OK */
};

/** @seekable read with pread from 0. */
int vss_scan_open(struct vss_scan *s, int fd, bool seekable, struct vss_err *err);
void vss_scan_close(struct vss_scan *s);
/**
 * The next member but the manifest, in s->e: 1, or 0 at the end, when all was read and agreed with
 * the manifest.  Content that was not asked for is read over.  VSS_INVALID: not an archive of ours.
 * VSS_CORRUPT, with "incomplete" where the end is missing.
 */
int vss_scan_next(struct vss_scan *s, struct vss_err *err);
/** Content of s->e, in pieces; `data` may be NULL. */
int vss_scan_content(struct vss_scan *s, vss_archive_data *data, void *ctx, struct vss_err *err);

/** Content of a decoded member from where it begins: pieces to `data` (may be NULL) and to `digest`;
 * e->m.sha256 is set.  Shared with the reader. */
struct vss_pump {
	struct vss_tar_in *content;
	struct vss_digest *digest;
	vss_archive_data *data;
	void *ctx;
};
int vss_pump_content(const struct vss_pump *p, struct vss_tar_entry *e, struct vss_err *err);

#endif
