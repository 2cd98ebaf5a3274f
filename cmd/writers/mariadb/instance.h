/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_INSTANCE_H
#define VSS_WRITER_MARIADB_INSTANCE_H

#include "config.h"
#include "places.h"

#include "base/err.h"
#include "base/str.h"

/** One server and its data, as it was when it was looked at. */
struct instance {
	const struct config_instance *config;
	enum instance_state {
		INSTANCE_RUNNING,
		INSTANCE_STOPPED,
		INSTANCE_EMPTY, /* no server, and nothing where its data should be */
	} state;
	char *socket;	/* where it listens, or would */
	char *version;	/* of the server, else of its program; or NULL */
	char *pid_file; /* or NULL: not known */
	struct places places;
	struct vss_strv databases; /* those to dump */
	char *log_index;	   /* of the binary log; or NULL */
};
struct instances {
	struct instance *v;
	size_t n, cap;
};
/* clang-format off */
#define INSTANCES_INIT { NULL, 0, 0 }
/* clang-format on */

void instances_clear(struct instances *all);
/**
 * All that `c` names, and the one at the usual place.  One that runs but does not answer, or refuses us, fails it: VSS_DENIED,
 * VSS_TIMEOUT ...  One that nobody configured, and of which nothing is to be seen on this machine, is left out.
 */
int instances_find(struct instances *all, const struct config *c, struct vss_err *err);

const char *instance_data(const struct instance *i); /* its data directory */
/** The process that has its files open, or 0; -1 when it cannot be told whose it is, but it is. */
int instance_user(const struct instance *i);
/** Has a server that no longer runs left signs that it was not shut down?  What it is, to be freed; NULL: none. */
char *instance_crash(const struct instance *i);

#endif
