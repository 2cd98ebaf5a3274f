/* SPDX-License-Identifier: BSD-2-Clause */
#include "blockers.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

/*
 * Who waits for a lock himself is not where it begins.  One that is idle may hold LOCK TABLES or a backup of its own; the
 * server does not tell without a plugin, so idle ones come last.
 */
static const char sessions[] = "SELECT ID, USER, TIME, COMMAND, SUBSTRING(REPLACE(INFO, '\\n', ' '), 1, 60) FROM "
			       "information_schema.PROCESSLIST "
			       "WHERE ID <> CONNECTION_ID() AND USER <> 'system user' "
			       "AND COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID') "
			       "AND COALESCE(STATE, '') NOT LIKE 'Waiting for%lock%' ";

static void
describe(void *ctx, const char *const *columns, unsigned n)
{
	char **out = ctx;

	if (*out || n < 5)
		return;
	const char *user = columns[1] ? columns[1] : "?", *time = columns[2] ? columns[2] : "?";
	*out = columns[4] ? vss_strf("session %s of %s, for %s s at \"%s\"", columns[0], user, time, columns[4])
			  : vss_strf("session %s of %s, which is idle for %s s and may hold locks", columns[0], user,
				    time);
}

static char *
ask(struct server *s, const char *condition)
{
	VSS_AUTOFREE char *sql = vss_strf("%s%s", sessions, condition);
	struct vss_err err = VSS_ERR_INIT;
	char *out = NULL;

	return server_rows(s, sql, describe, &out, &err) == 0 ? out : NULL;
}

char *
blockers_of(struct server *s)
{
	char *who = ask(s, "ORDER BY INFO IS NULL, TIME DESC, ID LIMIT 1");

	return who ? who : vss_strdup("a session that cannot be named");
}

char *
blockers_older_than(struct server *s, unsigned seconds)
{
	VSS_AUTOFREE char *condition =
		vss_strf("AND COMMAND = 'Query' AND TIME > %u ORDER BY TIME DESC, ID LIMIT 1", seconds);

	return ask(s, condition);
}
