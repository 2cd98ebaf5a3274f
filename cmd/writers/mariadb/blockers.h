/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_MARIADB_BLOCKERS_H
#define VSS_WRITER_MARIADB_BLOCKERS_H

#include "server.h"

/** In words, whom a lock that was not to be had may have waited for; to be freed. */
char *blockers_of(struct server *s);
/** The statement that has run for the longest time, if that is more than `seconds`; NULL: there is none.  To be freed. */
char *blockers_older_than(struct server *s, unsigned seconds);

#endif
