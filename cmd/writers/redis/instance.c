/* SPDX-License-Identifier: BSD-2-Clause */
#include "instance.h"

#include "find.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void
instance_clear(struct instance *i)
{
	layout_clear(&i->layout);
}

/* Links in the path of the directory are the administrator's; files are named by where they are. */
static int
settle_layout(struct instance *i, struct vss_err *err)
{
	char *real = i->layout.dir ? realpath(i->layout.dir, NULL) : NULL;

	if (real) {
		free(i->layout.dir);
		i->layout.dir = real;
	}
	return layout_check(&i->layout, err) == 0 ? 0 : vss_wrap(err, "instance %s", i->config->name);
}

/* A server behind a port may be anywhere: what it calls its directory has to be that one here. */
static int
check_place(struct server *s, const struct instance *i, struct vss_err *err)
{
	VSS_AUTOFREE char *info = server_info(s, "server", err);
	VSS_AUTOFREE char *process = info ? info_field(info, "process_id") : NULL;
	uint64_t pid;

	if (!info)
		return -1;
	if (process && vss_parse_u64(process, &pid) == 0 && process_works_in((pid_t)pid, i->layout.dir) != 0)
		return 0;
	VSS_AUTOFREE char *address = server_address(i->config);
	return vss_fail(err, VSS_INVALID, 0,
		"instance %s: the server at %s does not work in %s of this machine: ignore one that is elsewhere, or "
		"in a "
		"container",
		i->config->name, address, i->layout.dir);
}

static int
ask(struct server *s, struct instance *i, struct vss_err *err)
{
	i->state = INSTANCE_RUNNING;
	return server_layout(s, &i->layout, err) == 0 && settle_layout(i, err) == 0 ? check_place(s, i, err) : -1;
}

static bool
is_there(const char *path)
{
	struct stat st;

	return path && lstat(path, &st) == 0;
}

static int
read_own(struct instance *i, struct vss_err *err)
{
	const struct config_instance *c = i->config;
	VSS_AUTOFREE char *address = server_address(c);

	if (!c->own.layout.dir)
		return vss_fail(err, VSS_ABSENT, 0,
			"instance %s: nobody listens at %s, and no configuration says where its files are: say "
			"config=, or ignore it",
			c->name, address);
	layout_copy(&i->layout, &c->own.layout);
	if (settle_layout(i, err) != 0)
		return -1;
	pid_t pid = find_process(i->layout.dir);
	if (pid)
		return vss_fail(err, VSS_BUSY, 0, "instance %s: process %d works in %s, but nobody listens at %s",
			c->name, (int)pid, i->layout.dir, address);
	i->state = is_there(c->socket) || is_there(c->own.pidfile) ? INSTANCE_DIED : INSTANCE_STOPPED;
	return 0;
}

int
instance_look(const struct config *c, const struct config_instance *i, struct instance *out, struct vss_err *err)
{
	struct vss_err why = VSS_ERR_INIT;

	*out = (struct instance){ .config = i };
	struct server *s = server_open(c, i, &why);
	if (s) {
		int r = ask(s, out, err);
		server_close(s);
		return r;
	}
	if (why.code == VSS_ABSENT)
		return read_own(out, err);
	*err = why;
	return -1;
}

bool
instance_lives(const struct config *c, const struct config_instance *i, const char *dir)
{
	struct vss_err err = VSS_ERR_INIT;
	struct server *s = i ? server_open(c, i, &err) : NULL;

	server_close(s);
	return s || (i && err.code != VSS_ABSENT) || (dir && find_process(dir) != 0);
}
