/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/trust.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One that was never used has no containers: to ask it would only make its directories. */
static const struct {
	const char *name, *program, *used;
} known[ENGINES] = {
	{ "podman", "/usr/bin/podman", "/var/lib/containers/storage" },
	{ "docker", "/usr/bin/docker", "/run/docker.sock" },
};

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < ENGINES; i++)
		free(c->engines[i].command);
	*c = (struct config){ 0 };
}

static int
take_engine(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *word = l->words[1];
	struct engine *e = c->engines;

	while (strcmp(e->name, l->words[0]) != 0)
		e++;
	if (strcmp(word, "no") != 0 && *word != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: neither an absolute path nor no", word);
	free(e->command);
	e->command = *word == '/' ? vss_path_clean(word, "/") : NULL;
	return 0;
}

static int
take_stop(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	return vss_config_bool(l->words[1], &c->stop_containers, err);
}

static void
look_for_engines(struct config *c)
{
	for (size_t i = 0; i < ENGINES; i++) {
		c->engines[i].name = known[i].name;
		if (geteuid() == 0 && access(known[i].program, X_OK) == 0 && access(known[i].used, F_OK) == 0)
			c->engines[i].command = vss_strdup(known[i].program);
	}
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const struct vss_config_key keys[] = {
		{ "podman", 1, 1, NULL, take_engine },
		{ "docker", 1, 1, NULL, take_engine },
		{ "stop-containers", 1, 1, NULL, take_stop },
	};

	*out = (struct config){ 0 };
	look_for_engines(out);
	if (vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err) < 0)
		return -1;
	for (size_t i = 0; i < ENGINES; i++)
		if (out->engines[i].command && vss_check_trust(out->engines[i].command, err) != 0)
			return -1;
	return 0;
}
