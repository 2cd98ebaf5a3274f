/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include "base/mem.h"
#include "base/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
servers_clear(struct servers *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct server *each = &s->v[i];

		for (size_t k = 0; k < each->ndatabases; k++) {
			free(each->databases[k].name);
			free(each->databases[k].suffix);
			free(each->databases[k].directory);
			free(each->databases[k].sync);
		}
		free(each->databases);
		free(each->name);
		free(each->config);
		free(each->service);
		vss_strv_free(&each->conf);
	}
	free(s->v);
	*s = (struct servers){ 0 };
}

/* A logical path is cut at backslashes, and a slash in a name would look like one. */
static char *
component_name(const struct server *s, const char *suffix, const char *entry)
{
	bool usable = suffix[0] != '\0' && !strpbrk(suffix, "/\\*?");

	for (size_t i = 0; usable && i < s->ndatabases; i++)
		usable = !vss_str_caseeq(s->databases[i].name, suffix);
	return vss_strdup(usable && !vss_str_caseeq(suffix, "config") ? suffix : entry);
}

static bool
is_ignored(const struct vss_strv *ignored, const char *suffix)
{
	for (size_t i = 0; i < ignored->n; i++)
		if (vss_str_caseeq(ignored->v[i], suffix))
			return true;
	return false;
}

int
server_add_database(struct server *s, const struct vss_strv *ignored, const struct database *found, const char *entry,
	struct vss_err *err)
{
	const char *brace = entry[0] == '{' ? strchr(entry, '}') : NULL, *type = brace ? brace + 1 : entry;
	const char *suffix = found->suffix ? found->suffix : "";

	if (is_ignored(ignored, suffix))
		return 0;
	if (strcmp(type, "mdb") != 0) {
		if (!found->directory)
			return 0;
		return vss_fail(err, VSS_UNSUPPORTED, 0,
			"database %s (%s): is not of the kind mdb: say `ignore \"%s\"`", entry, suffix, suffix);
	}
	if (!found->directory || found->directory[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "database %s (%s): %s", entry, suffix,
			found->directory ? "its directory is not an absolute path" : "has no directory");
	char *name = component_name(s, suffix, entry);
	VSS_PUSH(s->databases, s->ndatabases, s->cdatabases) = (struct database){ .name = name,
		.suffix = vss_strdup(suffix),
		.directory = vss_path_clean(found->directory, "/"),
		.sync = vss_strdup(found->sync ? found->sync : "full") };
	return 0;
}

/* Something that is not there is lost; something that cannot be looked at is a failure. */
static int
is_there(const char *path, struct vss_err *err)
{
	if (access(path, F_OK) == 0)
		return 1;
	return errno == ENOENT ? 0 : vss_fail(err, VSS_SYSTEM, errno, "%s", path);
}

static int
read_server(struct server *s, const struct vss_strv *ignored, struct vss_err *err)
{
	VSS_AUTOFREE char *root = s->config ? vss_path_join(s->config, "cn=config.ldif") : vss_strdup(s->conf.v[0]);
	int there = is_there(root, err);

	s->lost = there == 0;
	if (there <= 0)
		return there;
	return s->config ? server_read_config(s, ignored, err) : server_read_conf(s, ignored, err);
}

static int
add_server(const struct config *c, const struct config_instance *from, struct servers *out, struct vss_err *err)
{
	const char *service = from->service ? from->service : c->service;
	struct server *s = &VSS_PUSH(out->v, out->n, out->cap);

	*s = (struct server){ .name = vss_strdup(from->name),
		.config = vss_strdup(from->config),
		.service = vss_strdup(service ? service : "slapd"),
		.stop_service = from->stop_service >= 0 ? from->stop_service : c->stop_service,
		.ldif = from->ldif >= 0 ? from->ldif : c->ldif };
	if (from->conf)
		vss_strv_add(&s->conf, from->conf);
	return read_server(s, &c->ignored, err) == 0 ? 0 : vss_wrap(err, "instance %s", s->name);
}

static bool
is_configured(const struct config *c, const char *path)
{
	for (size_t i = 0; i < c->ninstances; i++) {
		const struct config_instance *k = &c->instances[i];

		if (vss_str_eq(k->config, path) || vss_str_eq(k->conf, path) || vss_str_caseeq(k->name, "slapd"))
			return true;
	}
	return false;
}

/* As slapd does: a slapd.d is taken before a slapd.conf. */
static int
discover(const struct config *c, struct servers *out, struct vss_err *err)
{
	static const char *const places[] = { "/etc/ldap", "/etc/openldap", "/usr/local/etc/openldap" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		VSS_AUTOFREE char *config = vss_path_join(places[i], "slapd.d");
		VSS_AUTOFREE char *root = vss_path_join(config, "cn=config.ldif");
		VSS_AUTOFREE char *conf = vss_path_join(places[i], "slapd.conf");
		struct config_instance found = { .name = (char[]){ "slapd" }, .stop_service = -1, .ldif = -1 };
		int there = is_there(root, err);

		if (there == 1)
			found.config = config;
		else if (there == 0 && (there = is_there(conf, err)) == 1)
			found.conf = conf;
		if (there < 0)
			return -1;
		if (there == 1)
			return is_configured(c, found.config ? config : conf) ? 0 : add_server(c, &found, out, err);
	}
	return 0;
}

static bool
is_installed(void)
{
	static const char *const programs[] = { "/usr/sbin/slapd", "/usr/local/sbin/slapd", "/usr/libexec/slapd",
		"/usr/lib/openldap/slapd", "/usr/local/libexec/slapd" };

	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (access(programs[i], X_OK) == 0)
			return true;
	return false;
}

int
servers_find(const struct config *c, struct servers *out, bool *installed, struct vss_err *err)
{
	*installed = is_installed();
	for (size_t i = 0; i < c->ninstances; i++)
		if (add_server(c, &c->instances[i], out, err) != 0)
			return -1;
	return c->discover ? discover(c, out, err) : 0;
}
