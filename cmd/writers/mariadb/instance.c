/* SPDX-License-Identifier: BSD-2-Clause */
#include "instance.h"

#include "locks.h"
#include "program.h"

#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
clear(struct instance *i)
{
	free(i->socket);
	free(i->version);
	free(i->pid_file);
	free(i->log_index);
	places_clear(&i->places);
	vss_strv_free(&i->databases);
}

void
instances_clear(struct instances *all)
{
	for (size_t i = 0; i < all->n; i++)
		clear(&all->v[i]);
	free(all->v);
	*all = (struct instances)INSTANCES_INIT;
}

const char *
instance_data(const struct instance *i)
{
	return i->places.v[0].dir;
}

int
instance_user(const struct instance *i)
{
	int pid = 0;

	for (size_t k = 0; k < i->places.locks.n && pid == 0; k++)
		pid = locks_holder(i->places.locks.v[k]);
	return pid;
}

static bool
is_there(const char *dir, const char *name)
{
	VSS_AUTOFREE char *path = vss_path_join(dir, name);

	return access(path, F_OK) == 0;
}

static void
keep_database(void *ctx, const char *const *columns, unsigned n)
{
	static const char *const computed[] = { "information_schema", "performance_schema", "sys" };
	const char *name = n > 0 ? columns[0] : NULL;

	if (!name || vss_str_starts(name, "#mysql50#"))
		return;
	for (size_t i = 0; i < sizeof computed / sizeof *computed; i++)
		if (vss_str_caseeq(name, computed[i]))
			return;
	vss_strv_add(ctx, name);
}

static int
ask(struct instance *i, const struct config *c, struct settings *s, struct vss_err *err)
{
	struct server *server = server_connect(i->config, i->socket, c->connect_s, c->connect_s, err);

	if (!server)
		return -1;
	i->state = INSTANCE_RUNNING;
	free(i->version);
	i->version = vss_strdup(server_version(server));
	int r = settings_ask(s, server, err);
	if (r == 0 && i->config->dumps)
		r = server_rows(server, "SHOW DATABASES", keep_database, &i->databases, err);
	server_close(server);
	return r;
}

/* Nobody listens: then nobody may have the files either. */
static int
look_at_files(struct instance *i, struct vss_err *err)
{
	int pid = instance_user(i);

	if (pid > 0)
		return vss_fail(err, VSS_SYSTEM, 0, "instance %s: process %d has its data, but nobody listens at %s",
			i->config->name, pid, i->socket);
	if (pid < 0)
		return vss_fail(err, VSS_SYSTEM, 0, "instance %s: its data is in use, but nobody listens at %s",
			i->config->name, i->socket);
	bool any = is_there(instance_data(i), "mysql") || access(i->places.locks.v[1], F_OK) == 0;
	i->state = any ? INSTANCE_STOPPED : INSTANCE_EMPTY;
	return 0;
}

static void
set_usual(struct settings *s, const struct config_instance *c)
{
	if (c->datadir)
		settings_set(s, "datadir", c->datadir);
	else if (!settings_get(s, "datadir"))
		settings_set(s, "datadir", USUAL_DATADIR);
}

static char *
pid_file(const struct settings *s)
{
	const char *named = settings_get(s, "pid_file"), *data = settings_get(s, "datadir");
	char host[256];

	if (named)
		return vss_path_clean(named, data);
	if (gethostname(host, sizeof host) != 0)
		return NULL;
	host[sizeof host - 1] = '\0';
	host[strcspn(host, ".")] = '\0';
	VSS_AUTOFREE char *name = vss_strf("%s.pid", host);
	return vss_path_join(data, name);
}

static char *
log_index(const struct settings *s)
{
	const char *base = settings_get(s, "log_bin_basename"), *index = settings_get(s, "log_bin_index");

	if (!base)
		return NULL;
	return index ? vss_strdup(index) : vss_strf("%s.index", base);
}

/* What the option files say, and by that the socket, when it is not configured. */
static int
read_files(struct instance *i, struct settings *s, struct vss_err *err)
{
	const struct config_instance *ci = i->config;

	if (settings_read(s, ci, i->version, err) != 0)
		return -1;
	if (ci->socket || !settings_get(s, "socket"))
		return 0;
	free(i->socket);
	i->socket = vss_path_clean(settings_get(s, "socket"), USUAL_DATADIR);
	return 0;
}

/* The option files are read only where the server does not say it itself. */
static int
settle(struct instance *i, const struct config *c, struct settings *s, struct vss_err *err)
{
	const struct config_instance *ci = i->config;
	const char *program = ci->program ? ci->program : program_find();
	bool usual = !ci->socket && !ci->server_file;

	i->socket = vss_strdup(ci->socket ? ci->socket : USUAL_SOCKET);
	if ((ci->socket || usual) && server_listens(i->socket))
		return ask(i, c, s, err);
	i->version = program ? program_version(program) : NULL;
	if ((usual || ci->server_file) && read_files(i, s, err) != 0)
		return -1;
	if (server_listens(i->socket)) {
		settings_clear(s);
		return ask(i, c, s, err);
	}
	if (!usual && !ci->datadir && !settings_get(s, "datadir"))
		return vss_fail(err, VSS_SYSTEM, 0,
			"instance %s: nobody listens at %s, and neither datadir= nor server-file= says where its data "
			"is",
			ci->name, i->socket);
	set_usual(s, ci);
	i->state = INSTANCE_STOPPED;
	return 0;
}

static int
look(struct instance *i, const struct config *c, struct vss_err *err)
{
	struct settings s = SETTINGS_INIT;
	int r = settle(i, c, &s, err);

	if (r == 0)
		r = places_find(&i->places, &s, err);
	if (r == 0) {
		i->pid_file = pid_file(&s);
		i->log_index = log_index(&s);
	}
	if (r == 0 && i->state != INSTANCE_RUNNING)
		r = look_at_files(i, err);
	settings_clear(&s);
	return r;
}

/* A machine that never had a server, and has none now. */
static bool
is_nowhere(const struct instance *i)
{
	return i->config->by_itself && i->state == INSTANCE_EMPTY && !program_find();
}

int
instances_find(struct instances *all, const struct config *c, struct vss_err *err)
{
	for (size_t k = 0; k < c->n; k++) {
		const struct config_instance *ci = &c->instances[k];

		if (vss_strv_has(&c->ignored, ci->name))
			continue;
		struct instance i = { .config = ci };
		if (look(&i, c, err) != 0) {
			clear(&i);
			return -1;
		}
		if (is_nowhere(&i))
			clear(&i);
		else
			VSS_PUSH(all->v, all->n, all->cap) = i;
	}
	return 0;
}
