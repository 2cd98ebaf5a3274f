/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_INSTANCE_H
#define VSS_WRITER_REDIS_INSTANCE_H

#include "config.h"
#include "server.h"

enum instance_state {
	INSTANCE_RUNNING,
	INSTANCE_STOPPED,
	INSTANCE_DIED /* not running, and it did not take its socket or its pidfile away */
};

/** What is known of one server at this moment. */
struct instance {
	const struct config_instance *config; /* borrowed */
	enum instance_state state;
	struct layout layout;
};

/**
 * Ask it, or where nobody listens read its configuration and look at the processes.  `out` is zeroed
 * before, and to be cleared in any case.  Fails when it is there but cannot be asked, when nothing
 * says where its files are, and when they are not on this machine.
 */
int instance_look(const struct config *c, const struct config_instance *i, struct instance *out, struct vss_err *err);
void instance_clear(struct instance *i);
/**
 * Is there a server, whether or not it answers?  `dir` is where its files are; either of the two may
 * be NULL.
 */
bool instance_lives(const struct config *c, const struct config_instance *i, const char *dir);

#endif
