/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "find.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

static void
instance_clear(struct config_instance *i)
{
	free(i->name);
	free(i->socket);
	free(i->host);
	free(i->user);
	free(i->password_file);
	free(i->service);
	free(i->conf);
	redisconf_clear(&i->own);
}

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < c->ninstances; i++)
		instance_clear(&c->instances[i]);
	free(c->instances);
	vss_strv_free(&c->ignores);
	vss_strv_free(&c->searches);
	*c = (struct config)CONFIG_INIT;
}

const struct config_instance *
config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->ninstances; i++)
		if (strcmp(c->instances[i].name, name) == 0)
			return &c->instances[i];
	return NULL;
}

/* The name of a component, and of a file of ours. */
static int
check_name(const char *name, struct vss_err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";

	if (*name == '\0' || *name == '.' || name[strspn(name, allowed)] != '\0')
		return vss_fail(err, VSS_INVALID, 0, "%s: a name is made of letters, digits, and . _ @ -", name);
	return 0;
}

static int
take_number(const char *word, unsigned max, unsigned *out, struct vss_err *err)
{
	uint64_t n;

	if (vss_parse_u64(word, &n) != 0 || n == 0 || n > max)
		return vss_fail(err, VSS_INVALID, 0, "%s: not a number from 1 to %u", word, max);
	*out = (unsigned)n;
	return 0;
}

static int
take_path(const struct vss_line *l, const char *key, char **out, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	if (!word)
		return 0;
	if (word[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s=%s: not an absolute path", key, word);
	*out = vss_path_clean(word, "/");
	return 0;
}

static int
take_address(const struct vss_line *l, struct config_instance *i, struct vss_err *err)
{
	const char *port = vss_line_get(l, "port");

	if (take_path(l, "socket", &i->socket, err) != 0 || (port && take_number(port, 65535, &i->port, err) != 0))
		return -1;
	i->host = vss_strdup(vss_line_get(l, "host"));
	if (i->socket && (i->host || i->port))
		return vss_fail(err, VSS_INVALID, 0, "socket= and host= or port= exclude each other");
	if (i->host && !i->port)
		return vss_fail(err, VSS_INVALID, 0, "host= wants port=");
	return 0;
}

static int
take_service(const struct vss_line *l, struct config_instance *i, struct vss_err *err)
{
	const char *stop = vss_line_get(l, "stop-service");

	i->service = vss_strdup(vss_line_get(l, "service"));
	if (stop && vss_config_bool(stop, &i->stop_service, err) != 0)
		return -1;
	if (i->stop_service && !i->service)
		return vss_fail(err, VSS_INVALID, 0, "stop-service= wants service=");
	return 0;
}

static int
take_instance(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *name = vss_line_word(l, 1);

	if (check_name(name, err) != 0)
		return -1;
	if (config_find(c, name))
		return vss_fail(err, VSS_INVALID, 0, "%s: is there already", name);
	struct config_instance *i = &VSS_PUSH(c->instances, c->ninstances, c->cinstances);
	*i = (struct config_instance){ .name = vss_strdup(name), .user = vss_strdup(vss_line_get(l, "user")) };
	if (take_address(l, i, err) != 0 || take_path(l, "password-file", &i->password_file, err) != 0 ||
		take_path(l, "config", &i->conf, err) != 0)
		return -1;
	if (i->user && !i->password_file)
		return vss_fail(err, VSS_INVALID, 0, "user= wants password-file=");
	return take_service(l, i, err);
}

static int
take_ignore(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	(void)err;
	vss_strv_add(&c->ignores, vss_line_word(l, 1));
	return 0;
}

static int
take_search(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *word = vss_line_word(l, 1);

	if (strcmp(word, "none") == 0) {
		c->searches_none = true;
		return 0;
	}
	if (word[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: neither an absolute path nor none", word);
	vss_strv_take(&c->searches, vss_path_clean(word, "/"));
	return 0;
}

static int
take_limit(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const struct {
		const char *key;
		unsigned max, *to;
	} limits[] = {
		{ "connect-timeout", 10000, &c->connect_ms },
		{ "command-timeout", 60000, &c->command_ms },
		{ "freeze-wait", 30000, &c->freeze_ms },
		{ "wait", 540, &c->wait_s },
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (strcmp(vss_line_word(l, 0), limits[i].key) == 0)
			return take_number(vss_line_word(l, 1), limits[i].max, limits[i].to, err);
	return 0;
}

static int
read_lines(const char *path, struct config *c, struct vss_err *err)
{
	static const char *const pairs[] = { "socket", "host", "port", "user", "password-file", "config", "service",
		"stop-service", NULL };
	static const struct vss_config_key keys[] = {
		{ "instance", 1, 1, pairs, take_instance },
		{ "ignore", 1, 1, NULL, take_ignore },
		{ "search", 1, 1, NULL, take_search },
		{ "connect-timeout", 1, 1, NULL, take_limit },
		{ "command-timeout", 1, 1, NULL, take_limit },
		{ "freeze-wait", 1, 1, NULL, take_limit },
		{ "wait", 1, 1, NULL, take_limit },
	};

	return vss_config_read(path, keys, sizeof keys / sizeof *keys, c, err);
}

/* What the administrator says counts before what the server's own configuration does. */
static int
complete(struct config_instance *i, struct vss_err *err)
{
	if (i->conf && redisconf_read(i->conf, &i->own, err) != 0)
		return -1;
	if (i->socket || i->port)
		return 0;
	i->socket = vss_strdup(i->own.socket);
	if (i->socket)
		return 0;
	i->host = vss_strdup(i->own.host);
	i->port = i->own.port;
	if (!i->port)
		return vss_fail(err, VSS_INVALID, 0,
			"instance %s: nothing says where it can be reached without TLS: say socket= or port=", i->name);
	return 0;
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char standard[] = "/etc/redis";

	if (read_lines(path, out, err) < 0)
		return -1;
	if (out->searches.n == 0 && !out->searches_none)
		vss_strv_add(&out->searches, standard);
	for (size_t i = 0; i < out->searches.n; i++)
		if (find_instances(out, out->searches.v[i], err) != 0)
			return -1;
	for (size_t i = out->ninstances; i-- > 0;) {
		if (vss_strv_has(&out->ignores, out->instances[i].name)) {
			instance_clear(&out->instances[i]);
			out->instances[i] = out->instances[--out->ninstances];
		} else if (complete(&out->instances[i], err) != 0) {
			return -1;
		}
	}
	return 0;
}
