/* SPDX-License-Identifier: BSD-2-Clause */
#include "redisconf.h"

#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REDIS_PORT = 6379, CONF_BYTES = 1 << 20 };

void
redisconf_clear(struct redisconf *c)
{
	layout_clear(&c->layout);
	free(c->socket);
	free(c->host);
	free(c->pidfile);
	*c = (struct redisconf){ 0 };
}

static void
put(char **to, const char *value)
{
	free(*to);
	*to = *value ? vss_strdup(value) : NULL;
}

/* "* -::*", "127.0.0.1 -::1": the first that is an address; a star or 0.0.0.0 can be had at the loopback. */
static void
put_host(struct redisconf *c, const char *value)
{
	const char *word = value + (*value == '-');
	size_t n = strcspn(word, " \t");

	if (n == 0 || *word == '*' || strncmp(word, "0.0.0.0", n) == 0 || strncmp(word, "::", n) == 0)
		return;
	free(c->host);
	c->host = vss_strndup(word, n);
}

static void
put_port(struct redisconf *c, const char *value)
{
	uint64_t n;

	if (vss_parse_u64(value, &n) == 0 && n <= 65535)
		c->port = (unsigned)n;
}

static bool
is_yes(const char *value)
{
	return strcasecmp(value, "yes") == 0;
}

static void
take(struct redisconf *c, const char *key, const char *value)
{
	const struct {
		const char *key;
		char **to;
	} texts[] = {
		{ "dir", &c->layout.dir },
		{ "dbfilename", &c->layout.rdb },
		{ "appendfilename", &c->layout.aof },
		{ "appenddirname", &c->layout.aof_dir },
		{ "cluster-config-file", &c->layout.nodes },
		{ "unixsocket", &c->socket },
		{ "pidfile", &c->pidfile },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcasecmp(key, texts[i].key) == 0)
			put(texts[i].to, value);
	if (strcasecmp(key, "port") == 0)
		put_port(c, value);
	else if (strcasecmp(key, "bind") == 0)
		put_host(c, value);
	else if (strcasecmp(key, "appendonly") == 0)
		c->layout.aof_on = is_yes(value);
	else if (strcasecmp(key, "save") == 0)
		c->layout.saves = *value != '\0';
	else if (strcasecmp(key, "sentinel") == 0)
		c->sentinel = true;
}

/* `key value...`, the value perhaps in quotes; escapes in them stand in no name that could be backed up. */
static void
take_line(struct redisconf *c, char *line, bool *clustered)
{
	char *key = line + strspn(line, " \t");
	char *value = key + strcspn(key, " \t\r");
	size_t n;

	if (*key == '\0' || *key == '#')
		return;
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	for (n = strlen(value); n > 0 && strchr(" \t\r", value[n - 1]); n--)
		value[n - 1] = '\0';
	if (n > 1 && (*value == '"' || *value == '\'') && value[n - 1] == *value) {
		value[n - 1] = '\0';
		value++;
	}
	if (strcasecmp(key, "cluster-enabled") == 0)
		*clustered = is_yes(value);
	take(c, key, value);
}

int
redisconf_read(const char *path, struct redisconf *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	bool clustered = false;

	redisconf_clear(out);
	out->port = REDIS_PORT;
	out->layout = (struct layout){
		.rdb = vss_strdup("dump.rdb"),
		.aof = vss_strdup("appendonly.aof"),
		.aof_dir = vss_strdup("appendonlydir"),
		.nodes = vss_strdup("nodes.conf"),
		.saves = true,
	};
	VSS_AUTOFREE char *real = realpath(path, NULL);
	if (!real)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", path);
	if (vss_read_file(real, CONF_BYTES, &text, err) != 0)
		return -1;
	char *next = text.data;
	for (char *line; text.len > 0 && (line = strsep(&next, "\n"));)
		take_line(out, line, &clustered);
	if (!clustered)
		put(&out->layout.nodes, "");
	return 0;
}
