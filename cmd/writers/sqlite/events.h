/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_SQLITE_EVENTS_H
#define VSS_WRITER_SQLITE_EVENTS_H

#include "config.h"
#include "database.h"

#include "base/str.h"
#include "sdk/vss-writer.h"

/** The writer between two events. */
struct sqlite_writer {
	const char *config_path;
	struct config config;
	struct vss_strv found;	 /* as identify last said it */
	struct database **taken; /* the components of the backup under way */
	size_t ntaken, ctaken;
};
#define SQLITE_WRITER_ID "4ad7b55c-73a3-4c9c-9b5e-8f1c2f0e6d37"
#define SQLITE_WRITER_NAME "SQLite Writer"

extern const struct vss_sdk_ops sqlite_writer_ops;
void sqlite_writer_clear(struct sqlite_writer *s);

#endif
