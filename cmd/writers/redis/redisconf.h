/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_REDISCONF_H
#define VSS_WRITER_REDIS_REDISCONF_H

#include "layout.h"

/**
 * What the writer wants to know of a server's own configuration (redis.conf), for when it cannot ask
 * the server.
 */
struct redisconf {
	struct layout layout; /* with Redis' defaults; `dir` is NULL where it is not said */
	char *socket, *host;  /* NULL: not said */
	unsigned port;	      /* 0: none */
	char *pidfile;	      /* NULL: not said */
	bool sentinel;	      /* no server of data at all */
};

/**
 * Files that it includes are not read.  Passwords in it are passed over.  0, or -1 where it cannot be
 * read; `*out` is to be cleared in any case.
 */
int redisconf_read(const char *path, struct redisconf *out, struct vss_err *err);
void redisconf_clear(struct redisconf *c);

#endif
