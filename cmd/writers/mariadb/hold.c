/* SPDX-License-Identifier: BSD-2-Clause */
#include "hold.h"

#include "blockers.h"
#include "position.h"
#include "redo.h"

#include "base/mem.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_WITH_STAGES = 100401, FIRST_WITH_INSTANCE_LOCK = 80000, MARGIN_S = 3 };

/* How a server is held.  FLUSH ENGINE LOGS is for Aria's log, which otherwise follows later. */
struct technique {
	const char *name;
	const char *prepare;
	const char *freeze[5]; /* NULL-terminated; each waits for its own lock */
	const char *thaw[3];
	bool stops_commits;
	bool waits_behind_readers; /* one long SELECT, and everybody else stands in the queue behind us */
};

#define FLUSH_LOGS "FLUSH LOCAL ENGINE LOGS"
static const struct technique stages = { "BACKUP STAGE BLOCK_COMMIT", "BACKUP STAGE START",
	{ "BACKUP STAGE FLUSH", "BACKUP STAGE BLOCK_DDL", "BACKUP STAGE BLOCK_COMMIT", FLUSH_LOGS },
	{ "BACKUP STAGE END" }, true, false };
static const struct technique read_lock = { "FLUSH TABLES WITH READ LOCK", NULL,
	{ "FLUSH LOCAL TABLES WITH READ LOCK", FLUSH_LOGS }, { "UNLOCK TABLES" }, true, true };
static const struct technique instance_lock = { "LOCK INSTANCE FOR BACKUP", "LOCK INSTANCE FOR BACKUP", { FLUSH_LOGS },
	{ "UNLOCK INSTANCE" }, false, false };
static const struct technique both_locks = { "LOCK INSTANCE FOR BACKUP, FLUSH TABLES WITH READ LOCK",
	"LOCK INSTANCE FOR BACKUP", { "FLUSH LOCAL TABLES WITH READ LOCK", FLUSH_LOGS },
	{ "UNLOCK TABLES", "UNLOCK INSTANCE" }, true, true };
static const struct technique files = { "locks of the data files", NULL, { NULL }, { NULL }, true, false };

/* Tables that no log brings back after a crash, outside of the server's own. */
static bool
has_tables_without_log(struct server *s)
{
	VSS_AUTOFREE char *one =
		server_value(s, "SELECT 1 FROM information_schema.TABLES WHERE ENGINE IN ('MyISAM', 'CSV', 'ARCHIVE', "
				"'MERGE', 'MRG_MYISAM') AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', "
				"'performance_schema') LIMIT 1");

	return one != NULL;
}

static const struct technique *
choose(const struct hold *h)
{
	unsigned long number = server_number(h->server);

	if (!server_is_mariadb(h->server) && number >= FIRST_WITH_INSTANCE_LOCK)
		return h->instance->config->read_lock || has_tables_without_log(h->server) ? &both_locks
											   : &instance_lock;
	if (!server_is_mariadb(h->server) || number < FIRST_WITH_STAGES || h->instance->config->read_lock)
		return &read_lock;
	return &stages;
}

static int
set_patience(struct hold *h, unsigned wait_s, struct vss_err *err)
{
	VSS_AUTOFREE char *sql = vss_strf("SET SESSION lock_wait_timeout = %u", wait_s);

	return server_run(h->server, sql, err);
}

/* From prepare-snapshot to freeze it may be idle for minutes; a server with short timeouts would let it go. */
static int
connect_to(struct hold *h, struct vss_err *err)
{
	h->server = server_connect(h->instance->config, h->instance->socket, h->config->connect_s,
		2 * h->config->lock_s + MARGIN_S, err); /* a stage may wait for two locks */
	if (!h->server || server_run(h->server, "SET SESSION wait_timeout = 86400", err) != 0)
		return -1;
	if (server_is_mariadb(h->server) && server_run(h->server, "SET SESSION max_statement_time = 0", err) != 0)
		return -1;
	h->technique = choose(h);
	return set_patience(h, h->config->lock_s, err);
}

