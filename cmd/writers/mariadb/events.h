/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_EVENTS_H
#define VSS_WRITER_MARIADB_EVENTS_H

#include "config.h"
#include "hold.h"
#include "instance.h"

#include "base/str.h"
#include "sdk/vss-writer.h"

/** The writer between two events. */
struct mariadb_writer {
	const char *config_path;
	struct config config;
	struct instances found; /* as identify last said it */
	struct hold *taken;	/* the instances of the backup under way */
	size_t ntaken, ctaken;
	size_t ndumps;		 /* that were made for it */
	struct vss_strv stopped; /* services that a restore has stopped */
};
#define MARIADB_WRITER_ID "b0a3f2c6-1c58-4a7e-9d2f-6e4b7d91c835"
#define MARIADB_WRITER_NAME "MariaDB Writer"
#define MARIADB_DUMPS "dumps" /* logical path of dumps: dumps/INSTANCE */

extern const struct vss_sdk_ops mariadb_writer_ops;
void mariadb_writer_clear(struct mariadb_writer *m);

/** What there is, in the statements of identify (identify.c). */
int mariadb_identify(struct vss_sdk *w, void *self);
/** Restores (restore.c). */
int mariadb_pre_restore(struct vss_sdk *w, void *self);
int mariadb_post_restore(struct vss_sdk *w, void *self);

/** The instance whose component an argument line `component TYPE LOGICAL-PATH NAME` means; NULL: none that is known. */
struct instance *mariadb_named_instance(struct mariadb_writer *m, const struct vss_sdk *w, size_t line);
/** The same of a dump; *database is its name. */
struct instance *mariadb_named_dump(
	struct mariadb_writer *m, const struct vss_sdk *w, size_t line, const char **database);
/** The code that a failure of this kind is told with. */
const char *mariadb_code(enum vss_code code);

#endif
