/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_FRAME_SCAN_INTERNAL_H
#define VSS_ARCHIVE_FRAME_SCAN_INTERNAL_H

#include "archive/frames_in_internal.h"

/** Frames as they follow each other in a file or pipe, found without an index.  Private to this
 * room. */
struct vss_frame_scan {
	int fd;
	bool seekable; /* read with pread from 0: the caller's position is left alone */
	uint64_t at;   /* bytes read */
	bool in_tail;  /* a skippable frame was met: no data may follow */
};

/** A vss_frame_fetch; its ctx is a struct vss_frame_scan.  Skippable frames are read over. */
int vss_frame_scan_fetch(void *ctx, struct vss_frame_job *job, struct vss_err *err);

#endif
