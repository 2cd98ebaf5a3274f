/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "wire/config.h"

#include <stdlib.h>
#include <string.h>

#define DISCOVER_DEFAULT "/etc/postgresql"
#define DUMPS_DEFAULT "/var/backups/vss/postgresql"

static void
cluster_options_clear(struct config_cluster *k)
{
	free(k->name);
	free(k->data);
	free(k->host);
	free(k->port);
	free(k->user);
	free(k->dbname);
	free(k->bindir);
	free(k->service);
	free(k->archive);
}

void
config_clear(struct config *c)
{
	for (size_t i = 0; i < c->nclusters; i++)
		cluster_options_clear(&c->clusters[i]);
	free(c->clusters);
	vss_strv_free(&c->ignored);
	free(c->discover);
	free(c->dump_directory);
	*c = (struct config){ 0 };
}

const struct config_cluster *
config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->nclusters; i++)
		if (strcmp(c->clusters[i].name, name) == 0)
			return &c->clusters[i];
	return NULL;
}

/* The value of `key` as a clean path into *to; absent: as it was. */
static int
take_path(const struct vss_line *l, const char *key, char **to, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	if (!word)
		return 0;
	if (word[0] != '/' || strpbrk(word, "*?\\"))
		return vss_fail(
			err, VSS_INVALID, 0, "%s=%s: not an absolute path, or with *, ? or a backslash", key, word);
	free(*to);
	*to = vss_path_clean(word, "/");
	return 0;
}

static int
take_bool(const struct vss_line *l, const char *key, bool *to, struct vss_err *err)
{
	const char *word = vss_line_get(l, key);

	return word ? vss_config_bool(word, to, err) : 0;
}

/* The name becomes a logical path and the name of a component, and of a directory. */
static int
check_name(const char *name, struct vss_err *err)
{
	if (!vss_path_is_safe_relative(name, strlen(name)) || strpbrk(name, "\\*?"))
		return vss_fail(err, VSS_INVALID, 0, "%s: not a name of a cluster", name);
	return 0;
}

static int
check_port(const char *port, struct vss_err *err)
{
	uint64_t n;

	if (port && (vss_parse_u64(port, &n) != 0 || n < 1 || n > 65535))
		return vss_fail(err, VSS_INVALID, 0, "port=%s: not a port", port);
	return 0;
}

static int
take_cluster_paths(struct config_cluster *k, const struct vss_line *l, struct vss_err *err)
{
	if (take_path(l, "data", &k->data, err) != 0 || take_path(l, "bindir", &k->bindir, err) != 0)
		return -1;
	return take_path(l, "archive", &k->archive, err);
}

static int
take_cluster_words(struct config_cluster *k, const struct vss_line *l, struct vss_err *err)
{
	k->host = vss_strdup(vss_line_get(l, "host"));
	k->port = vss_strdup(vss_line_get(l, "port"));
	k->user = vss_strdup(vss_line_get(l, "user"));
	k->dbname = vss_strdup(vss_line_get(l, "dbname"));
	k->service = vss_strdup(vss_line_get(l, "service"));
	k->dumps_said = vss_line_get(l, "dumps") != NULL;
	if (check_port(k->port, err) != 0 || take_bool(l, "dumps", &k->dumps, err) != 0 ||
		take_bool(l, "stop-service", &k->stop_service, err) != 0)
		return -1;
	if (k->stop_service && !k->service)
		return vss_fail(err, VSS_INVALID, 0, "stop-service=yes: names no service=");
	return 0;
}

static int
take_cluster(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *name = vss_line_word(l, 1);

	if (check_name(name, err) != 0)
		return -1;
	if (config_find(c, name))
		return vss_fail(err, VSS_INVALID, 0, "cluster %s: a second time", name);
	struct config_cluster *k = &VSS_PUSH(c->clusters, c->nclusters, c->cclusters);
	*k = (struct config_cluster){ .name = vss_strdup(name) };
	return take_cluster_paths(k, l, err) == 0 ? take_cluster_words(k, l, err) : -1;
}

static int
take_ignore(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	if (check_name(vss_line_word(l, 1), err) != 0)
		return -1;
	vss_strv_add(&c->ignored, vss_line_word(l, 1));
	return 0;
}

static int
take_discover(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;
	const char *word = vss_line_word(l, 1);

	if (word[0] != '/' && strcmp(word, "no") != 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: neither a directory nor no", word);
	free(c->discover);
	c->discover = word[0] == '/' ? vss_path_clean(word, "/") : NULL;
	return 0;
}

static int
take_options(void *ctx, const struct vss_line *l, struct vss_err *err)
{
	struct config *c = ctx;

	if (take_bool(l, "dumps", &c->dumps, err) != 0 || take_bool(l, "purge-logs", &c->purge_logs, err) != 0)
		return -1;
	return take_path(l, "dump-directory", &c->dump_directory, err);
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	static const char *const cluster_pairs[] = { "data", "host", "port", "user", "dbname", "bindir", "service",
		"stop-service", "dumps", "archive", NULL };
	static const char *const options_pairs[] = { "dumps", "dump-directory", "purge-logs", NULL };
	static const struct vss_config_key keys[] = {
		{ "cluster", 1, 1, cluster_pairs, take_cluster },
		{ "ignore", 1, 1, NULL, take_ignore },
		{ "discover", 1, 1, NULL, take_discover },
		{ "options", 0, 0, options_pairs, take_options },
	};

	*out = (struct config){ .discover = vss_strdup(DISCOVER_DEFAULT), .dump_directory = vss_strdup(DUMPS_DEFAULT) };
	return vss_config_read(path, keys, sizeof keys / sizeof *keys, out, err) < 0 ? -1 : 0;
}
