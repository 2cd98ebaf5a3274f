/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_EVENTS_H
#define VSS_WRITER_POSTGRESQL_EVENTS_H

#include "cluster.h"
#include "config.h"
#include "restore.h"

#include "sdk/vss-writer.h"

/** The writer between two events. */
struct postgresql_writer {
	const char *config_path;
	struct config config;
	struct clusters clusters; /* as identify last said them */
	bool busy;		  /* from prepare-backup to the end of the backup */
	bool log_only;		  /* a backup of type log: of archived log and nothing else */
	char *set;		  /* its ID */
	int64_t deadline;	  /* of all that prepare-backup does */
	struct restore restore;
};

extern const struct vss_sdk_ops postgresql_writer_ops;
void postgresql_writer_clear(struct postgresql_writer *s);

#endif