int
hold_open(struct hold *h, const struct instance *instance, const struct config *config, struct vss_err *err)
{
	*h = (struct hold){ .instance = instance, .config = config, .technique = &files };
	if (instance->state != INSTANCE_RUNNING || connect_to(h, err) == 0)
		return 0;
	hold_close(h);
	return -1;
}

/* A lock that was not to be had: who has it. */
static int
name_blockers(struct hold *h, struct vss_err *err)
{
	if (err->code != VSS_BUSY)
		return -1;
	VSS_AUTOFREE char *who = blockers_of(h->server);
	return vss_fail(err, VSS_BUSY, 0, "instance %s: no lock within its time: it waited for %s",
		h->instance->config->name, who);
}

int
hold_prepare(struct hold *h, struct vss_err *err)
{
	if (!h->server || h->prepared)
		return 0;
	/* Not the one that counts; but a right that is missing is to be known before anybody stands still. */
	if (position_read(h, err) != 0)
		return -1;
	if (h->technique->prepare && server_run(h->server, h->technique->prepare, err) != 0)
		return name_blockers(h, err);
	h->prepared = true;
	return 0;
}

/* Rather than to queue up and to stop everybody, look first who would keep us waiting. */
static int
refuse_long_readers(struct hold *h, unsigned wait_s, struct vss_err *err)
{
	if (!h->technique->waits_behind_readers)
		return 0;
	VSS_AUTOFREE char *who = blockers_older_than(h->server, wait_s);
	if (!who)
		return 0;
	return vss_fail(err, VSS_BUSY, 0, "instance %s: not locked behind %s", h->instance->config->name, who);
}

static int
take_server(struct hold *h, unsigned wait_s, struct vss_err *err)
{
	int64_t deadline = vss_now_mono() + wait_s * VSS_S;

	if (refuse_long_readers(h, wait_s, err) != 0)
		return -1;
	for (const char *const *sql = h->technique->freeze; *sql; sql++) {
		int64_t left = (deadline - vss_now_mono()) / VSS_S;

		if (set_patience(h, left > 1 ? (unsigned)left : 1, err) != 0)
			return -1;
		if (server_run(h->server, *sql, err) != 0)
			return name_blockers(h, err);
	}
	if (redo_wait(h->server, deadline, err) != 0)
		return vss_wrap(err, "instance %s", h->instance->config->name);
	return position_read(h, err);
}

int
hold_take(struct hold *h, unsigned wait_s, struct vss_err *err)
{
	struct vss_err ignored = VSS_ERR_INIT;

	h->held = true; /* a part of it may be, whatever comes now */
	if (h->server ? take_server(h, wait_s, err) == 0 : locks_take(&h->locks, &h->instance->places.locks, err) == 0)
		return 0;
	hold_release(h, &ignored);
	return -1;
}

int
hold_release(struct hold *h, struct vss_err *err)
{
	int r = 0;

	if (!h->held && !h->prepared)
		return 0;
	h->held = h->prepared = false;
	locks_release(&h->locks);
	for (const char *const *sql = h->technique->thaw; r == 0 && *sql; sql++)
		r = server_run(h->server, *sql, err);
	if (r == 0)
		return 0;
	/* With the connection goes whatever it still holds. */
	server_close(h->server);
	h->server = NULL;
	return vss_wrap(err, "its lock was lost");
}

void
hold_close(struct hold *h)
{
	locks_release(&h->locks);
	server_close(h->server);
	free(h->log_file);
	free(h->log_position);
	free(h->gtid);
	free(h->replica_gtid);
	*h = (struct hold){ 0 };
}

const char *
hold_technique(const struct hold *h)
{
	return h->technique->name;
}

bool
hold_stops_commits(const struct hold *h)
{
	return h->technique->stops_commits;
}
