/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_CONFIG_H
#define VSS_WRITER_REDIS_CONFIG_H

#include "redisconf.h"

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/** One server: what the administrator says of it, and what its own configuration does. */
struct config_instance {
	char *name;
	char *socket; /* or NULL: host and port */
	char *host;
	unsigned port;
	char *user, *password_file; /* or NULL */
	char *service;		    /* or NULL */
	bool stop_service;	    /* a restore may stop it */
	char *conf;		    /* path of its redis.conf, or NULL */
	struct redisconf own;	    /* read from it */
};

/**
 * /etc/vss/writer-redis.conf (vss-writer-redis(8)), and the servers that are found besides.
 *
 *	instance NAME [socket= | host= port=] [user=] [password-file=] [config=] [service=] [stop-service=yes]
 *	ignore NAME | search DIR|none | connect-timeout MS | command-timeout MS | freeze-wait MS | wait SECONDS
 */
struct config {
	struct config_instance *instances;
	size_t ninstances, cinstances;
	struct vss_strv ignores, searches;
	bool searches_none;
	unsigned connect_ms, command_ms;
	unsigned freeze_ms; /* how long to wait in freeze for a rewrite that somebody has begun */
	unsigned wait_s;    /* how long to wait for rewrites and dumps before */
};
/* clang-format off */
#define CONFIG_INIT { .connect_ms = 2000, .command_ms = 5000, .freeze_ms = 10000, .wait_s = 300 }
/* clang-format on */

/**
 * `*out` is CONFIG_INIT.  No such file is fine: then only what is found counts.  -1: VSS_INVALID
 * naming the line or the instance; why a file cannot be read.  Always to be cleared.
 */
int config_read(const char *path, struct config *out, struct vss_err *err);
void config_clear(struct config *c);
/** The instance of that name, or NULL. */
const struct config_instance *config_find(const struct config *c, const char *name);

#endif
