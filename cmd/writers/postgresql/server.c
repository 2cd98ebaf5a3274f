/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Several lines become one; the server's level words stay. */
static int
refuse(const char *text, struct vss_err *err)
{
	VSS_AUTOFREE char *line = vss_strdup(text && *text ? text : "no answer");
	size_t n = strlen(line);

	while (n > 0 && line[n - 1] == '\n')
		line[--n] = '\0';
	for (char *p = line; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	return vss_fail(err, VSS_SYSTEM, 0, "%s", line);
}

/* 0 when the socket is ready, or -1 at the deadline. */
static int
wait_for(PGconn *c, short events, int64_t deadline, struct vss_err *err)
{
	for (;;) {
		struct pollfd p = { .fd = PQsocket(c), .events = events };
		int n = poll(&p, 1, vss_time_poll_ms(deadline));

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return vss_fail(err, VSS_SYSTEM, errno, "poll");
		if (vss_now_mono() >= deadline)
			return vss_fail(err, VSS_TIMEOUT, 0, "the server does not answer in time");
	}
}

static int
finish_connecting(PGconn *c, int64_t deadline, struct vss_err *err)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (PQstatus(c) != CONNECTION_BAD && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
		if (wait_for(c, next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, err) != 0)
			return -1;
		next = PQconnectPoll(c);
	}
	if (PQstatus(c) == CONNECTION_OK)
		return 0;
	return refuse(PQerrorMessage(c), err);
}

/* The held connection must not be ended for idling, and no object of a user may stand for one of the system. */
static int
settle(PGconn *c, int64_t deadline, struct vss_err *err)
{
	if (server_do(c, "SET search_path = pg_catalog", deadline, err) != 0)
		return -1;
	if (PQserverVersion(c) >= 140000 && server_do(c, "SET idle_session_timeout = 0", deadline, err) != 0)
		return -1;
	return server_do(c, "SET statement_timeout = 0", deadline, err);
}

static char *
name_of(uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw ? vss_strdup(pw->pw_name) : NULL;
}

/*
 * Only root can become somebody else for the time of connecting: the socket's other end sees who we are
 * then, and files that libpq looks for are those of that user. No way back must not be survived.
 */
static bool
become(uid_t uid)
{
	return geteuid() == 0 && uid != 0 && seteuid(uid) == 0;
}

static void
become_root_again(bool became)
{
	if (became && seteuid(0) != 0)
		abort();
}

PGconn *
server_connect(const struct disk *d, const struct config_cluster *k, int64_t deadline, struct vss_err *err)
{
	static const char *const keys[] = { "host", "port", "user", "dbname", "application_name", "client_encoding",
		NULL };
	VSS_AUTOFREE char *owner = name_of(d->uid);
	const char *values[] = { k && k->host ? k->host : d->host, k && k->port ? k->port : d->port,
		k && k->user ? k->user : owner, k && k->dbname ? k->dbname : "postgres", "vss-writer-postgresql",
		"SQL_ASCII" /* bytes as they are */, NULL };

	bool became = become(d->uid);
	PGconn *c = PQconnectStartParams(keys, values, 0);
	int r = c ? finish_connecting(c, deadline, err) : vss_fail(err, VSS_SYSTEM, ENOMEM, "connect");
	become_root_again(became);
	if (r == 0 && settle(c, deadline, err) == 0)
		return c;
	PQfinish(c);
	return NULL;
}

static int
send_query(PGconn *c, const char *sql, const char *const *params, struct vss_err *err)
{
	int n = 0;

	while (params && params[n])
		n++;
	int ok = params ? PQsendQueryParams(c, sql, n, NULL, params, NULL, NULL, 0) : PQsendQuery(c, sql);
	return ok ? 0 : refuse(PQerrorMessage(c), err);
}

/* 0 when the next result can be taken without waiting. */
static int
wait_for_result(PGconn *c, int64_t deadline, struct vss_err *err)
{
	while (PQisBusy(c)) {
		if (wait_for(c, POLLIN, deadline, err) != 0)
			return -1;
		if (!PQconsumeInput(c))
			return refuse(PQerrorMessage(c), err);
	}
	return 0;
}

/* The result of one statement, and behind it the end that libpq wants to be read. */
static PGresult *
collect(PGconn *c, int64_t deadline, struct vss_err *err)
{
	PGresult *r = wait_for_result(c, deadline, err) == 0 ? PQgetResult(c) : NULL;

	if (r && wait_for_result(c, deadline, err) == 0)
		PQclear(PQgetResult(c));
	return r;
}

PGresult *
server_query(PGconn *c, const char *sql, const char *const *params, int64_t deadline, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;
	PGresult *r = send_query(c, sql, params, &why) == 0 ? collect(c, deadline, &why) : NULL;
	ExecStatusType status = r ? PQresultStatus(r) : PGRES_FATAL_ERROR;

	if (why.code == VSS_OK && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK))
		return r;
	if (why.code == VSS_OK)
		refuse(r ? PQresultErrorMessage(r) : PQerrorMessage(c), &why);
	PQclear(r);
	*err = why;
	return NULL;
}

int
server_do(PGconn *c, const char *sql, int64_t deadline, struct vss_err *err)
{
	PGresult *r = server_query(c, sql, NULL, deadline, err);

	PQclear(r);
	return r ? 0 : -1;
}

const char *
server_value(const PGresult *r, int row, int col)
{
	return PQgetvalue(r, row, col);
}
