/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SCRIPT_EVENTS_H
#define VSS_WRITER_SCRIPT_EVENTS_H

#include "pair.h"

#include "os/undo.h"
#include "sdk/vss-writer.h"

/** The writer between two events. */
struct script_writer {
	const char *config_path;
	struct pairs pairs; /* as identify last found them; left alone while a backup is under way */
	bool under_way;
	struct vss_undo undo; /* open from freeze to thaw */
};
#define SCRIPT_WRITER_ID "9d6c2c0f-8a4e-4f0a-9a43-6b1f5f0f6c11"
#define SCRIPT_WRITER_NAME "Script Writer"

extern const struct vss_sdk_ops script_writer_ops;

#endif
