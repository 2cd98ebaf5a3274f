/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

enum { LOCK_S_MAX = 50, CONNECT_S_MAX = 8 };

static void
clear_instance(struct config_instance *i)
{
	free(i->name);
	free(i->socket);
	free(i->user);
	free(i->defaults_file);
	free(i->server_file);
	free(i->program);
	free(i->datadir);
	free(i->service);
}

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		clear_instance(&c->instances[i]);
	free(c->instances);
	vss_strv_free(&c->ignored);
	*c = (struct config)CONFIG_INIT;
}

/* It becomes the name of a component, a word in evidence and a directory. */
static int
check_name(const char *name, struct vss_err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

	if (*name && *name != '.' && strspn(name, letters) == strlen(name))
		return 0;
	return vss_fail(err, VSS_INVALID, 0, "%s: a name is of letters, digits, _, - and .", name);
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
take_bool(const struct vss_line *l, const char *key, bool *out, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	return word ? vss_config_bool(word, out, err) : 0;
}

static int
take_dumps(const struct vss_line *l, struct config_instance *i, struct vss_err *err)
{
	const char *word = vss_line_get(l, "dumps");

	i->files = !vss_str_eq(word, "only");
	if (word && i->files)
		return vss_config_bool(word, &i->dumps, err);
	i->dumps = !i->files;
	return 0;
}

static int
take_lock(const struct vss_line *l, struct config_instance *i, struct vss_err *err)
{
	const char *word = vss_line_get(l, "lock");

	i->read_lock = vss_str_eq(word, "read-lock");
	if (!word || i->read_lock || strcmp(word, "stage") == 0)
		return 0;
	return vss_fail(err, VSS_INVALID, 0, "lock=%s: neither stage nor read-lock", word);
}

static bool
is_there(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->instances[i].name, name) == 0)
			return true;
	return false;
}

static int
take_instance(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *name = vss_line_word(l, 1);

	if (check_name(name, err) != 0)
		return -1;
	if (is_there(c, name))
		return vss_fail(err, VSS_INVALID, 0, "%s: named twice", name);
	struct config_instance *i = &VSS_PUSH(c->instances, c->n, c->cap);
	*i = (struct config_instance){ .name = vss_strdup(name),
		.user = vss_strdup(vss_line_get(l, "user")),
		.service = vss_strdup(vss_line_get(l, "service")) };
	if (take_path(l, "socket", &i->socket, err) != 0 ||
		take_path(l, "defaults-file", &i->defaults_file, err) != 0 ||
		take_path(l, "server-file", &i->server_file, err) != 0 ||
		take_path(l, "program", &i->program, err) != 0 || take_path(l, "datadir", &i->datadir, err) != 0 ||
		take_bool(l, "stop-service", &i->stop_service, err) != 0 || take_dumps(l, i, err) != 0 ||
		take_lock(l, i, err) != 0)
		return -1;
	if (i->stop_service && !i->service)
		return vss_fail(err, VSS_INVALID, 0, "%s: stop-service=yes needs service=", name);
	if (strcmp(name, DEFAULT_INSTANCE) != 0 && !i->socket && !i->server_file)
		return vss_fail(err, VSS_INVALID, 0, "%s: needs socket= or server-file=", name);
	return 0;
}

static int
take_ignore(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	(void)err;
	vss_strv_add(&c->ignored, vss_line_word(l, 1));
	return 0;
}

static int
take_seconds(const struct vss_line *l, unsigned max, unsigned *out, struct vss_err *err)
{
	uint64_t n;

	if (vss_parse_u64(vss_line_word(l, 1), &n) != 0 || n < 1 || n > max)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: not a number of seconds from 1 to %u", vss_line_word(l, 1), max);
	*out = (unsigned)n;
	return 0;
}

static int
take_lock_timeout(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	return take_seconds(l, LOCK_S_MAX, &c->lock_s, err);
}

static int
take_connect_timeout(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	return take_seconds(l, CONNECT_S_MAX, &c->connect_s, err);
}

/* The one at the usual place needs no line, and a line of its name changes what it says. */
static void
add_default(struct config *c)
{
	if (is_there(c, DEFAULT_INSTANCE) || vss_strv_has(&c->ignored, DEFAULT_INSTANCE))
		return;
	VSS_PUSH(c->instances, c->n, c->cap) =
		(struct config_instance){ .name = vss_strdup(DEFAULT_INSTANCE), .files = true, .by_itself = true };
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char *const pairs[] = { "socket", "user", "defaults-file", "server-file", "program", "datadir",
		"service", "stop-service", "dumps", "lock", NULL };
	static const struct vss_config_key keys[] = {
		{ "instance", 1, 1, pairs, take_instance },
		{ "ignore", 1, 1, NULL, take_ignore },
		{ "lock-timeout", 1, 1, NULL, take_lock_timeout },
		{ "connect-timeout", 1, 1, NULL, take_connect_timeout },
	};

	if (vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err) < 0)
		return -1;
	add_default(out);
	return 0;
}
