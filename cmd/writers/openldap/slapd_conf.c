/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include "base/mem.h"
#include "base/path.h"
#include "os/durable.h"

#include <stdlib.h>
#include <string.h>

/*
 * slapd.conf(5), as far as it says where databases are: a line that begins with a blank continues the
 * one before, words may stand in double quotes with a backslash before a quote, `include` reads another
 * file in place.
 */
enum { CONF_BYTES = 16 << 20, CONF_FILES_MAX = 200 };

struct reading {
	struct server *server;
	const struct vss_strv *ignored;
	char *type; /* of the database whose lines are being read, or NULL */
	char *suffix, *directory;
	struct vss_buf sync;
	unsigned number; /* of the databases until now */
};

static int read_file(struct reading *r, const char *path, struct vss_err *err);

static int
end_database(struct reading *r, struct vss_err *err)
{
	int status = 0;

	if (r->type) {
		struct database found = {
			.suffix = r->suffix, .directory = r->directory, .sync = r->sync.len > 0 ? r->sync.data : NULL
		};
		VSS_AUTOFREE char *entry = vss_strf("{%u}%s", r->number, r->type);

		status = server_add_database(r->server, r->ignored, &found, entry, err);
	}
	free(r->type);
	free(r->suffix);
	free(r->directory);
	r->type = r->suffix = r->directory = NULL;
	vss_buf_reset(&r->sync);
	return status;
}

/* The words of a line; a quote that is not closed ends with it. */
static void
split(const char *p, struct vss_strv *words)
{
	while (*(p += strspn(p, " \t\r")) != '\0') {
		struct vss_buf word = VSS_BUF_INIT;
		bool quoted = false;

		for (; *p && (quoted || !strchr(" \t\r", *p)); p++) {
			if (*p == '"') {
				quoted = !quoted;
				continue;
			}
			if (p[0] == '\\' && p[1])
				p++;
			vss_buf_ch(&word, *p);
		}
		vss_strv_take(words, vss_buf_take(&word));
	}
}

static bool
is_on(const struct vss_strv *words)
{
	static const char *const off[] = { "off", "no", "false", "0" };

	for (size_t i = 0; words->n > 1 && i < sizeof off / sizeof *off; i++)
		if (vss_str_caseeq(words->v[1], off[i]))
			return false;
	return true;
}

static void
take_flags(struct reading *r, const struct vss_strv *words)
{
	static const char *const flags[] = { "nosync", "nometasync", "writemap", "mapasync" };

	for (size_t i = 1; i < words->n; i++)
		for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
			if (strcmp(words->v[i], flags[k]) == 0)
				vss_buf_fmt(&r->sync, "%s%s", r->sync.len > 0 ? " " : "", flags[k]);
}

static int
take_database(struct reading *r, const char *type, struct vss_err *err)
{
	if (end_database(r, err) != 0)
		return -1;
	/* slapd gives numbers to those that are no frontend and no configuration. */
	if (strcmp(type, "frontend") != 0 && strcmp(type, "config") != 0)
		r->number++;
	r->type = vss_strdup(type);
	return 0;
}

static int
take_line(struct reading *r, const char *line, struct vss_err *err)
{
	VSS_AUTOSTRV struct vss_strv words = VSS_STRV_INIT;

	split(line, &words);
	const char *key = words.n > 0 ? words.v[0] : "", *value = words.n > 1 ? words.v[1] : NULL;
	if (value && vss_str_caseeq(key, "include"))
		return read_file(r, value, err);
	if (value && vss_str_caseeq(key, "database"))
		return take_database(r, value, err);
	if (value && vss_str_caseeq(key, "suffix") && !r->suffix)
		r->suffix = vss_strdup(value);
	else if (value && vss_str_caseeq(key, "directory") && !r->directory)
		r->directory = vss_strdup(value);
	else if (vss_str_caseeq(key, "dbnosync") && is_on(&words))
		vss_buf_fmt(&r->sync, "%sdbnosync", r->sync.len > 0 ? " " : "");
	else if (vss_str_caseeq(key, "envflags"))
		take_flags(r, &words);
	return 0;
}

/* A comment is continued, too. */
static int
take_text(struct reading *r, char *text, struct vss_err *err)
{
	for (char *p = text, *end; *p; p = end) {
		end = p + strcspn(p, "\n");
		while (end[0] && (end[1] == ' ' || end[1] == '\t')) {
			*end = ' ';
			end += strcspn(end, "\n");
		}
		if (*end)
			*end++ = '\0';
		if (*p != '#' && take_line(r, p, err) != 0)
			return -1;
	}
	return 0;
}

static int
read_file(struct reading *r, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	struct vss_strv *files = &r->server->conf;

	if (path[0] != '/')
		return vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path", path);
	if (files->n >= CONF_FILES_MAX)
		return vss_fail(err, VSS_INVALID, 0, "%s: includes too much", files->v[0]);
	if (vss_strv_has(files, path))
		return 0; /* read before */
	vss_strv_add(files, path);
	if (vss_read_file(path, CONF_BYTES, &text, err) != 0)
		return -1;
	vss_buf_ch(&text, '\0');
	return take_text(r, text.data, err);
}

int
server_read_conf(struct server *s, const struct vss_strv *ignored, struct vss_err *err)
{
	struct reading r = { .server = s, .ignored = ignored };
	VSS_AUTOFREE char *first = vss_strdup(s->conf.v[0]);

	vss_strv_free(&s->conf);
	int status = read_file(&r, first, err);

	if (status == 0)
		status = end_database(&r, err);
	free(r.type);
	free(r.suffix);
	free(r.directory);
	vss_buf_free(&r.sync);
	return status;
}
