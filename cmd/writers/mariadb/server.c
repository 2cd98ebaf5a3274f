/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include "base/mem.h"

#include <errmsg.h>
#include <errno.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct server {
	char *name; /* of the instance, for messages */
	MYSQL *db;
};

bool
server_listens(const char *socket_path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	VSS_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(socket_path) >= sizeof a.sun_path)
		return false;
	memcpy(a.sun_path, socket_path, strlen(socket_path));
	return connect(fd, (struct sockaddr *)&a, sizeof a) == 0 || errno == EAGAIN;
}

static enum vss_code
code_of(unsigned number)
{
	switch (number) {
	case ER_LOCK_WAIT_TIMEOUT:
		return VSS_BUSY;
	case ER_ACCESS_DENIED_ERROR:
	case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
	case ER_DBACCESS_DENIED_ERROR:
	case ER_SPECIFIC_ACCESS_DENIED_ERROR:
		return VSS_DENIED;
	case CR_SERVER_LOST:
	case CR_SERVER_GONE_ERROR:
		return VSS_TIMEOUT;
	default:
		return VSS_SYSTEM;
	}
}

static int
refuse(const struct server *s, struct vss_err *err)
{
	return vss_fail(err, code_of(mysql_errno(s->db)), 0, "instance %s: %s", s->name, mysql_error(s->db));
}

/* The server must not be able to ask for files of ours (LOCAL INFILE). */
static void
set_options(MYSQL *db, const struct config_instance *c, unsigned connect_s, unsigned answer_s)
{
	const unsigned off = 0, protocol = MYSQL_PROTOCOL_SOCKET;

	mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &answer_s);
	mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &connect_s);
	mysql_options(db, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (c->defaults_file) {
		mysql_options(db, MYSQL_READ_DEFAULT_FILE, c->defaults_file);
		mysql_options(db, MYSQL_READ_DEFAULT_GROUP, "client");
	}
}

struct server *
server_connect(const struct config_instance *c, const char *socket_path, unsigned connect_s, unsigned answer_s,
	struct vss_err *err)
{
	struct server *s = vss_alloc(sizeof *s);
	const char *user = c->user ? c->user : c->defaults_file ? NULL : "root";

	s->name = vss_strdup(c->name);
	s->db = mysql_init(NULL);
	if (!s->db) {
		vss_fail(err, VSS_SYSTEM, ENOMEM, "instance %s", c->name);
		server_close(s);
		return NULL;
	}
	set_options(s->db, c, connect_s, answer_s);
	if (mysql_real_connect(s->db, NULL, user, NULL, NULL, 0, socket_path, 0))
		return s;
	refuse(s, err);
	server_close(s);
	return NULL;
}

void
server_close(struct server *s)
{
	if (!s)
		return;
	if (s->db)
		mysql_close(s->db);
	free(s->name);
	free(s);
}

const char *
server_version(const struct server *s)
{
	return mysql_get_server_info(s->db);
}

unsigned long
server_number(const struct server *s)
{
	return mysql_get_server_version(s->db);
}

bool
server_is_mariadb(const struct server *s)
{
	return strstr(server_version(s), "MariaDB") != NULL;
}

unsigned long
server_connection(const struct server *s)
{
	return mysql_thread_id(s->db);
}

int
server_rows(struct server *s, const char *sql, server_row *row, void *ctx, struct vss_err *err)
{
	if (mysql_real_query(s->db, sql, strlen(sql)) != 0)
		return refuse(s, err);
	MYSQL_RES *rows = mysql_store_result(s->db);
	if (!rows)
		return mysql_errno(s->db) ? refuse(s, err) : 0;
	unsigned n = mysql_num_fields(rows);
	for (MYSQL_ROW r; row && (r = mysql_fetch_row(rows));)
		row(ctx, (const char *const *)r, n);
	mysql_free_result(rows);
	return 0;
}

int
server_run(struct server *s, const char *sql, struct vss_err *err)
{
	return server_rows(s, sql, NULL, NULL, err);
}

static void
keep_first(void *ctx, const char *const *columns, unsigned n)
{
	char **value = ctx;

	if (!*value && n > 0)
		*value = vss_strdup(columns[0]);
}

char *
server_value(struct server *s, const char *sql)
{
	struct vss_err err = VSS_ERR_INIT;
	char *value = NULL;

	return server_rows(s, sql, keep_first, &value, &err) == 0 ? value : NULL;
}
