/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_SERVER_H
#define VSS_WRITER_REDIS_SERVER_H

#include "config.h"

#include <stdbool.h>

/**
 * A connection to a Redis server, with a limit of time on all that it does.  After a failure of the
 * connection the next command makes a new one.  Failures: VSS_ABSENT nobody listens there; VSS_DENIED
 * the server wants another password, or does not allow it to this user; VSS_UNSUPPORTED it does not
 * know the command, which may have been renamed; VSS_BUSY it is loading, or held up by a script;
 * VSS_TIMEOUT; VSS_PROTOCOL and VSS_SYSTEM for the rest.
 */
struct server;

/** Connect and say who we are.  `at` and `c` are borrowed while the connection lives. */
struct server *server_open(const struct config *c, const struct config_instance *at, struct vss_err *err);
void server_close(struct server *s); /* NULL is fine */

/** The answer to INFO as text, to be freed; `section` may be "default", which is all that matters. */
char *server_info(struct server *s, const char *section, struct vss_err *err);
/** The value of a field of such a text, to be freed; NULL: it has none. */
char *info_field(const char *info, const char *name);
bool info_is(const char *info, const char *name, const char *value);

/** `*value` is to be freed; NULL: this server has no such setting. */
int server_get(struct server *s, const char *setting, char **value, struct vss_err *err);
int server_set(struct server *s, const char *setting, const char *value, struct vss_err *err);

/** When the last dump was finished, and the server's time, in whole seconds. */
int server_last_save(struct server *s, long long *seconds, struct vss_err *err);
int server_time(struct server *s, long long *seconds, struct vss_err *err);
/** BGSAVE.  VSS_BUSY: a child is at work already. */
int server_save(struct server *s, struct vss_err *err);

/** All of a layout from the server's settings. */
int server_layout(struct server *s, struct layout *out, struct vss_err *err);

/** Where an instance is reached: "socket PATH" or "HOST:PORT"; the caller frees it. */
char *server_address(const struct config_instance *at);

#endif
