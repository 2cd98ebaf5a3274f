/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_CONTAINERS_CONFIG_H
#define VSS_WRITER_CONTAINERS_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/** A program that manages containers; all of them speak Docker's command line. */
struct engine {
	const char *name; /* "podman", "docker": the logical path of its components */
	char *command;	  /* absolute; NULL: not here, or not to be asked */
};
#define ENGINES 2

/**
 * Which engines there are (vss-writer-containers(8)):
 *
 *	podman PATH|no | docker PATH|no | stop-containers yes
 */
struct config {
	struct engine engines[ENGINES];
	bool stop_containers; /* before a restore */
};

/** 0, also without such a file: then the engines are looked for; -1.  Always to be cleared. */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);

#endif
