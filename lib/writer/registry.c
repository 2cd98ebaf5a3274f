/* SPDX-License-Identifier: BSD-2-Clause */
#include "writer/registry.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/dirs.h"
#include "wire/registration.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static void
registration_free(struct vss_registration *r)
{
	free(r->name);
	free(r->file);
	vss_strv_free(&r->exec);
	free(r->socket);
	free(r->user);
	vss_strv_free(&r->environment);
	free(r->refused);
}

void
vss_registrations_free(struct vss_registrations *r)
{
	for (size_t i = 0; i < r->n; i++)
		registration_free(&r->v[i]);
	free(r->v);
	*r = (struct vss_registrations){ 0 };
}

static int
set_exec(void *item, const char *value, struct vss_err *err)
{
	struct vss_registration *r = item;

	return vss_registration_exec(&r->exec, value, err);
}

static int
set_socket(void *item, const char *value, struct vss_err *err)
{
	struct vss_registration *r = item;

	if (value[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "the socket needs an absolute path");
	if (strlen(value) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
		return vss_fail(err, VSS_INVALID, 0, "%s: too long for a socket", value);
	free(r->socket);
	r->socket = vss_strdup(value);
	return 0;
}

static int
set_user(void *item, const char *value, struct vss_err *err)
{
	struct vss_registration *r = item;

	if (!*value)
		return vss_fail(err, VSS_INVALID, 0, "a user is missing");
	free(r->user);
	r->user = vss_strdup(value);
	return 0;
}

static int
set_level(void *item, const char *value, struct vss_err *err)
{
	struct vss_registration *r = item;
	int level = vss_app_level_by_word(value);

	if (level < 0)
		return vss_fail(err, VSS_INVALID, 0, "%s is none of front-end, back-end, system", value);
	r->level = (enum vss_app_level)level;
	return 0;
}

static int
set_freeze_timeout(void *item, const char *value, struct vss_err *err)
{
	struct vss_registration *r = item;

	return vss_registration_time(&r->freeze_timeout_ms, value, VSS_FREEZE_TIMEOUT_MS, err);
}

static int
set_environment(void *item, const char *value, struct vss_err *err)
{
	struct vss_registration *r = item;

	return vss_registration_environment(&r->environment, value, err);
}

static const struct vss_registration_key keys[] = {
	{ "Exec", set_exec },
	{ "Socket", set_socket },
	{ "User", set_user },
	{ "Level", set_level },
	{ "FreezeTimeout", set_freeze_timeout },
	{ "Environment", set_environment },
	{ NULL, NULL },
};

static int
check_keys(const struct vss_registration *r, struct vss_err *err)
{
	if (r->exec.n == 0 && !r->socket)
		return vss_fail(err, VSS_INVALID, 0, "no Exec= and no Socket= in a section [Writer]");
	if (r->exec.n > 0 && r->socket)
		return vss_fail(err, VSS_INVALID, 0, "Exec= and Socket= exclude each other");
	if (r->socket && r->environment.n > 0)
		return vss_fail(err, VSS_INVALID, 0, "Environment= means nothing to a service that runs already");
	return 0;
}

static int
load(struct vss_registration *r, struct vss_err *err)
{
	if (vss_registration_read(r->file, "[Writer]", keys, r, err) != 0)
		return -1;
	if (check_keys(r, err) != 0)
		return vss_wrap(err, "%s", r->file);
	/* The service may not run: who is behind the socket is looked at when it is used. */
	return r->socket ? 0 : vss_registration_check_program(r->exec.v[0], err);
}

static void
add_registration(void *ctx, const char *name, const char *file, bool masked)
{
	struct vss_registrations *out = ctx;
	struct vss_err err = VSS_ERR_INIT;
	struct vss_registration r = {
		.name = vss_strdup(name),
		.file = vss_strdup(file),
		.level = VSS_APP_FRONT_END,
		.freeze_timeout_ms = VSS_FREEZE_TIMEOUT_MS,
	};

	r.masked = masked;
	if (!masked && load(&r, &err) != 0) {
		r.refused = vss_strdup(err.text);
		vss_warn("writer %s: not started: %s", name, err.text);
	}
	VSS_PUSH(out->v, out->n, out->cap) = r;
}

static int
by_name(const void *a, const void *b)
{
	const struct vss_registration *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
vss_registrations_read(struct vss_registrations *out, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv dirs = VSS_STRV_INIT;

	vss_writers_path(&dirs);
	if (vss_registration_scan(&dirs, ".writer", add_registration, out, err) != 0) {
		vss_registrations_free(out);
		return -1;
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof *out->v, by_name);
	return 0;
}
