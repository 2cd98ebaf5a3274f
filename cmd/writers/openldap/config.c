/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

enum { HOLD_MS_MAX = 50000 };

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < c->ninstances; i++) {
		free(c->instances[i].name);
		free(c->instances[i].config);
		free(c->instances[i].conf);
		free(c->instances[i].service);
	}
	free(c->instances);
	free(c->service);
	vss_strv_free(&c->ignored);
	*c = (struct config)CONFIG_INIT;
}

static int
take_path(const struct vss_line *l, const char *key, char **out, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	if (!word)
		return 0;
	if (word[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: %s: not an absolute path", key, word);
	*out = vss_path_clean(word, "/");
	return 0;
}

static int
take_bool(const struct vss_line *l, const char *key, bool *out, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	if (word && vss_config_bool(word, out, err) != 0)
		return vss_wrap(err, "%s", key);
	return 0;
}

/* -1 stays what it was when the line does not say it. */
static int
take_choice(const struct vss_line *l, const char *key, int *out, struct vss_err *err)
{
	bool value = false;

	if (take_bool(l, key, &value, err) != 0)
		return -1;
	if (vss_line_get(l, key))
		*out = value;
	return 0;
}

/* The name is the logical path of the components. */
static int
check_name(const struct config *c, const char *name, struct vss_err *err)
{
	if (name[0] == '\0' || strpbrk(name, "/\\*?"))
		return vss_fail(err, VSS_INVALID, 0, "instance \"%s\": not a name", name);
	for (size_t i = 0; i < c->ninstances; i++)
		if (vss_str_caseeq(c->instances[i].name, name))
			return vss_fail(err, VSS_INVALID, 0, "instance %s: named twice", name);
	return 0;
}

static int
take_instance(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *name = vss_line_word(l, 1);

	if (check_name(c, name, err) != 0)
		return -1;
	struct config_instance *i = &VSS_PUSH(c->instances, c->ninstances, c->cinstances);
	*i = (struct config_instance){ .name = vss_strdup(name),
		.service = vss_strdup(vss_line_get(l, "service")),
		.stop_service = -1,
		.ldif = -1 };
	if (take_path(l, "config", &i->config, err) != 0 || take_path(l, "conf", &i->conf, err) != 0 ||
		take_choice(l, "stop-service", &i->stop_service, err) != 0 ||
		take_choice(l, "ldif", &i->ldif, err) != 0)
		return vss_wrap(err, "instance %s", name);
	if (!i->config == !i->conf)
		return vss_fail(err, VSS_INVALID, 0, "instance %s: needs config=DIR or conf=FILE", name);
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
take_hold_timeout(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	uint64_t n;

	if (vss_parse_u64(vss_line_word(l, 1), &n) != 0 || n == 0 || n > HOLD_MS_MAX)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: not a number of ms up to %d", vss_line_word(l, 1), HOLD_MS_MAX);
	c->hold_ms = (unsigned)n;
	return 0;
}

static int
take_options(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *service = vss_line_get(l, "service");

	if (service) {
		free(c->service);
		c->service = vss_strdup(service);
	}
	if (take_bool(l, "discover", &c->discover, err) != 0 ||
		take_bool(l, "stop-service", &c->stop_service, err) != 0)
		return -1;
	return take_bool(l, "ldif", &c->ldif, err);
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char *const instance_pairs[] = { "config", "conf", "service", "stop-service", "ldif", NULL };
	static const char *const option_pairs[] = { "discover", "service", "stop-service", "ldif", NULL };
	static const struct vss_config_key keys[] = {
		{ "instance", 1, 1, instance_pairs, take_instance },
		{ "ignore", 1, 1, NULL, take_ignore },
		{ "hold-timeout", 1, 1, NULL, take_hold_timeout },
		{ "options", 0, 0, option_pairs, take_options },
	};

	return vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err) < 0 ? -1 : 0;
}
