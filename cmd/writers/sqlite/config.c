/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "os/durable.h"
#include "wire/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_BYTES = 1 << 20, BUSY_MS_MAX = 30000 };

void
config_clear(struct config *c)
{
	vss_strv_free(&c->databases);
	for (size_t i = 0; i < c->ndirectories; i++)
		free(c->directories[i].path);
	free(c->directories);
	vss_strv_free(&c->excludes);
	*c = (struct config)CONFIG_INIT;
}

static char *
take_path(const char *word, struct vss_err *err)
{
	if (word[0] != '/') {
		vss_fail(err, VSS_INVALID, 0, "%s: not an absolute path", word);
		return NULL;
	}
	return vss_path_clean(word, "/");
}

static int
take_database(struct config *c, const struct vss_line *l, struct vss_err *err)
{
	char *path = take_path(vss_line_word(l, 1), err);

	if (!path)
		return -1;
	vss_strv_take(&c->databases, path);
	return 0;
}

static int
take_directory(struct config *c, const struct vss_line *l, struct vss_err *err)
{
	char *path = take_path(vss_line_word(l, 1), err);

	if (!path)
		return -1;
	VSS_PUSH(c->directories, c->ndirectories, c->cdirectories) =
		(struct config_directory){ path, vss_line_flag(l, "recursive", false) };
	return 0;
}

static int
take_exclude(struct config *c, const struct vss_line *l, struct vss_err *err)
{
	char *path = take_path(vss_line_word(l, 1), err);

	if (!path)
		return -1;
	vss_strv_take(&c->excludes, path);
	return 0;
}

static int
take_busy_timeout(struct config *c, const struct vss_line *l, struct vss_err *err)
{
	uint64_t n;

	if (vss_parse_u64(vss_line_word(l, 1), &n) != 0 || n > BUSY_MS_MAX)
		return vss_fail(
			err, VSS_INVALID, 0, "%s: not a number of ms up to %d", vss_line_word(l, 1), BUSY_MS_MAX);
	c->busy_ms = (unsigned)n;
	return 0;
}

static int
take_quick_check(struct config *c, const struct vss_line *l, struct vss_err *err)
{
	const char *word = vss_line_word(l, 1);

	c->quick_check = strcmp(word, "yes") == 0;
	if (!c->quick_check && strcmp(word, "no") != 0)
		return vss_fail(err, VSS_INVALID, 0, "%s: neither yes nor no", word);
	return 0;
}

static int
take_line(struct config *c, const struct vss_line *l, struct vss_err *err)
{
	static const struct {
		const char *key;
		int (*take)(struct config *, const struct vss_line *, struct vss_err *);
	} keys[] = {
		{ "database", take_database },
		{ "directory", take_directory },
		{ "exclude", take_exclude },
		{ "busy-timeout", take_busy_timeout },
		{ "quick-check", take_quick_check },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(vss_line_word(l, 0), keys[i].key) != 0)
			continue;
		if (l->nwords != 2)
			return vss_fail(err, VSS_INVALID, 0, "%s: takes one word", keys[i].key);
		return keys[i].take(c, l, err);
	}
	return vss_fail(err, VSS_INVALID, 0, "%s: not known", vss_line_word(l, 0));
}

static int
take_text(struct config *c, const char *text, struct vss_err *err)
{
	struct vss_line l = VSS_LINE_INIT;

	text += strspn(text, " \t");
	if (*text == '\0' || *text == '#')
		return 0;
	int r = vss_line_parse(text, strlen(text), &l, err);
	if (r == 0)
		r = take_line(c, &l, err);
	vss_line_clear(&l);
	return r;
}

int
config_read(const char *path, struct config *out, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf text = VSS_BUF_INIT;
	unsigned number = 0;

	if (vss_read_file(path, CONFIG_BYTES, &text, err) != 0)
		return err->code == VSS_ABSENT ? 1 : -1;
	char *next = text.data;
	for (const char *line; text.len > 0 && (line = strsep(&next, "\n"));) {
		number++;
		if (take_text(out, line, err) == 0)
			continue;
		err->code = VSS_INVALID;
		return vss_wrap(err, "%s: line %u", path, number);
	}
	return 0;
}
