/* SPDX-License-Identifier: BSD-2-Clause */
#include "pgconf.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "os/durable.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 10 }; /* as the server has it */
#define BYTES_MAX (1u << 20)

struct search {
	const char *parameter;
	char **value;
	unsigned depth;
};

static int read_file(struct search *s, const char *path, struct vss_err *err);

/*
 * A name, then = or blanks, then a value that may be quoted: '' and \' are a quote within. NULL: no such
 * line.
 */
static char *
take_value(const char *text)
{
	struct vss_buf out = VSS_BUF_INIT;

	text += strspn(text, " \t");
	if (*text == '=')
		text += 1 + strspn(text + 1, " \t");
	if (*text != '\'')
		return vss_strndup(text, strcspn(text, " \t\r#"));
	for (text++; *text; text++) {
		if (*text == '\'' && text[1] != '\'')
			break;
		if ((*text == '\'' || *text == '\\') && text[1])
			text++;
		vss_buf_ch(&out, *text);
	}
	return vss_buf_take(&out);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_conf(const struct dirent *e)
{
	return e->d_name[0] != '.' && vss_str_ends(e->d_name, ".conf");
}

static int
read_directory(struct search *s, const char *dir, struct vss_err *err)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_conf, by_name), r = 0;

	if (n < 0)
		return vss_fail(err, VSS_SYSTEM, errno, "%s", dir);
	for (int i = 0; i < n; i++) {
		VSS_AUTOFREE char *path = vss_path_join(dir, entries[i]->d_name);

		if (r == 0)
			r = read_file(s, path, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int
follow(struct search *s, const char *word, const char *target, struct vss_err *err)
{
	if (strcmp(word, "include_dir") == 0)
		return read_directory(s, target, err);
	int r = read_file(s, target, err);
	return r != 0 && err->code == VSS_ABSENT && strcmp(word, "include_if_exists") == 0 ? 0 : r;
}

static int
take_line(struct search *s, const char *file, const char *line, struct vss_err *err)
{
	line += strspn(line, " \t");
	size_t n = strcspn(line, " \t=#\r");
	VSS_AUTOFREE char *word = vss_strndup(line, n);

	if (n == 0)
		return 0;
	VSS_AUTOFREE char *value = take_value(line + n);
	if (vss_str_starts(word, "include")) {
		VSS_AUTOFREE char *dir = vss_path_dir(file);
		VSS_AUTOFREE char *target = vss_path_clean(value, dir);
		return follow(s, word, target, err);
	}
	if (vss_str_caseeq(word, s->parameter)) {
		free(*s->value);
		*s->value = vss_take(&value);
	}
	return 0;
}

static int
read_file(struct search *s, const char *path, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	VSS_AUTOFREE char *real = realpath(path, NULL); /* Debian links some of them */
	int r = 0;

	if (s->depth >= DEPTH_MAX)
		return vss_fail(err, VSS_INVALID, 0, "%s: included too deeply", path);
	if (vss_read_file(real ? real : path, BYTES_MAX, &text, err) != 0)
		return -1;
	s->depth++;
	vss_buf_ch(&text, '\0');
	char *next = text.data;
	for (const char *line; r == 0 && (line = strsep(&next, "\n"));)
		r = take_line(s, path, line, err);
	s->depth--;
	return r;
}

int
pgconf_get(const char *path, const char *parameter, char **value, struct vss_err *err)
{
	struct search s = { parameter, value, 0 };

	*value = NULL;
	if (read_file(&s, path, err) == 0)
		return 0;
	free(*value);
	*value = NULL;
	return -1;
}
