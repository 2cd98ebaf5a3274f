/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_CONTAINERS_CONTAINER_H
#define VSS_WRITER_CONTAINERS_CONTAINER_H

#include "config.h"

#include "base/str.h"
#include "json/read.h"

enum state { STOPPED, RUNNING, PAUSED };
/** In the words of vss-writer(7), the weakest first. */
enum hold { HOLD_NONE, HOLD_LOG, HOLD_FILES };

/** A container that takes part, as its labels say it. */
struct container {
	const struct engine *engine;
	char *id, *name;
	enum state state;
	long status;		      /* that it ended with */
	struct vss_strv freeze, thaw; /* commands within it; empty: none */
	bool pause;		      /* stop all its processes */
	enum hold hold;
	unsigned timeout_ms; /* for its command */
	struct mount {
		char *dir, *spec; /* "*", or the name of a single file */
	} * mounts;
	size_t nmounts, cmounts;
	bool chosen;
	bool begun_exec, begun_pause; /* to be undone */
};
struct containers {
	struct container *v;
	size_t n, cap;
};

void containers_clear(struct containers *cs);
/**
 * Take the elements of an array as `inspect` prints it.  Fails with VSS_INVALID, naming the container, where labels contradict each other
 * or its mounts cannot be told apart from the rest of the machine.
 */
int containers_take(struct containers *cs, const struct engine *e, const struct vss_json *list, struct vss_err *err);
/** Its state again, from one element of such an array. */
void container_take_state(struct container *c, const struct vss_json *v);

#endif
