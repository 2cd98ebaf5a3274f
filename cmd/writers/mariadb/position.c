/* SPDX-License-Identifier: BSD-2-Clause */
#include "position.h"

#include "base/mem.h"

#include <stdlib.h>

static void
keep(char **slot, const char *value)
{
	free(*slot);
	*slot = value && *value ? vss_strdup(value) : NULL;
}

static void
keep_position(void *ctx, const char *const *columns, unsigned n)
{
	struct hold *h = ctx;

	if (n < 2)
		return;
	keep(&h->log_file, columns[0]);
	keep(&h->log_position, columns[1]);
	if (n > 2)
		keep(&h->gtid, columns[2]);
}

static void
read_mariadb_gtid(struct hold *h)
{
	VSS_AUTOFREE char *own = server_value(h->server, "SELECT @@GLOBAL.gtid_binlog_pos");
	VSS_AUTOFREE char *replica = server_value(h->server, "SELECT @@GLOBAL.gtid_slave_pos");

	keep(&h->gtid, own);
	keep(&h->replica_gtid, replica);
}

int
position_read(struct hold *h, struct vss_err *err)
{
	static const char mysql8[] = "SELECT JSON_UNQUOTE(JSON_EXTRACT(LOCAL, '$.binary_log_file')), "
				     "JSON_EXTRACT(LOCAL, '$.binary_log_position'), "
				     "JSON_UNQUOTE(JSON_EXTRACT(LOCAL, '$.gtid_executed')) "
				     "FROM performance_schema.log_status";

	if (!h->instance->log_index)
		return 0;
	if (!server_is_mariadb(h->server) && server_number(h->server) >= 80000)
		return server_rows(h->server, mysql8, keep_position, h, err);
	/* It has more columns, with other meanings. */
	if (server_rows(h->server, "SHOW MASTER STATUS", keep_position, h, err) != 0)
		return -1;
	keep(&h->gtid, NULL);
	if (server_is_mariadb(h->server))
		read_mariadb_gtid(h);
	return 0;
}
